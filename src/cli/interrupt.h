// Ctrl-C: the first SIGINT or SIGTERM asks the work to stop where what is done can be kept, the
// second one kills.
#pragma once

#include <atomic>

namespace myna::cli {

// Handles the signals while it lives; without one they kill at once, which is right before there
// is anything to keep. One at a time.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  // Set by the signal.
  static const std::atomic<bool>& cancel();
};

}  // namespace myna::cli
