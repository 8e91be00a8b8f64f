// Distances between sounds by their spectra.
#pragma once

#include <vector>

#include "train/core/torch.h"

namespace myna::train {

// The views of a sound that distances are taken between: logarithms of short-time magnitudes at
// several resolutions, and of mel bands. Magnitudes are those of white noise of the same level,
// floored at -70 dB. Immutable.
class SpectralViews {
 public:
  struct Settings {
    std::vector<int64_t> fft_sizes = {2048, 1024, 512};  // hops are a quarter
    int64_t mel_fft = 1024, mel_bands = 80;
    double sample_rate = 24000;
    // Weigh the bins of the first kind by 1 / (24.7 (4.37 f / 1000 + 1)), mean 1: equivalent
    // rectangular bandwidths (Glasberg and Moore 1990), of which 43 % lie below 1 kHz.
    bool erb_weights = false;
  };
  SpectralViews(const Settings& settings, at::Device device);

  // [B, samples] -> one tensor a view.
  std::vector<Tensor> operator()(const Tensor& sound) const;
  // What d(y1, y2) counts in each view, [B, frames, bins or bands]: `least` where voiced up to
  // `top_hz`, rising to 1 at twice that, and 1 where not voiced. voiced [B, frames of `hop`
  // samples]: 1 or 0; the first sample of the sounds, `samples` long, is `begin` samples into it.
  std::vector<Tensor> spread(const Tensor& voiced, int64_t hop, int64_t begin, int64_t samples,
                             double least, double top_hz) const;
  // The mel view alone [B, frames, mel_bands].
  Tensor log_mel(const Tensor& sound) const;

 private:
  Settings settings_;
  std::vector<Tensor> windows_, weights_;
  Tensor mel_window_, mel_matrix_;
};

// Mean absolute difference, averaged over views. `weights`, if not empty, has for each view what a
// difference counts there, one that broadcasts to it.
Tensor distance(const std::vector<Tensor>& a, const std::vector<Tensor>& b,
                const std::vector<Tensor>& weights = {});

// Generalised energy distance (arXiv 2008.01160, eq. 3) of a sound x to a model that was drawn from
// twice: d(x, y1) + d(x, y2) - d(y1, y2). Its minimum is the right distribution, noise included,
// where a plain distance wants the noise to be as small as the median. `spread`
// weighs d(y1, y2): 1 as above, 0 a plain distance.
Tensor energy_distance(const std::vector<Tensor>& x, const std::vector<Tensor>& y1,
                       const std::vector<Tensor>& y2, const std::vector<Tensor>& spread = {});

// [bands, bins]: triangles of area one between points that lie evenly in mel (2595 log10(1 + f /
// 700)).
Tensor mel_triangles(int64_t bands, int64_t fft, double sample_rate);

}  // namespace myna::train
