#include "audio/pcm16.h"

#include <cassert>
#include <cmath>
#include <cstddef>

namespace myna::audio {

float Pcm16Converter::next_noise() {
  // Two uniform numbers of one SplitMix64 step (Steele, Lea, Flood 2014): their difference is
  // triangular in (-1, 1).
  uint64_t z = (random_state_ += 0x9E3779B97F4A7C15);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  z ^= z >> 31;
  constexpr float kScale = 1.0f / 4294967296.0f;
  return (static_cast<float>(z >> 32) - static_cast<float>(z & 0xFFFFFFFF)) * kScale;
}

void Pcm16Converter::convert(std::span<const float> samples, std::span<int16_t> out) {
  assert(samples.size() == out.size());
  for (size_t i = 0; i < samples.size(); ++i) {
    const float sample = samples[i];
    if (!std::isfinite(sample)) {
      ++non_finite_count_;
      out[i] = 0;
      continue;
    }
    if (sample > 1.0f || sample < -1.0f) ++clipped_count_;
    float scaled = sample * 32768.0f;
    if (dither_ == Dither::kTriangular) scaled += next_noise();
    // Saturate before rounding: a float of 1e30 does not fit lrint's result.
    if (scaled >= 32767.0f) {
      out[i] = 32767;
    } else if (scaled <= -32768.0f) {
      out[i] = -32768;
    } else {
      out[i] = static_cast<int16_t>(std::lrintf(scaled));
    }
  }
}

}  // namespace myna::audio
