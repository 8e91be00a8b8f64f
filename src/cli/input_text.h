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

}  // namespace myna::cli
