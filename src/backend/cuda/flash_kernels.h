// What the Flash voice alone asks for: the depthwise convolution of a ConvNeXt block with its
// normalisation, and the source-filter vocoder (docs/models/myna-voice-1.md).
#pragma once

#include <vector>

#include "backend/cuda/runtime.h"
#include "backend/cuda/tile_layout.h"
#include "ops/backend.h"

namespace myna::backend::cuda {

inline constexpr int kMaximumFilmChannels = 512;

// y[t] = (a - mean_t) / sqrt(var_t + epsilon) * scale + shift with
// a[t, c] = bias[c] + sum_j weight[j, c] x[t + j - left, c], zeros beyond the ends of an item.
struct FilmNormTask {
  const float* x;
  int x_stride;
  Items items;
  int item_count, rows, channels, kernel, left;
  const float* weight;  // [kernel, channels]
  const float* bias;    // [channels]
  const float* film;    // [items]: scale, then shift
  int film_stride;
  float epsilon;
  float* y;
  int y_stride;
};
void run_film_norm(Stream& stream, const FilmNormTask& task);

// The only sizes that the vocoder's transform is written for.
inline constexpr int kVocoderFft = 400;
inline constexpr int kVocoderHop = 300;
inline constexpr int kVocoderWindows = 3;
inline constexpr int kVocoderHarmonicBins = 67;
inline constexpr int kVocoderHarmonicStep = 4;
inline constexpr int kVocoderNoisePoints = 51;

// exp(-2 pi i k / 400) for all k, then the window: what VocoderTask::tables points to.
std::vector<float> vocoder_tables();
// Floats of VocoderTask::pulses for a head of so many rows and items.
size_t vocoder_pulses(size_t rows, size_t items);

struct VocoderTask {
  const float* head;
  int head_stride;
  Items head_items;
  const float* f0_hz;  // dense
  Items f0_items;
  Items sample_items;
  int item_count, rows, largest_rows, largest_samples;
  int harmonic_points, harmonic_end;  // as in ops::SourceFilterSpec
  float sample_rate, top_harmonic_hz, voiced_threshold_hz, largest_log;
  const ops::SourceFilterVariation* variations;  // [items], on the device
  const float* tables;
  double* turns;   // [frames of f0], to work in, as the two below
  float* pulses;   // [vocoder_pulses()]
  float* windows;  // [rows * kVocoderWindows, kVocoderFft]
  float* samples;
};
void run_vocoder(Stream& stream, const VocoderTask& task);

}  // namespace myna::backend::cuda
