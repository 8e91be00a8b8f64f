// The source-filter vocoder in plain loops and double sums.
#include <algorithm>
#include <cassert>
#include <cmath>
#include <complex>

#include "backend/ref/ref_ops.h"
#include "ops/signal_math.h"

namespace myna::backend::ref {
namespace {

using Complex = std::complex<double>;

// exp(2 pi i k / size) for all k.
std::vector<Complex> circle(size_t size) {
  std::vector<Complex> values(size);
  for (size_t k = 0; k < size; ++k) {
    values[k] = std::polar(1.0, 2 * M_PI * static_cast<double>(k) / static_cast<double>(size));
  }
  return values;
}

Complex normal(uint32_t window_key, size_t bin) {
  const ops::ComplexNormal z = ops::spectral_noise(window_key, static_cast<uint32_t>(bin));
  return {static_cast<double>(z.real), static_cast<double>(z.imaginary)};
}

}  // namespace

std::vector<double> pulse_train(const ops::SourceFilterSpec& spec, std::span<const float> f0_hz) {
  const double hop = static_cast<double>(spec.hop);
  const double frames_a_second = static_cast<double>(spec.sample_rate) / hop;
  const size_t frames = f0_hz.size();
  std::vector<double> turns(frames), pulses(frames * spec.hop);
  double sum = 0;
  for (size_t t = 0; t < frames; ++t) {
    sum += static_cast<double>(f0_hz[t]) / frames_a_second;
    turns[t] = sum;
  }
  for (size_t n = 0; n < pulses.size(); ++n) {
    const float f0 = f0_hz[n / spec.hop];
    if (!(f0 >= spec.voiced_threshold_hz)) continue;
    const double place = std::clamp((static_cast<double>(n) + 0.5) / hop - 0.5, 0.0,
                                    static_cast<double>(frames - 1));
    const auto left = static_cast<size_t>(place);
    const size_t right = std::min(left + 1, frames - 1);
    const double phase =
        turns[left] + (place - static_cast<double>(left)) * (turns[right] - turns[left]);
    const auto harmonics = static_cast<int>(spec.top_harmonic_hz / f0);
    for (int h = 1; h <= harmonics; ++h) pulses[n] += std::cos(2 * M_PI * h * phase);
  }
  return pulses;
}

void source_filter(const ops::SourceFilterSpec& spec, const ops::SourceFilterVariation& variation,
                   ops::ConstRows head, std::span<const float> f0_hz, std::span<float> samples) {
  const size_t size = spec.fft_size, bins = spec.bins();
  assert(samples.size() == head.rows * spec.hop && head.channels == spec.channels());
  const std::vector<double> pulses = pulse_train(spec, f0_hz);
  const std::vector<Complex> turn = circle(size);
  const std::vector<float> window = ops::hann_window(size);
  double energy = 0;
  for (float value : window) energy += static_cast<double>(value) * static_cast<double>(value);
  const double noise_gain = std::sqrt(energy);
  const double overlap = energy / static_cast<double>(spec.window_hop());
  const auto margin = static_cast<ptrdiff_t>((size - spec.window_hop()) / 2);
  const size_t step = (bins - 1) / (spec.noise_points - 1);
  const double largest = static_cast<double>(spec.largest_log);
  const double whisper = static_cast<double>(variation.whisper);
  std::vector<double> sound(samples.size(), 0.0);
  for (size_t own_window = 0; own_window < head.rows * spec.windows; ++own_window) {
    const size_t row = own_window / spec.windows, frame = variation.first_frame + row;
    const size_t window_of_all = variation.first_frame * spec.windows + own_window;
    const uint32_t key = ops::spectral_noise_key(variation.seed, window_of_all);
    const float* h = head.row(row) + own_window % spec.windows * spec.window_channels();
    const float* theta = h + spec.harmonics();
    const float* noise = theta + spec.harmonics();
    const auto harmonic = [&](size_t i) {
      const double magnitude = std::exp(std::min(static_cast<double>(h[i]), largest));
      return std::polar(magnitude, static_cast<double>(theta[i]));
    };
    const auto filter = [&](size_t bin) {
      if (bin < spec.harmonic_bins) return harmonic(bin);
      const size_t behind = bin + 1 - spec.harmonic_bins, left = behind / spec.harmonic_step;
      const double right = static_cast<double>(behind % spec.harmonic_step) /
                           static_cast<double>(spec.harmonic_step);
      const size_t i = spec.harmonic_bins - 1 + left;
      const Complex last = left < spec.harmonic_points ? harmonic(i + 1) : Complex(0);
      return (1 - right) * harmonic(i) + right * last;
    };
    const ptrdiff_t begin = static_cast<ptrdiff_t>(window_of_all * spec.window_hop()) - margin;
    std::vector<Complex> spectrum(bins);
    for (size_t k = 0; k < spec.harmonic_end(); ++k) {
      Complex e = 0;
      for (size_t n = 0; n < size; ++n) {
        const ptrdiff_t at = begin + static_cast<ptrdiff_t>(n);
        if (at < 0 || at >= static_cast<ptrdiff_t>(pulses.size())) continue;
        e += pulses[static_cast<size_t>(at)] * static_cast<double>(window[n]) *
             std::conj(turn[k * n % size]);
      }
      if (whisper > 0) {
        const float f0 = f0_hz[frame];
        e *= 1 - whisper;
        if (f0 >= spec.voiced_threshold_hz) {
          // cos of amplitude 1 at every multiple of f0: a power of 1 / (2 f0) a hertz.
          const double deviation = std::sqrt(static_cast<double>(spec.sample_rate) / (4.0 * f0));
          e += whisper * deviation * noise_gain * normal(key ^ ops::kWhisperKey, k);
        }
      }
      spectrum[k] = filter(k) * e;
    }
    const float level = f0_hz[frame] >= spec.voiced_threshold_hz ? variation.voiced_noise_level
                                                                 : variation.noise_level;
    for (size_t k = 0; level > 0 && k < bins; ++k) {
      const size_t band = std::min(k / step, spec.noise_points - 2);
      const double right = static_cast<double>(k - band * step) / static_cast<double>(step);
      const double log_magnitude = (1 - right) * static_cast<double>(noise[band]) +
                                   right * static_cast<double>(noise[band + 1]);
      spectrum[k] += static_cast<double>(level) * noise_gain *
                     std::exp(std::min(log_magnitude, largest)) * normal(key, k);
    }
    // An inverse real transform does not see the imaginary parts of the first and the last bin.
    const ptrdiff_t own = static_cast<ptrdiff_t>(own_window * spec.window_hop()) - margin;
    for (size_t n = 0; n < size; ++n) {
      const ptrdiff_t at = own + static_cast<ptrdiff_t>(n);
      if (at < 0 || at >= static_cast<ptrdiff_t>(sound.size())) continue;
      double value = spectrum[0].real();
      for (size_t k = 1; k + 1 < bins; ++k) value += 2 * (spectrum[k] * turn[k * n % size]).real();
      value += spectrum[bins - 1].real() * (n % 2 == 0 ? 1 : -1);
      sound[static_cast<size_t>(at)] +=
          value / static_cast<double>(size) * static_cast<double>(window[n]) / overlap;
    }
  }
  for (size_t n = 0; n < sound.size(); ++n) samples[n] = static_cast<float>(sound[n]);
}

}  // namespace myna::backend::ref
