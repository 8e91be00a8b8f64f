#include "voice/time_line.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace myna::voice {
namespace {

constexpr size_t kSilenceRun = 1 << 14;  // frames: an hour's pause is no reason for memory

}  // namespace

TimeLine::TimeLine(ChannelLayout layout, size_t held_frames, Sink sink)
    : channels_(channel_count(layout)), hold_(held_frames), sink_(std::move(sink)) {}

void TimeLine::append(std::span<const float> samples, float pan, size_t overlap) {
  if (samples.empty()) return;
  std::span<const float> interleaved = samples;
  if (channels_ == 2) {
    const double angle = (static_cast<double>(std::clamp(pan, -1.0f, 1.0f)) + 1) * M_PI / 4;
    const auto left = static_cast<float>(std::cos(angle));
    const auto right = static_cast<float>(std::sin(angle));
    scratch_.resize(2 * samples.size());
    for (size_t i = 0; i < samples.size(); ++i) {
      scratch_[2 * i] = left * samples[i];
      scratch_[2 * i + 1] = right * samples[i];
    }
    interleaved = scratch_;
  }
  const size_t shared = std::min(std::min(overlap * channels_, held_.size()), interleaved.size());
  const size_t overlap_begin = held_.size() - std::min(overlap * channels_, held_.size());
  for (size_t i = 0; i < shared; ++i) held_[overlap_begin + i] += interleaved[i];
  interleaved = interleaved.subspan(shared);
  length_ += interleaved.size() / channels_;
  pass_on(interleaved);
}

void TimeLine::append_silence(size_t frames) {
  const std::vector<float> silence(std::min(frames, kSilenceRun) * channels_, 0.0f);
  while (frames > 0) {
    const size_t run = std::min(frames, kSilenceRun);
    length_ += run;
    pass_on(std::span(silence).first(run * channels_));
    frames -= run;
  }
}

void TimeLine::pass_on(std::span<const float> interleaved) {
  if (interleaved.empty()) return;
  if (hold_ == 0) return sink_(interleaved);
  held_.insert(held_.end(), interleaved.begin(), interleaved.end());
  const size_t keep = hold_ * channels_;
  if (held_.size() <= keep) return;
  const size_t ready = held_.size() - keep;
  sink_(std::span(held_).first(ready));
  held_.erase(held_.begin(), held_.begin() + static_cast<ptrdiff_t>(ready));
}

void TimeLine::flush() {
  if (!held_.empty()) sink_(held_);
  held_.clear();
}

}  // namespace myna::voice
