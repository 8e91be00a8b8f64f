// The TEXT|-|FILE argument of the subcommands that read text.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace myna::cli {

enum class InputKind : uint8_t {
  kGuess,  // "-" is standard input, the name of an existing file is that file, the rest is text
  kText,   // --text
  kFile,   // --file
};

struct InputText {
  std::string text;            // as it is: any bytes
  std::string name;            // for messages: the path, "standard input" or "text"
  std::filesystem::path file;  // empty when it is no file
};

// Without an argument standard input is read unless it is a terminal. Guessing: something that ends
// like a text file (.txt, .md,
// ...) without a blank in it, or with a "/", and that does not exist is a missing file.
// Throws Error kNotFound, kIo, kInvalidArgument (no text; UTF-16 or binary data),
// kResourceExhausted.
InputText read_input_text(const std::optional<std::string>& argument, InputKind kind);

// Whether these arguments mean standard input, so that it may be read while it comes.
bool is_standard_input(const std::optional<std::string>& argument, InputKind kind);

// Throws Error kInvalidArgument for UTF-16 or binary data; the first 4 KB are enough.
void require_text(const InputText& input);

// Reads a descriptor as it comes.
class LiveInput {
 public:
  explicit LiveInput(int descriptor) : descriptor_(descriptor) {}
  // Appends what is there to `to`, and waits for the first of it up to timeout_s or until a signal
  // comes. False at the end of the file. Throws Error kIo.
  bool read(std::string& to, double timeout_s);

 private:
  int descriptor_;
};

}  // namespace myna::cli
