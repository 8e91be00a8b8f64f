// The one error type of Myna: thrown where this request cannot go on, mapped once to exit codes
// (cli/exit_codes.h) and once to HTTP. Expected absence is std::optional; what people write is
// answered with diagnostics, not with an Error.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace myna {

enum class ErrorCode {
  kInvalidArgument,    // the request itself is wrong: an option, a voice name, a text encoding
  kNotFound,           // a file, model or voice is not there
  kCorruptData,        // a file is there, but its content breaks its format or its checksum
  kIo,                 // the operating system refused: permissions, full disk, broken pipe
  kUnavailable,        // a model is not installed, a helper program is missing
  kResourceExhausted,  // over a stated limit: text too long, queue full
  kCancelled,          // the caller asked to stop
  kInternal,           // a bug in Myna
};

// "invalid argument", "not found", ... as shown to people.
std::string_view error_code_name(ErrorCode code);

// what() is "message" or "message (hint)". Thread-safe to copy and to read.
class Error : public std::runtime_error {
 public:
  // message: what was wrong and where. hint: what to do about it, may be empty.
  Error(ErrorCode code, std::string message, std::string hint = {});

  ErrorCode code() const { return code_; }
  const std::string& message() const { return message_; }
  const std::string& hint() const { return hint_; }

 private:
  ErrorCode code_;
  std::string message_;
  std::string hint_;
};

// An Error made from errno: "cannot open 'x': No space left on device". ENOENT becomes kNotFound,
// everything else kIo.
Error errno_error(std::string_view what, int error_number, std::string hint = {});

}  // namespace myna
