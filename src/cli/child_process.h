// A helper program whose standard output is read line by line.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace myna::cli {

// Runs arguments[0] (found by PATH), standard error passed through, and calls on_line for each
// line of its standard output. Returns its exit status, 128 + n when signal n ended it. When
// `cancel` becomes true it is sent SIGTERM once and waited for.
// Throws Error kUnavailable when the program cannot be started.
int run_child(const std::vector<std::string>& arguments,
              const std::function<void(std::string_view)>& on_line,
              const std::atomic<bool>& cancel);

}  // namespace myna::cli
