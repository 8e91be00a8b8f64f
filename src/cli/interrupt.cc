#include "cli/interrupt.h"

#include <csignal>

namespace myna::cli {
namespace {

// A signal handler reaches nothing but statics. Lock-free, so that it may write it.
std::atomic<bool> cancel_flag{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void handle(int signal_number) {
  if (cancel_flag.exchange(true)) {
    std::signal(signal_number, SIG_DFL);
    std::raise(signal_number);
  }
}

void install(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  // Reads and writes go on: the work looks at the flag between pieces.
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGHUP, &action, nullptr);
}

}  // namespace

InterruptGuard::InterruptGuard() {
  cancel_flag = false;
  install(&handle);
}

InterruptGuard::~InterruptGuard() { install(SIG_DFL); }

const std::atomic<bool>& InterruptGuard::cancel() { return cancel_flag; }

}  // namespace myna::cli
