#include "voice/playout.h"

#include <algorithm>
#include <utility>

namespace myna::voice {
namespace {

constexpr std::chrono::milliseconds kCancelPoll(10);
// A reader that is slow to take it delays the answer to a cancel by no more than this.
constexpr double kRun_s = 0.02;

}  // namespace

void PlayClock::add(double audio_s, Time now) {
  if (!started_ || end_ < now) {
    if (started_) starved_s_ += std::chrono::duration<double>(now - end_).count();
    end_ = now;
    started_ = true;
  }
  end_ += std::chrono::duration_cast<Time::duration>(std::chrono::duration<double>(audio_s));
}

double PlayClock::lead_s(Time now) const {
  return started_ ? std::chrono::duration<double>(end_ - now).count() : 0;
}

Playout::Playout(const PlayoutOptions& options, Write write)
    : options_(options),
      capacity_(std::max<size_t>(1, static_cast<size_t>(options.ahead_s * options.sample_rate))),
      write_(std::move(write)),
      thread_([this] { work(); }) {}

Playout::~Playout() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = dropped_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool Playout::cancelled() const {
  return options_.cancel != nullptr && options_.cancel->load(std::memory_order_relaxed);
}

void Playout::push(std::span<const float> samples) {
  std::unique_lock lock(mutex_);
  if (!samples.empty()) {
    clock_.add(static_cast<double>(samples.size()) / options_.sample_rate,
               std::chrono::steady_clock::now());
  }
  while (!samples.empty() && !cancelled()) {
    if (error_) std::rethrow_exception(error_);
    const size_t queued = waiting_.size() - waiting_begin_;
    const size_t room = capacity_ > queued ? capacity_ - queued : 0;
    if (room == 0) {
      changed_.wait_for(lock, kCancelPoll);
      continue;
    }
    const size_t taken = std::min(room, samples.size());
    waiting_.insert(waiting_.end(), samples.begin(),
                    samples.begin() + static_cast<std::ptrdiff_t>(taken));
    samples = samples.subspan(taken);
    changed_.notify_all();
  }
}

void Playout::finish() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  const std::lock_guard lock(mutex_);
  if (error_) std::rethrow_exception(error_);
}

double Playout::lead_s() const {
  const std::lock_guard lock(mutex_);
  return clock_.lead_s(std::chrono::steady_clock::now());
}

double Playout::starved_s() const {
  const std::lock_guard lock(mutex_);
  return clock_.starved_s();
}

size_t Playout::written_samples() const {
  const std::lock_guard lock(mutex_);
  return written_;
}

void Playout::work() {
  const auto run_length = std::max<size_t>(1, static_cast<size_t>(kRun_s * options_.sample_rate));
  std::vector<float> run;
  std::unique_lock lock(mutex_);
  for (;;) {
    if (dropped_ || cancelled()) return;
    if (waiting_begin_ == waiting_.size()) {
      if (closed_) return;
      changed_.wait_for(lock, kCancelPoll);
      continue;
    }
    const auto begin = waiting_.begin() + static_cast<std::ptrdiff_t>(waiting_begin_);
    const size_t length = std::min(run_length, waiting_.size() - waiting_begin_);
    run.assign(begin, begin + static_cast<std::ptrdiff_t>(length));
    waiting_begin_ += length;
    if (2 * waiting_begin_ >= waiting_.size()) {
      waiting_.erase(waiting_.begin(),
                     waiting_.begin() + static_cast<std::ptrdiff_t>(waiting_begin_));
      waiting_begin_ = 0;
    }
    lock.unlock();
    try {
      write_(run);
    } catch (...) {
      lock.lock();
      error_ = std::current_exception();
      changed_.notify_all();
      return;
    }
    lock.lock();
    written_ += length;
    changed_.notify_all();
  }
}

}  // namespace myna::voice
