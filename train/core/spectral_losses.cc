#include "train/core/spectral_losses.h"

#include <cmath>

namespace myna::train {
namespace {

constexpr double kFloor = 1e-7;  // of power: -70 dB

Tensor short_time_power(const Tensor& sound, const Tensor& window, int64_t fft) {
  const Tensor spectrum = at::view_as_real(at::fft_rfft(sound.unfold(1, fft, fft / 4) * window));
  return spectrum.square().sum(-1);
}

double to_mel(double hz) { return 2595 * std::log10(1 + hz / 700); }
double to_hz(double mel) { return 700 * (std::pow(10, mel / 2595) - 1); }

// [bands + 2]: ends and middles of triangles, evenly in mel.
std::vector<double> mel_points_hz(int64_t bands, double sample_rate) {
  std::vector<double> points;
  for (int64_t i = 0; i < bands + 2; ++i) {
    points.push_back(
        to_hz(to_mel(sample_rate / 2) * static_cast<double>(i) / static_cast<double>(bands + 1)));
  }
  return points;
}

// [bins]
Tensor bins_hz(int64_t fft, double sample_rate) {
  return at::arange(fft / 2 + 1, at::kFloat) * (sample_rate / static_cast<double>(fft));
}

// [bins], mean 1.
Tensor erb_weights(int64_t fft, double sample_rate) {
  const Tensor density = (bins_hz(fft, sample_rate) * 0.00437 + 1).reciprocal();
  return density / density.mean();
}

}  // namespace

Tensor mel_triangles(int64_t bands, int64_t fft, double sample_rate) {
  const int64_t bins = fft / 2 + 1;
  const std::vector<double> points = mel_points_hz(bands, sample_rate);
  Tensor matrix = at::zeros({bands, bins});
  float* values = matrix.data_ptr<float>();
  for (int64_t band = 0; band < bands; ++band) {
    const double* point = points.data() + band;
    const double low = point[0], middle = point[1], high = point[2];
    double sum = 0;
    for (int64_t k = 0; k < bins; ++k) {
      const double hz = static_cast<double>(k) * sample_rate / static_cast<double>(fft);
      const double up = (hz - low) / (middle - low), down = (high - hz) / (high - middle);
      values[band * bins + k] = static_cast<float>(std::max(0.0, std::min(up, down)));
      sum += static_cast<double>(values[band * bins + k]);
    }
    // A band narrower than a bin takes the nearest one.
    if (sum == 0) {
      const auto nearest =
          static_cast<int64_t>(std::lround(middle * static_cast<double>(fft) / sample_rate));
      values[band * bins + nearest] = 1;
      sum = 1;
    }
    for (int64_t k = 0; k < bins; ++k) {
      values[band * bins + k] /= static_cast<float>(sum);
    }
  }
  return matrix;
}

SpectralViews::SpectralViews(const Settings& settings, at::Device device) : settings_(settings) {
  const auto window = [&](int64_t fft) {
    const Tensor hann = at::hann_window(fft, at::kFloat);
    return (hann / hann.norm()).to(device);
  };
  for (const int64_t fft : settings.fft_sizes) {
    windows_.push_back(window(fft));
    weights_.push_back(
        (settings.erb_weights ? erb_weights(fft, settings.sample_rate) : at::ones({fft / 2 + 1}))
            .to(device));
  }
  mel_window_ = window(settings.mel_fft);
  mel_matrix_ = mel_triangles(settings.mel_bands, settings.mel_fft, settings.sample_rate)
                    .t()
                    .contiguous()
                    .to(device);
}

Tensor SpectralViews::log_mel(const Tensor& sound) const {
  const Tensor power = short_time_power(sound, mel_window_, settings_.mel_fft);
  return at::log(at::matmul(power, mel_matrix_) + kFloor) * 0.5;
}

std::vector<Tensor> SpectralViews::operator()(const Tensor& sound) const {
  std::vector<Tensor> views;
  for (size_t i = 0; i < windows_.size(); ++i) {
    const Tensor power = short_time_power(sound, windows_[i], settings_.fft_sizes[i]);
    views.push_back(at::log(power + kFloor) * (0.5 * weights_[i]));
    // The mel view shares the spectrum of its size.
    if (settings_.fft_sizes[i] == settings_.mel_fft) {
      views.push_back(at::log(at::matmul(power, mel_matrix_) + kFloor) * 0.5);
    }
  }
  return views;
}

std::vector<Tensor> SpectralViews::spread(const Tensor& voiced, int64_t hop, int64_t begin,
                                          int64_t samples, double least, double top_hz) const {
  std::vector<Tensor> found;
  const auto add = [&](int64_t fft, const Tensor& hz) {
    const int64_t frames = (samples - fft) / (fft / 4) + 1;
    const Tensor place = (at::arange(frames) * (fft / 4) + fft / 2 + begin)
                             .floor_divide(hop)
                             .clamp(0, voiced.size(1) - 1);
    const Tensor missing = (2 - hz / top_hz).clamp(0, 1) * (1 - least);
    const Tensor heard = voiced.index_select(1, place.to(voiced.device())).unsqueeze(2);
    found.push_back(1 - heard * missing.to(voiced.device()));
  };
  for (const int64_t fft : settings_.fft_sizes) {
    add(fft, bins_hz(fft, settings_.sample_rate));
    if (fft != settings_.mel_fft) continue;
    const std::vector<double> points = mel_points_hz(settings_.mel_bands, settings_.sample_rate);
    add(fft, at::tensor(points).slice(0, 1, -1).to(at::kFloat));
  }
  return found;
}

Tensor distance(const std::vector<Tensor>& a, const std::vector<Tensor>& b,
                const std::vector<Tensor>& weights) {
  Tensor sum;
  for (size_t i = 0; i < a.size(); ++i) {
    const Tensor difference = (a[i] - b[i]).abs();
    const Tensor one = (weights.empty() ? difference : difference * weights[i]).mean();
    sum = sum.defined() ? sum + one : one;
  }
  return sum / static_cast<double>(a.size());
}

Tensor energy_distance(const std::vector<Tensor>& x, const std::vector<Tensor>& y1,
                       const std::vector<Tensor>& y2, const std::vector<Tensor>& spread) {
  return distance(x, y1) + distance(x, y2) - distance(y1, y2, spread);
}

}  // namespace myna::train
