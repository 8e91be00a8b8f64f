// A fixed set of threads for data-parallel loops. One pool is made by the caller that owns the
// thread budget (--threads) and passed down; nothing global.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace myna {

// parallel_for may be called from several threads; calls are served one at a time (the second
// caller waits). It must not be called from inside a task of the same pool.
class ThreadPool {
 public:
  // thread_count counts the calling thread, so that 1 starts no thread. 0 means one a core.
  explicit ThreadPool(unsigned thread_count);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  unsigned size() const { return static_cast<unsigned>(workers_.size()) + 1; }

  // Calls task(index, thread) for every index in [0, count), thread in [0, size()). Returns when
  // all are done; the first exception thrown by a task is thrown again here. Which thread runs
  // which index is not fixed: a task's result must depend on its index only. Allocates nothing.
  // Inside of a CancelScope of the caller the flags are looked at before each task: then Error
  // kCancelled, and the tasks that are left are not run.
  template <typename Task>
  void parallel_for(size_t count, const Task& task) {
    run(count, &call<Task>, &task);
  }

 private:
  using Function = void (*)(const void* context, size_t index, unsigned thread);
  template <typename Task>
  static void call(const void* context, size_t index, unsigned thread) {
    (*static_cast<const Task*>(context))(index, thread);
  }
  struct Job;

  void run(size_t count, Function function, const void* context);
  void work(unsigned thread);
  static void drain(Job& job, unsigned thread);

  std::mutex caller_mutex_;  // one parallel_for at a time
  std::mutex mutex_;         // guards what follows
  std::condition_variable start_;
  std::condition_variable done_;
  Job* job_ = nullptr;
  std::atomic<uint64_t> generation_{0};  // these two are read without the mutex, too
  std::atomic<unsigned> running_{0};
  bool stop_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace myna
