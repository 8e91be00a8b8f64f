// Float samples to 16-bit integers. Full scale: 1.0 is 32768, so that v / 32768.0f gets every
// 16-bit value back exactly; +1.0 itself saturates to 32767.
#pragma once

#include <cstdint>
#include <span>

namespace myna::audio {

enum class Dither : uint8_t {
  kNone,
  // Triangular noise of +-1 step (TPDF): makes the quantisation error independent of the signal
  // (Lipshitz, Wannamaker, Vanderkooy 1992), at 4.8 dB more noise.
  kTriangular,
};

// Not thread-safe. Deterministic: the same samples in the same order give the same integers.
class Pcm16Converter {
 public:
  explicit Pcm16Converter(Dither dither = Dither::kNone) : dither_(dither) {}

  // Rounds to nearest (ties to even), saturates, turns NaN and infinities into 0.
  // out.size() == samples.size().
  void convert(std::span<const float> samples, std::span<int16_t> out);

  uint64_t clipped_count() const { return clipped_count_; }  // beyond [-1, 1]
  uint64_t non_finite_count() const { return non_finite_count_; }

 private:
  float next_noise();

  Dither dither_;
  uint64_t random_state_ = 0x9E3779B97F4A7C15;
  uint64_t clipped_count_ = 0;
  uint64_t non_finite_count_ = 0;
};

}  // namespace myna::audio
