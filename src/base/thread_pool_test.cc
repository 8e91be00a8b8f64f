#include "base/thread_pool.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <numeric>
#include <stdexcept>

#include "base/cancel_scope.h"
#include "base/error.h"

namespace myna {
namespace {

TEST(ThreadPool, RunsEveryIndexOnce) {
  for (unsigned threads : {1u, 2u, 5u}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.size(), threads);
    for (size_t count : {size_t{0}, size_t{1}, size_t{2}, size_t{1000}}) {
      std::vector<int> hits(count, 0);
      pool.parallel_for(count, [&](size_t index, unsigned thread) {
        EXPECT_LT(thread, threads);
        ++hits[index];
      });
      EXPECT_EQ(std::accumulate(hits.begin(), hits.end(), size_t{0}), count);
    }
  }
}

TEST(ThreadPool, HandsOnTheFirstException) {
  ThreadPool pool(3);
  EXPECT_THROW(pool.parallel_for(100,
                                 [](size_t index, unsigned) {
                                   if (index == 7) throw std::runtime_error("seven");
                                 }),
               std::runtime_error);
  std::atomic<int> after{0};
  pool.parallel_for(10, [&](size_t, unsigned) { ++after; });
  EXPECT_EQ(after, 10) << "the pool works on after an exception";
}

TEST(ThreadPool, ServesSeveralCallers) {
  ThreadPool pool(3);
  std::atomic<int> total{0};
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&] {
      for (int round = 0; round < 50; ++round) {
        pool.parallel_for(8, [&](size_t, unsigned) { ++total; });
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(total, 4 * 50 * 8);
}

TEST(ThreadPool, ACancelledLoopEndsBetweenTwoTasks) {
  for (unsigned threads : {1u, 3u}) {
    ThreadPool pool(threads);
    const std::atomic<bool> other{false};
    std::atomic<bool> cancel{false};
    std::atomic<int> done{0};
    const std::array<const std::atomic<bool>*, 2> flags = {&other, &cancel};
    {
      const CancelScope scope(flags);
      try {
        pool.parallel_for(1000, [&](size_t, unsigned) {
          if (++done == 5) cancel = true;
        });
        ADD_FAILURE() << "nothing was thrown";
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kCancelled);
      }
    }
    EXPECT_LE(done, 5 + static_cast<int>(threads));
    pool.parallel_for(10, [&](size_t, unsigned) { ++done; });  // outside of the scope
    EXPECT_GE(done, 15);
  }
}

}  // namespace
}  // namespace myna
