// How a caller's wish to stop reaches the loops below it: a scope on the working thread names the
// flags, and every ThreadPool::parallel_for that this thread starts looks at them between two
// tasks. It spares each operation of a backend a parameter that it only passes on.
#pragma once

#include <atomic>
#include <span>

namespace myna {

// Belongs to the thread that made it; scopes of one thread end in reverse order. The flags outlive
// the scope and may be set from any thread.
class CancelScope {
 public:
  explicit CancelScope(std::span<const std::atomic<bool>* const> flags);
  ~CancelScope();
  CancelScope(const CancelScope&) = delete;
  CancelScope& operator=(const CancelScope&) = delete;

  // Whether a flag is set. Safe from any thread while the scope lives.
  bool requested() const;
  // Of this thread; null outside of every scope. An inner scope takes the place of an outer one.
  static const CancelScope* current();

 private:
  std::span<const std::atomic<bool>* const> flags_;
  const CancelScope* outer_;
};

}  // namespace myna
