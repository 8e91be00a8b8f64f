// A helper program that reads what was fetched or found: run with its input on standard input, no
// other files of ours open, and limits on time, memory and output.
#pragma once

#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace myna::trust {

struct HelperLimits {
  double timeout_s = 60;                   // wall clock
  unsigned cpu_s = 40;                     // of the processor
  size_t memory_bytes = size_t{2} << 30;   // address space
  size_t output_bytes = size_t{32} << 20;  // of standard output
  const std::atomic<bool>* cancel = nullptr;
};

struct HelperResult {
  int exit_status = 0;  // 128 + n when signal n ended it
  std::string output;
  std::string errors;  // the first 4 KiB of standard error
};

// Runs arguments[0] (found by PATH). Throws Error kUnavailable when it is not installed,
// kResourceExhausted over a limit, kCancelled, kIo.
HelperResult run_helper(const std::vector<std::string>& arguments, std::string_view input,
                        const HelperLimits& limits = {});

}  // namespace myna::trust
