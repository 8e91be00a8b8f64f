#include "base/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <exception>

#include "base/cancel_scope.h"
#include "base/error.h"

namespace myna {

namespace {

// An operation's loops follow one another within microseconds: a thread that goes to sleep between
// them is woken later than they take. About 20 us, then it sleeps all the same.
template <typename Condition>
void spin_until(const Condition& condition) {
  for (int i = 0; i < 400 && !condition(); ++i) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }
}

}  // namespace

struct ThreadPool::Job {
  size_t count;
  Function function;
  const void* context;
  const CancelScope* cancel;  // of the caller; may be null
  std::atomic<size_t> next{0};
  std::atomic<bool> failed{false};
  std::exception_ptr error;  // written by the thread that wins `failed`, read after the join
};

ThreadPool::ThreadPool(unsigned thread_count) {
  if (thread_count == 0) thread_count = std::max(1u, std::thread::hardware_concurrency());
  workers_.reserve(thread_count - 1);
  for (unsigned i = 1; i < thread_count; ++i) workers_.emplace_back([this, i] { work(i); });
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  start_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::drain(Job& job, unsigned thread) {
  for (;;) {
    const size_t index = job.next.fetch_add(1, std::memory_order_relaxed);
    if (index >= job.count) return;
    try {
      if (job.cancel != nullptr && job.cancel->requested()) {
        throw Error(ErrorCode::kCancelled, "the work was cancelled");
      }
      job.function(job.context, index, thread);
    } catch (...) {
      if (!job.failed.exchange(true)) job.error = std::current_exception();
      job.next.store(job.count, std::memory_order_relaxed);
    }
  }
}

void ThreadPool::run(size_t count, Function function, const void* context) {
  if (count == 0) return;
  Job job{count, function, context, CancelScope::current(), {}, {}, {}};
  if (workers_.empty() || count == 1) {
    drain(job, 0);
  } else {
    const std::lock_guard caller(caller_mutex_);
    {
      const std::lock_guard lock(mutex_);
      job_ = &job;
      ++generation_;
      running_ = static_cast<unsigned>(workers_.size());
    }
    start_.notify_all();
    drain(job, 0);
    spin_until([this] { return running_.load(std::memory_order_acquire) == 0; });
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return running_ == 0; });
    job_ = nullptr;
  }
  if (job.error) std::rethrow_exception(job.error);
}

void ThreadPool::work(unsigned thread) {
  uint64_t seen = 0;
  for (;;) {
    Job* job = nullptr;
    spin_until([&] { return generation_.load(std::memory_order_acquire) != seen; });
    {
      std::unique_lock lock(mutex_);
      start_.wait(lock, [&] { return stop_ || generation_ != seen; });
      if (stop_) return;
      seen = generation_;
      job = job_;
    }
    drain(*job, thread);
    {
      const std::lock_guard lock(mutex_);
      if (--running_ == 0) done_.notify_one();
    }
  }
}

}  // namespace myna
