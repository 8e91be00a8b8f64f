// Log-mel spectra for tests: how far apart two recordings are to the ear, in dB.
#pragma once

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstddef>
#include <span>
#include <vector>

namespace myna::test_support {

// [frames][bands] in dB: Hann window of 1024, hop 256, 80 triangular bands (Slaney 1998 spacing is
// not needed for a difference: HTK mel), floor at -80 dB below full scale. A plain DFT over the
// bins that matter: clips are short.
inline std::vector<std::vector<double>> log_mel(std::span<const float> samples,
                                                double sample_rate_hz) {
  constexpr size_t kWindow = 1024, kHop = 256, kBands = 80;
  constexpr size_t kBins = kWindow / 2 + 1;
  const auto mel = [](double hz) { return 2595.0 * std::log10(1.0 + hz / 700.0); };
  const double step = mel(sample_rate_hz / 2) / (kBands + 1);
  std::vector<std::complex<double>> roots(kWindow);
  for (size_t n = 0; n < kWindow; ++n) {
    roots[n] = std::polar(1.0, -2.0 * M_PI * static_cast<double>(n) / kWindow);
  }
  std::vector<std::vector<double>> frames;
  for (size_t first = 0; first + kWindow <= samples.size(); first += kHop) {
    std::vector<double> windowed(kWindow);
    for (size_t n = 0; n < kWindow; ++n) {
      windowed[n] = samples[first + n] * (0.5 - 0.5 * roots[n].real());
    }
    std::vector<double> bands(kBands, 0.0);
    for (size_t k = 0; k < kBins; ++k) {
      std::complex<double> sum = 0;
      for (size_t n = 0; n < kWindow; ++n) sum += windowed[n] * roots[k * n % kWindow];
      const double position = mel(static_cast<double>(k) * sample_rate_hz / kWindow) / step;
      const auto band = static_cast<size_t>(position);
      const double share = position - static_cast<double>(band);
      if (band >= 1 && band <= kBands) bands[band - 1] += (1 - share) * std::norm(sum);
      if (band < kBands) bands[band] += share * std::norm(sum);
    }
    for (double& band : bands) band = 10.0 * std::log10(band / kWindow + 1e-8);
    frames.push_back(std::move(bands));
  }
  return frames;
}

// Root mean square difference in dB over all frames and bands of the shorter recording.
inline double log_mel_distance_db(std::span<const float> a, std::span<const float> b,
                                  double sample_rate_hz) {
  const auto x = log_mel(a, sample_rate_hz), y = log_mel(b, sample_rate_hz);
  double squares = 0;
  size_t count = 0;
  for (size_t t = 0; t < std::min(x.size(), y.size()); ++t) {
    for (size_t band = 0; band < x[t].size(); ++band, ++count) {
      squares += (x[t][band] - y[t][band]) * (x[t][band] - y[t][band]);
    }
  }
  return count == 0 ? 0.0 : std::sqrt(squares / static_cast<double>(count));
}

}  // namespace myna::test_support
