#include "cli/chat_terminal.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "base/error.h"
#include "cli/console.h"

namespace myna::cli {
namespace {

constexpr const char* kHowToEnd = "\n(Ctrl-D or /quit ends the chat)\n";

// Signal handlers reach nothing but statics.
std::atomic<bool> stop_flag{false};
std::atomic<bool> end_flag{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void handle(int signal_number) {
  if (signal_number != SIGINT) end_flag = true;
  stop_flag = true;
}

void install(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = 0;  // a read at the prompt has to return
  sigemptyset(&action.sa_mask);
  for (const int signal_number : {SIGINT, SIGTERM, SIGHUP})
    sigaction(signal_number, &action, nullptr);
}

}  // namespace

std::string without_controls(std::string_view text) {
  std::string shown;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F are C2 80 to C2 9F; terminals take them for controls.
    if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) {
      ++i;
      continue;
    }
    if ((byte >= 0x20 && byte != 0x7F) || byte == '\n' || byte == '\t') shown += text[i];
  }
  return shown;
}

ChatTerminal::ChatTerminal() {
  stop_flag = false;
  end_flag = false;
  install(&handle);
  if (LineEditor::is_possible()) {
    editor_ = std::make_unique<LineEditor>([] { return stop_flag.load() || end_flag.load(); });
  }
}

ChatTerminal::~ChatTerminal() { install(SIG_DFL); }

const std::atomic<bool>& ChatTerminal::stop() const { return stop_flag; }
void ChatTerminal::begin_answer() { stop_flag = end_flag.load(); }
bool ChatTerminal::ended() const { return end_flag; }

void ChatTerminal::show(std::string_view text) { write_stdout(without_controls(text)); }

std::optional<std::string> ChatTerminal::edit_line(const std::string& prompt) {
  std::string line;
  while (true) {
    switch (editor_->read(prompt, line)) {
      case LineEditor::End::kLine:
        return line;
      case LineEditor::End::kEnd:
        return std::nullopt;
      case LineEditor::End::kInterrupted:
        if (end_flag) return std::nullopt;
        stop_flag = false;
        write_stdout(kHowToEnd);
    }
  }
}

std::optional<std::string> ChatTerminal::read_line(std::string_view prompt) {
  stop_flag = end_flag.load();
  if (editor_ != nullptr) return edit_line(std::string(prompt));
  write_stdout(prompt);
  while (true) {
    const size_t end = input_.find('\n');
    if (end != std::string::npos) {
      std::string line = input_.substr(0, end);
      input_.erase(0, end + 1);
      if (line.ends_with('\r')) line.pop_back();
      return line;
    }
    // With a limit, so that a signal between the test and the wait is not missed for long.
    pollfd ready{STDIN_FILENO, POLLIN, 0};
    const int count = ::poll(&ready, 1, 200);
    if (end_flag) return std::nullopt;
    if (stop_flag.exchange(false)) {
      input_.clear();
      write_stdout(kHowToEnd + std::string(prompt));
      continue;
    }
    if (count <= 0) continue;
    char buffer[4096];
    const ssize_t bytes = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes < 0) throw errno_error("cannot read the terminal", errno);
    if (bytes == 0) {
      if (input_.empty()) return std::nullopt;
      return std::exchange(input_, {});
    }
    input_.append(buffer, static_cast<size_t>(bytes));
  }
}

}  // namespace myna::cli
