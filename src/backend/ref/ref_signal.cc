#include <cassert>
#include <cmath>
#include <vector>

#include "backend/ref/ref_ops.h"
#include "ops/signal_math.h"

namespace myna::backend::ref {

void sine_source(const ops::SineSourceSpec& spec, const ops::SourceVariation& variation,
                 std::span<const float> f0_hz, std::span<float> samples) {
  assert(samples.size() == f0_hz.size() * spec.upsampling);
  std::vector<float> sums(samples.size(), 0.0f);
  std::vector<float> phase(f0_hz.size());
  for (size_t h = 0; h < spec.harmonics; ++h) {
    float turns = 0.0f;
    for (size_t i = 0; i < f0_hz.size(); ++i) {
      turns += ops::sine_turns_per_sample(f0_hz[i], static_cast<float>(h + 1), spec.sample_rate);
      phase[i] = turns * 2.0f * ops::kPi * static_cast<float>(spec.upsampling);
    }
    for (size_t n = 0; n < samples.size(); ++n) {
      const bool voiced = f0_hz[n / spec.upsampling] > spec.voiced_threshold_hz;
      float value = 0.0f;
      if (voiced) {
        const auto at =
            ops::linear_upsample_position(n, static_cast<float>(spec.upsampling), phase.size());
        const float angle = at.left_weight * phase[at.left] + at.right_weight * phase[at.right];
        value = std::sin(angle) * (spec.sine_amplitude * (1.0f - variation.whisper));
      }
      if (spec.noise_deviation > 0.0f || variation.whisper > 0.0f) {
        const float relative = voiced ? spec.noise_deviation
                                      : spec.sine_amplitude / 3.0f * spec.noise_deviation / 0.003f;
        const float deviation = relative + variation.whisper * spec.sine_amplitude / 3.0f;
        value += deviation * ops::gaussian_noise(variation.seed, n * spec.harmonics + h);
      }
      sums[n] += value * spec.mix_weight[h];
    }
  }
  for (size_t n = 0; n < samples.size(); ++n) samples[n] = std::tanh(sums[n] + spec.mix_bias);
}

void stft(std::span<const float> samples, size_t fft_size, size_t hop, ops::Rows y) {
  const size_t bins = fft_size / 2 + 1;
  assert(y.rows == samples.size() / hop + 1 && y.channels == 2 * bins);
  const std::vector<float> window = ops::hann_window(fft_size);
  for (size_t t = 0; t < y.rows; ++t) {
    for (size_t k = 0; k < bins; ++k) {
      double real = 0, imaginary = 0;
      for (size_t n = 0; n < fft_size; ++n) {
        const ptrdiff_t index =
            static_cast<ptrdiff_t>(t * hop + n) - static_cast<ptrdiff_t>(fft_size / 2);
        const double value =
            static_cast<double>(samples[ops::reflect_index(index, samples.size())]) * window[n];
        const double angle =
            2.0 * M_PI * static_cast<double>(k * n % fft_size) / static_cast<double>(fft_size);
        real += value * std::cos(angle);
        imaginary -= value * std::sin(angle);
      }
      // Real by definition; the sine of a rounded multiple of pi would give it a random sign.
      if (k == 0 || 2 * k == fft_size) imaginary = 0;
      y.row(t)[k] = static_cast<float>(std::hypot(real, imaginary));
      y.row(t)[bins + k] =
          ops::reference_angle(static_cast<float>(real), static_cast<float>(imaginary));
    }
  }
}

void inverse_stft_head(ops::ConstRows x, size_t fft_size, size_t hop, std::span<float> samples) {
  const size_t bins = fft_size / 2 + 1;
  assert(x.channels == 2 * bins && samples.size() == (x.rows - 1) * hop);
  const std::vector<float> window = ops::hann_window(fft_size);
  const size_t padded = (x.rows - 1) * hop + fft_size;
  std::vector<double> sums(padded, 0.0), weights(padded, 0.0);
  for (size_t t = 0; t < x.rows; ++t) {
    for (size_t n = 0; n < fft_size; ++n) {
      double value = 0;
      for (size_t k = 0; k < bins; ++k) {
        const double magnitude = std::exp(static_cast<double>(x.row(t)[k]));
        const double phase = std::sin(static_cast<double>(x.row(t)[bins + k]));
        const double angle = phase + 2.0 * M_PI * static_cast<double>(k * n % fft_size) /
                                         static_cast<double>(fft_size);
        // The first and the last bin have no mirror image.
        const double copies = k == 0 || 2 * k == fft_size ? 1.0 : 2.0;
        value += copies * magnitude * std::cos(angle);
      }
      sums[t * hop + n] += value / static_cast<double>(fft_size) * window[n];
      weights[t * hop + n] += static_cast<double>(window[n]) * window[n];
    }
  }
  for (size_t n = 0; n < samples.size(); ++n) {
    const size_t index = n + fft_size / 2;
    samples[n] = static_cast<float>(sums[index] / weights[index]);
  }
}

}  // namespace myna::backend::ref
