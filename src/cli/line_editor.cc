#include "cli/line_editor.h"

#include <histedit.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <clocale>
#include <cstdio>
#include <cstdlib>

#include "base/error.h"
#include "base/utf8.h"

namespace myna::cli {
namespace {

constexpr int kWait_ms = 200;
constexpr int kRemembered = 500;

}  // namespace

struct LineEditor::State {
  std::function<bool()> interrupted;
  std::string prompt;
  bool was_interrupted = false;
  History* lines = nullptr;
  EditLine* editor = nullptr;

  static State& of(EditLine* editor) {
    void* data = nullptr;
    el_get(editor, EL_CLIENTDATA, &data);
    return *static_cast<State*>(data);
  }

  static char* prompt_of(EditLine* editor) { return of(editor).prompt.data(); }

  // One byte, or false at the end and when somebody interrupts.
  bool read_byte(char& byte) {
    while (true) {
      if (interrupted()) {
        was_interrupted = true;
        return false;
      }
      // With a limit, so that a signal between the test and the wait is not missed for long.
      pollfd ready{STDIN_FILENO, POLLIN, 0};
      if (::poll(&ready, 1, kWait_ms) <= 0) continue;
      const ssize_t bytes = ::read(STDIN_FILENO, &byte, 1);
      if (bytes < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      return bytes == 1;
    }
  }

  // libedit's own would read on when a signal comes.
  static int read_character(EditLine* editor, wchar_t* character) {
    State& state = of(editor);
    std::string bytes(1, '\0');
    if (!state.read_byte(bytes[0])) return 0;
    const auto first = static_cast<unsigned char>(bytes[0]);
    const size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
    while (bytes.size() < length) {
      bytes += '\0';
      if (!state.read_byte(bytes.back())) return 0;
    }
    *character = static_cast<wchar_t>(decode_utf8(bytes, 0).code_point);
    return 1;
  }
};

bool LineEditor::is_possible() {
  const char* terminal = std::getenv("TERM");
  return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1 && terminal != nullptr &&
         std::string(terminal) != "dumb" && *terminal != '\0';
}

LineEditor::LineEditor(std::function<bool()> interrupted) : state_(std::make_unique<State>()) {
  // libedit counts columns and writes by the locale; Myna's text is UTF-8 whatever it is.
  if (std::setlocale(LC_CTYPE, "C.UTF-8") == nullptr) std::setlocale(LC_CTYPE, "");
  state_->interrupted = std::move(interrupted);
  state_->lines = history_init();
  state_->editor = el_init("myna", stdin, stdout, stderr);
  if (state_->editor == nullptr || state_->lines == nullptr) {
    if (state_->lines != nullptr) history_end(state_->lines);
    throw Error(ErrorCode::kUnavailable, "this terminal cannot be edited in");
  }
  HistEvent event;
  history(state_->lines, &event, H_SETSIZE, kRemembered);
  history(state_->lines, &event, H_SETUNIQUE, 1);
  EditLine* const editor = state_->editor;
  el_set(editor, EL_CLIENTDATA, state_.get());
  el_set(editor, EL_PROMPT, &State::prompt_of);
  el_set(editor, EL_EDITOR, "emacs");
  el_set(editor, EL_HIST, history, state_->lines);
  el_set(editor, EL_GETCFN, &State::read_character);
  el_set(editor, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  for (const auto& [keys, action] :
       {std::pair{"\033[1~", "ed-move-to-beg"}, std::pair{"\033[4~", "ed-move-to-end"},
        std::pair{"\033[3~", "ed-delete-next-char"}, std::pair{"\033[1;5D", "ed-prev-word"},
        std::pair{"\033[1;5C", "em-next-word"}}) {
    el_set(editor, EL_BIND, keys, action, nullptr);
  }
}

LineEditor::~LineEditor() {
  el_end(state_->editor);
  history_end(state_->lines);
}

LineEditor::End LineEditor::read(const std::string& prompt, std::string& line) {
  state_->prompt = prompt;
  state_->was_interrupted = false;
  int count = 0;
  const char* typed = el_gets(state_->editor, &count);
  if (state_->was_interrupted) {
    el_reset(state_->editor);
    return End::kInterrupted;
  }
  if (typed == nullptr || count <= 0) return End::kEnd;
  line.assign(typed, static_cast<size_t>(count));
  while (line.ends_with('\n') || line.ends_with('\r')) line.pop_back();
  if (line.find_first_not_of(" \t") != std::string::npos) {
    HistEvent event;
    history(state_->lines, &event, H_ENTER, line.c_str());
  }
  return End::kLine;
}

}  // namespace myna::cli
