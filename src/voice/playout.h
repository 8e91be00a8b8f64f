// The last step to a listener: audio is written from a thread of its own, so that the next piece is
// made while this one is heard. At most so many seconds wait; then the maker waits.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace myna::voice {

// When a listener in real time will have heard what he was given. Not thread-safe.
class PlayClock {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // More audio came; he was silent since the end of the last, if that lies behind.
  void add(double audio_s, Time now);
  // Audio that he has not heard yet; negative: how long he has been waiting. 0 before the first.
  double lead_s(Time now) const;
  // How long he waited between pieces, in all.
  double starved_s() const { return starved_s_; }

 private:
  bool started_ = false;
  Time end_{};
  double starved_s_ = 0;
};

struct PlayoutOptions {
  int sample_rate = 24000;
  double ahead_s = 60;  // the most that waits
  // Set: what waits is dropped and push() returns at once.
  const std::atomic<bool>* cancel = nullptr;
};

// One thread pushes; `write` is called on another one, in runs of at most 20 ms, in order.
class Playout {
 public:
  using Write = std::function<void(std::span<const float>)>;

  Playout(const PlayoutOptions& options, Write write);
  // Drops what waits.
  ~Playout();
  Playout(const Playout&) = delete;
  Playout& operator=(const Playout&) = delete;

  // Waits while ahead_s is queued. Throws what `write` threw.
  void push(std::span<const float> samples);
  // Waits until all is written, or the rest dropped after a cancel. Throws what `write` threw.
  // Nothing may be pushed afterwards.
  void finish();

  double lead_s() const;
  double starved_s() const;
  size_t written_samples() const;

 private:
  void work();
  bool cancelled() const;

  PlayoutOptions options_;
  size_t capacity_;
  Write write_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::vector<float> waiting_;
  size_t waiting_begin_ = 0;
  size_t written_ = 0;
  bool closed_ = false;
  bool dropped_ = false;
  std::exception_ptr error_;
  PlayClock clock_;
  std::thread thread_;  // last: it uses everything above
};

}  // namespace myna::voice
