// Signals and measures for the tests of this module.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <numbers>
#include <span>
#include <string>
#include <vector>

#include "audio/pcm.h"
#include "tests/support/temporary_directory.h"

namespace myna::audio {

// A sine of `level_dbfs` peak level.
inline std::vector<float> sine(double frequency_hz, double level_dbfs, double duration_s,
                               int sample_rate, double phase_radians = 0) {
  std::vector<float> samples(static_cast<size_t>(duration_s * sample_rate + 0.5));
  const double amplitude = db_to_amplitude(level_dbfs);
  for (size_t i = 0; i < samples.size(); ++i) {
    samples[i] = static_cast<float>(amplitude * std::sin(2 * std::numbers::pi * frequency_hz *
                                                             static_cast<double>(i) / sample_rate +
                                                         phase_radians));
  }
  return samples;
}

// Something with the level statistics of speech, without any recording: a 120 Hz pulse train
// through two resonances, in syllables of 4 Hz with pauses, and a loud attack now and then. Peaks
// about 17 dB above the RMS level.
inline std::vector<float> speech_like(double duration_s, int sample_rate, uint32_t seed = 1) {
  std::vector<float> samples(static_cast<size_t>(duration_s * sample_rate));
  double y1[2] = {0, 0};
  double y2[2] = {0, 0};
  const double resonances_hz[2] = {600, 1700};
  uint32_t random = seed;
  const auto period = static_cast<size_t>(sample_rate / 120);
  double syllable_level = 1;
  double glottis = 0;
  for (size_t i = 0; i < samples.size(); ++i) {
    const double time_s = static_cast<double>(i) / sample_rate;
    if (i % static_cast<size_t>(sample_rate / 4) == 0) {
      random = random * 1664525 + 1013904223;
      syllable_level = random % 7 == 0 ? 1.4 : 0.3 + 0.7 * ((random >> 8) % 100) / 100.0;
      if (random % 11 == 0) syllable_level = 0;
    }
    random = random * 1664525 + 1013904223;
    const double noise = (static_cast<double>(random >> 8) / (1 << 24) - 0.5) * 0.02;
    const double pulse = (i % period == 0 ? 1.0 : 0.0) + noise;
    glottis += (pulse - glottis) * 2 * std::numbers::pi * 400 / sample_rate;
    const double excitation = glottis;
    double sum = 0;
    for (int r = 0; r < 2; ++r) {
      const double pole = std::exp(-2 * std::numbers::pi * 35 / sample_rate);
      const double angle = 2 * std::numbers::pi * resonances_hz[r] / sample_rate;
      const double y = excitation + 2 * pole * std::cos(angle) * y1[r] - pole * pole * y2[r];
      y2[r] = y1[r];
      y1[r] = y;
      sum += y;
    }
    const double envelope = std::pow(std::sin(std::numbers::pi * 4 * time_s), 2);
    samples[i] = static_cast<float>(syllable_level * envelope * sum);
  }
  if (!samples.empty()) apply_gain_db(samples, -22 - amplitude_to_db(root_mean_square(samples)));
  return samples;
}

// Peak level in dBFS of the component at one frequency (Goertzel, Hann window).
inline double tone_level_dbfs(std::span<const float> samples, double frequency_hz,
                              int sample_rate) {
  double re = 0;
  double im = 0;
  double weights = 0;
  for (size_t i = 0; i < samples.size(); ++i) {
    const double t = static_cast<double>(i);
    const double weight =
        0.5 - 0.5 * std::cos(2 * std::numbers::pi * t / static_cast<double>(samples.size()));
    const double angle = 2 * std::numbers::pi * frequency_hz * t / sample_rate;
    re += weight * samples[i] * std::cos(angle);
    im += weight * samples[i] * std::sin(angle);
    weights += weight;
  }
  return amplitude_to_db(2 * std::hypot(re, im) / weights);
}

using test_support::TemporaryDirectory;

}  // namespace myna::audio
