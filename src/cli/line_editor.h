// Typing a line in a terminal, with the keys that people expect: arrows, Home and End, Ctrl-A and
// Ctrl-E, Ctrl-R to search, and the lines before with Up. By libedit.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace myna::cli {

class LineEditor {
 public:
  // Of standard input and output. `interrupted` is asked several times a second while it waits.
  // Throws Error kUnavailable where there is no terminal that can be edited in.
  explicit LineEditor(std::function<bool()> interrupted);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  // True where standard input and output are such a terminal.
  static bool is_possible();

  enum class End : unsigned char { kLine, kEnd, kInterrupted };
  // The line without its end, or why there is none: Ctrl-D on an empty line, or `interrupted`; what
  // was typed then is dropped. A line that is not blank can be got again with Up.
  End read(const std::string& prompt, std::string& line);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace myna::cli
