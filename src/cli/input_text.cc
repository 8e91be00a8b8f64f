#include "cli/input_text.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cmath>
#include <system_error>

#include "base/error.h"
#include "base/file.h"
#include "cli/console.h"
#include "text/front_end.h"

namespace myna::cli {
namespace {

namespace fs = std::filesystem;

bool looks_like_text_file_name(const std::string& argument) {
  constexpr std::array kExtensions = {".txt", ".text", ".md", ".markdown", ".rst"};
  std::string extension = fs::path(argument).extension().string();
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (std::find(kExtensions.begin(), kExtensions.end(), extension) == kExtensions.end()) {
    return false;
  }
  const bool blank = argument.find_first_of(" \t\n") != std::string::npos;
  return !blank || argument.find('/') != std::string::npos;
}

bool is_existing_file(const std::string& argument) {
  std::error_code error;  // a long text is no valid path: that is an error to ignore
  const fs::file_status status = fs::status(argument, error);
  return !error && fs::exists(status) && !fs::is_directory(status);
}

InputText from_file(const std::string& path) {
  if (std::error_code error; fs::is_directory(path, error)) {
    throw Error(ErrorCode::kInvalidArgument, "'" + path + "' is a directory",
                "name a text file in it");
  }
  return {read_file(path, text::FrontEnd::kMaxTextBytes), "'" + path + "'", path};
}

InputText from_stdin() {
  return {read_descriptor(STDIN_FILENO, "standard input", text::FrontEnd::kMaxTextBytes),
          "standard input",
          {}};
}

}  // namespace

// Every other byte of UTF-16 English is 0, and so are many of sound and picture files.
void require_text(const InputText& input) {
  const std::string_view head = std::string_view(input.text).substr(0, 4096);
  if (head.empty()) return;
  const bool utf16_mark = head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF");
  const auto nuls = static_cast<size_t>(std::count(head.begin(), head.end(), '\0'));
  if (utf16_mark) {
    throw Error(ErrorCode::kInvalidArgument, input.name + " is UTF-16 text",
                "convert it: iconv -f UTF-16 -t UTF-8");
  }
  if (nuls * 10 > head.size()) {
    throw Error(ErrorCode::kInvalidArgument, input.name + " is not a text: it holds binary data",
                "give a UTF-8 text or Markdown file");
  }
}

bool is_standard_input(const std::optional<std::string>& argument, InputKind kind) {
  if (!argument) return !stdin_is_terminal();
  return kind != InputKind::kText && *argument == "-";
}

bool LiveInput::read(std::string& to, double timeout_s) {
  // So much at a time that a fast writer is not the only one who works.
  constexpr size_t kMostBytes = size_t{1} << 18;
  char buffer[1 << 14];
  size_t count = 0;
  int timeout_ms = static_cast<int>(std::ceil(std::clamp(timeout_s, 0.0, 60.0) * 1000));
  while (count < kMostBytes) {
    pollfd waiting{descriptor_, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, timeout_ms);
    if (ready < 0 && errno != EINTR) throw errno_error("cannot read standard input", errno);
    if (ready <= 0) return true;
    const ssize_t got = ::read(descriptor_, buffer, sizeof buffer);
    if (got < 0) {
      if (errno == EINTR || errno == EAGAIN) return true;
      throw errno_error("cannot read standard input", errno);
    }
    if (got == 0) return false;
    to.append(buffer, static_cast<size_t>(got));
    count += static_cast<size_t>(got);
    timeout_ms = 0;
  }
  return true;
}

InputText read_input_text(const std::optional<std::string>& argument, InputKind kind) {
  InputText input;
  if (!argument) {
    if (stdin_is_terminal()) {
      throw Error(ErrorCode::kInvalidArgument, "no text is given",
                  "give a text, a file name, or - for standard input");
    }
    input = from_stdin();
  } else if (kind == InputKind::kText) {
    input = {*argument, "text", {}};
  } else if (*argument == "-") {
    input = from_stdin();
  } else if (kind == InputKind::kFile || is_existing_file(*argument)) {
    input = from_file(*argument);
  } else if (looks_like_text_file_name(*argument)) {
    throw Error(ErrorCode::kNotFound, "there is no file '" + *argument + "'",
                "to speak these words themselves, add --text");
  } else {
    input = {*argument, "text", {}};
  }
  require_text(input);
  return input;
}

}  // namespace myna::cli
