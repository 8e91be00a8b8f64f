// The harmonic source, the short-time transform and its inverse on the device.
#pragma once

#include <span>

#include "backend/cuda/runtime.h"
#include "backend/cuda/tile_layout.h"
#include "ops/backend.h"

namespace myna::backend::cuda {

inline constexpr int kMaximumHarmonics = 16;
inline constexpr int kMaximumFft = 32;

struct SourceTask {
  const float* f0_hz;  // [frames], dense
  Items f0_items;
  Items sample_items;
  int item_count, frames, largest_samples, harmonics, upsampling;
  float sample_rate, sine_amplitude, voiced_threshold_hz, noise_deviation, mix_bias;
  float mix_weight[kMaximumHarmonics];
  const ops::SourceVariation* variations;  // [items], on the device
  float* phases;                           // [harmonics][frames], to work in
  float* samples;
};
void run_source(Stream& stream, const SourceTask& task);

struct TransformTask {
  const float* x;  // samples, or [rows, 2 * bins]
  int x_stride;
  Items sample_items;
  Items row_items;
  int item_count, largest_rows, fft_size, hop;
  float* y;
  int y_stride;
};
void run_stft(Stream& stream, const TransformTask& task);
void run_inverse_stft(Stream& stream, const TransformTask& task);

}  // namespace myna::backend::cuda
