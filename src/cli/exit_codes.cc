#include "cli/exit_codes.h"

namespace myna::cli {

ExitCode exit_code_for(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return ExitCode::kUsage;
    case ErrorCode::kNotFound:
      return ExitCode::kNotFound;
    case ErrorCode::kCorruptData:
      return ExitCode::kCorruptData;
    case ErrorCode::kIo:
      return ExitCode::kIo;
    case ErrorCode::kUnavailable:
      return ExitCode::kUnavailable;
    case ErrorCode::kResourceExhausted:
      return ExitCode::kLimit;
    case ErrorCode::kCancelled:
      return ExitCode::kCancelled;
    case ErrorCode::kInternal:
      break;
  }
  return ExitCode::kInternal;
}

}  // namespace myna::cli
