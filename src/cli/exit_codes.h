// Exit codes of `myna`, the one place where Error codes become them. Documented in docs/cli.md and
// at the foot of every --help.
#pragma once

#include "base/error.h"

namespace myna::cli {

enum class ExitCode : int {
  kOk = 0,
  kFindings = 1,      // lint found errors in the text
  kUsage = 2,         // an option or the text itself is wrong; nothing to speak
  kNotFound = 3,      // a file or a name is not there
  kCorruptData = 4,   // a model file is damaged
  kIo = 5,            // cannot read or write: permissions, full disk
  kUnavailable = 6,   // a model package is not installed, a helper program is missing
  kLimit = 7,         // over a stated limit: text too long
  kInternal = 70,     // a bug in Myna
  kCancelled = 130,   // Ctrl-C; what was done until then is on disk
  kBrokenPipe = 141,  // the reader of standard output went away
};

ExitCode exit_code_for(ErrorCode code);

// The foot of every --help.
inline constexpr const char* kExitCodeHelp =
    "Exit codes: 0 done, 1 errors in the text (lint), 2 wrong usage or nothing to speak,\n"
    "  3 not found, 4 damaged model, 5 cannot read or write, 6 model not installed,\n"
    "  7 over a limit, 70 a bug in Myna, 130 interrupted (what was done is kept),\n"
    "  141 the reading end of the pipe closed";

}  // namespace myna::cli
