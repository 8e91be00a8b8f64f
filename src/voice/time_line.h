// The audio of a narration as it grows: runs of mono samples one behind the other, or beginning a
// little before the end of what is there, each at its place between two loudspeakers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace myna::voice {

enum class ChannelLayout : uint8_t { kMono, kStereo };

constexpr size_t channel_count(ChannelLayout layout) {
  return layout == ChannelLayout::kStereo ? 2 : 1;
}

// Not thread-safe.
class TimeLine {
 public:
  // Interleaved samples, [frame, channel]; never an empty run.
  using Sink = std::function<void(std::span<const float>)>;

  // The last `held_frames` stay here until flush(), as what may still be mixed with.
  TimeLine(ChannelLayout layout, size_t held_frames, Sink sink);

  // pan: -1 is left, 0 the middle, 1 right; mono ignores it. Constant power: the middle has -3 dB
  // in each channel. `overlap` frames (at most those held) are mixed with what is there.
  void append(std::span<const float> samples, float pan = 0.0f, size_t overlap = 0);
  void append_silence(size_t frames);
  void flush();

  size_t length() const { return length_; }  // frames so far, held ones included
  size_t held_frames() const { return held_.size() / channels_; }

 private:
  void pass_on(std::span<const float> interleaved);

  size_t channels_;
  size_t hold_;
  Sink sink_;
  std::vector<float> held_;     // interleaved
  std::vector<float> scratch_;  // interleaved
  size_t length_ = 0;
};

}  // namespace myna::voice
