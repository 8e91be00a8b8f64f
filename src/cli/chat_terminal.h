// The terminal of a chat: lines in, text of a model out, and Ctrl-C, which stops an answer and
// never the program.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cli/line_editor.h"

namespace myna::cli {

// One at a time; while it lives, SIGINT sets stop() instead of ending the process, and a second one
// within an answer too. SIGTERM and SIGHUP set it as well and end read_line() for good.
class ChatTerminal {
 public:
  ChatTerminal();
  ~ChatTerminal();
  ChatTerminal(const ChatTerminal&) = delete;
  ChatTerminal& operator=(const ChatTerminal&) = delete;

  // Without its line end. Nothing at the end of input. Ctrl-C drops what was typed and asks again.
  std::optional<std::string> read_line(std::string_view prompt);

  // What a model writes may not steer the terminal: control characters are left out of it. Throws
  // Error kIo.
  void show(std::string_view text);

  // Cleared by begin_answer().
  const std::atomic<bool>& stop() const;
  void begin_answer();
  bool ended() const;  // by SIGTERM or SIGHUP

 private:
  std::optional<std::string> edit_line(const std::string& prompt);

  std::unique_ptr<LineEditor> editor_;  // where input and output are a terminal
  std::string input_;                   // read and not yet a line
};

// Without control characters, but for line ends and tabs.
std::string without_controls(std::string_view text);

}  // namespace myna::cli
