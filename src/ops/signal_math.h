// The small pieces of signal arithmetic whose float rounding is part of the model: every backend
// uses these very expressions, so that a source signal is the same to the last bit everywhere.
// Formulas and their origin: docs/models/studio.md, "Source" and "Spectral head".
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

// Functions that kernels of a device use too.
#if defined(__CUDACC__)
#define MYNA_EVERYWHERE __host__ __device__ inline
#else
#define MYNA_EVERYWHERE inline
#endif

namespace myna::ops {

inline constexpr float kPi = 3.14159265358979323846f;

// Periodic Hann window: 0.5 - 0.5 cos(2 pi n / size).
inline std::vector<float> hann_window(size_t size) {
  std::vector<float> window(size);
  for (size_t n = 0; n < size; ++n) {
    window[n] = static_cast<float>(
        0.5 - 0.5 * std::cos(2.0 * 3.14159265358979323846 * static_cast<double>(n) /
                             static_cast<double>(size)));
  }
  return window;
}

// Turns of harmonic `multiple` of f0 within one sample, without whole turns.
MYNA_EVERYWHERE float sine_turns_per_sample(float f0_hz, float multiple, float sample_rate) {
  const float turns = f0_hz * multiple / sample_rate;
  return turns - std::floor(turns);
}

// Where output sample `index` of a linear upsampling by `factor` lies between the input values
// (half-pixel convention, in float as the reference does it: at 10 s the rounding is worth 0.05
// rad).
struct UpsamplePosition {
  size_t left;
  size_t right;
  float left_weight;
  float right_weight;
};
MYNA_EVERYWHERE UpsamplePosition linear_upsample_position(size_t index, float factor,
                                                          size_t input_size) {
  float position = (static_cast<float>(index) + 0.5f) / factor - 0.5f;
  const float last = static_cast<float>(input_size - 1);
  position = position < 0.0f ? 0.0f : position > last ? last : position;
  const auto left = static_cast<size_t>(position);
  const size_t right = left + 1 < input_size ? left + 1 : input_size - 1;
  if (left == right) return {left, right, 0.5f, 0.5f};
  const float right_weight = position - static_cast<float>(left);
  const float left_weight = static_cast<float>(right) - position;
  return {left, right, left_weight, right_weight};
}

// Index into a signal of `size` samples reflected at both ends without repeating them.
MYNA_EVERYWHERE size_t reflect_index(ptrdiff_t index, size_t size) {
  if (size == 1) return 0;
  const auto last = static_cast<ptrdiff_t>(size) - 1;
  while (index < 0 || index > last) index = index < 0 ? -index : 2 * last - index;
  return static_cast<size_t>(index);
}

// Angle of (real, imaginary) in (-pi, pi]; +pi, never -pi, on the negative real axis, whatever the
// sign of a zero. The first and the last bin of a spectrum lie on that axis, and the generator was
// trained with +pi there: -pi puts its output 3 dB off (docs/models/studio.md, "Spectrum").
MYNA_EVERYWHERE float reference_angle(float real, float imaginary) {
  if (real == 0.0f && imaginary == 0.0f) return 0.0f;
  const float angle = std::atan(imaginary / real);
  if (!(real < 0.0f)) return angle;
  return imaginary < 0.0f ? angle - kPi : angle + kPi;
}

// Counter-based noise: the same (seed, index) gives the same value on any thread.
// SplitMix64 (Steele, Lea, Flood 2014) as a hash, then Box-Muller.
MYNA_EVERYWHERE uint64_t mix_bits(uint64_t value) {
  value += 0x9E3779B97F4A7C15ull;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ull;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBull;
  return value ^ (value >> 31);
}
MYNA_EVERYWHERE float gaussian_noise(uint64_t seed, uint64_t index) {
  const uint64_t bits = mix_bits(seed ^ mix_bits(index));
  const float u = (static_cast<float>(bits >> 40) + 0.5f) * (1.0f / 16777216.0f);
  const float v = static_cast<float>((bits >> 8) & 0xFFFFFF) * (1.0f / 16777216.0f);
  return std::sqrt(-2.0f * std::log(u)) * std::cos(2.0f * kPi * v);
}

// The noise of SourceFilterSpec, counter-based too, in 32 bits for the sake of vectors. (lowbias32,
// C. Wellons, "Prospecting for Hash Functions", 2018.)
MYNA_EVERYWHERE uint32_t mix_bits32(uint32_t value) {
  value = (value ^ (value >> 16)) * 0x7FEB352Du;
  value = (value ^ (value >> 15)) * 0x846CA68Bu;
  return value ^ (value >> 16);
}
inline constexpr uint32_t kBinStep = 0x9E3779B9u;
inline constexpr uint32_t kAngleKey = 0x68BC21EBu;
inline constexpr uint32_t kWhisperKey = 0x02E5BE93u;  // another draw for the same window
MYNA_EVERYWHERE uint32_t spectral_noise_key(uint64_t seed, uint64_t window) {
  return static_cast<uint32_t>(mix_bits(seed ^ mix_bits(window)) >> 32);
}
// Of bin `bin`: complex normal of variance 1, by Box and Muller from a radius and an angle.
struct ComplexNormal {
  float real, imaginary;
};
MYNA_EVERYWHERE ComplexNormal spectral_noise(uint32_t window_key, uint32_t bin) {
  const uint32_t state = window_key + bin * kBinStep;
  const float u = (static_cast<float>(mix_bits32(state) >> 8) + 0.5f) * (1.0f / 16777216.0f);
  const float v = static_cast<float>(mix_bits32(state ^ kAngleKey) >> 8) * (1.0f / 16777216.0f);
  const float radius = std::sqrt(-std::log(u));
  return {radius * std::cos(2.0f * kPi * v), radius * std::sin(2.0f * kPi * v)};
}

}  // namespace myna::ops
