// Kernels of the source-filter vocoder: a group of frames at a time, one a lane, so that the
// Fourier transforms need no shuffles. Signals lie as [sample of the frame][frame], which is what a
// window reads for neighbouring frames at once; a frame's windows come one after the other. Why not
// a library's transform: docs/decisions/0021.
#pragma once

#include <cstddef>
#include <cstdint>

#include "backend/cpu/isa.h"

namespace myna::backend::cpu {

inline constexpr size_t kFourierSize = 400;
inline constexpr size_t kFourierBins = kFourierSize / 2 + 1;
inline constexpr size_t kFourierHop = kFourierSize / 4;
inline constexpr size_t kWindows = 3;  // a frame
inline constexpr size_t kFrameSamples = kWindows * kFourierHop;
inline constexpr size_t kHalfSize = kFourierSize / 2;  // of the complex transform inside
inline constexpr size_t kMaximumGroup = 16;

// Of one frame, for its excitation. The phase is in turns; the hop's first half leads from the
// middle of the frame before to this one's, the second on to the next one's. A slope is what 1/600
// of a frame adds, as a sum of two floats.
struct PulseFrames {
  // All [frames].
  float* before;
  float* slope_before;
  float* slope_before_rest;
  float* here;
  float* slope_after;
  float* slope_after_rest;
  float* harmonics;  // 0: unvoiced
};

struct FourierTables {
  float window[kFourierSize];
  float twiddles[2 * 4 * kHalfSize];    // of the passes, in the order of their use
  float turn[2 * (kHalfSize / 2 + 1)];  // exp(-2 pi i k / size)
};
const FourierTables& fourier_tables();

// One window of each frame of a group.
struct VocoderFrames {
  const FourierTables* tables;
  size_t window;        // of the frame
  const float* pulses;  // [samples of a frame][frames]: of the group's first frame
  size_t pulse_stride;
  const float* head;  // the window's part of the row of the group's first frame
  size_t head_stride;
  size_t rows;      // of the head from there on; lanes behind give zeros
  size_t channels;  // of a window's part
  // As in ops::SourceFilterSpec.
  size_t harmonic_bins, harmonic_points, harmonic_step, harmonic_end;
  size_t noise_points;
  float largest_log;
  bool has_noise;
  const float* noise_gain;     // [group]
  const uint32_t* noise_keys;  // [group]
  float whisper;
  const float* whisper_gain;  // [group]
  float* scratch;             // [4 * kHalfSize + channels + 2 * (harmonic_points + 2)][group]
  float* out;                 // [size][frames]: windowed, of the group's first frame
  size_t out_stride;
};

struct SourceFilterKernels {
  size_t group;  // frames at a time
  // out[r * stride + i] for frames first + i, i < group.
  void (*pulses)(const PulseFrames& frames, size_t first, float* out, size_t stride);
  void (*frames)(const VocoderFrames& task);
  // samples [count][kFrameSamples] of `count` (at most group) frames from the windowed frames
  // around them [kWindows * kFourierSize][frames]; windowed points to the first frame's column.
  void (*overlap)(const float* windowed, size_t stride, size_t count, float* samples);
};

// Valid for every Isa of supported_isas().
const SourceFilterKernels& source_filter_kernels(Isa isa);

}  // namespace myna::backend::cpu
