// Kernels of the layers that run along columns: activations as [channel][time], a tile of 32 frames
// at a time, so that a channel's parameters are scalars, statistics over channels need no sums
// across lanes, and the inner products of micro_kernels.h take the weights as their rows and the
// tile as their panel. Pointers to tiles are 64-byte aligned. None allocates.
#pragma once

#include <cstddef>
#include <cstdint>

#include "backend/cpu/isa.h"
#include "backend/cpu/micro_kernels.h"

namespace myna::backend::cpu {

inline constexpr size_t kTileColumns = kBlockColumns;

// How an int8 panel stands for floats: value[k][t] = scale[t] * q[k][t] + offset[t].
struct alignas(64) LaneScaling {
  float scale[kTileColumns];
  float offset[kTileColumns];
  float sums[kTileColumns];  // sum over k of q[k][t]
  float weight_offset;       // what was added to each weight's byte
};

struct DepthwiseNorm {
  const float* x;  // first frame of the tile in channel 0; frames before and behind are there too
  size_t stride;   // floats from one channel to the next
  size_t channels;
  size_t kernel;
  size_t left;
  const float* weight;  // [channels][kernel]
  const float* bias;
  float epsilon;
  const float* scale;  // of the normalised values
  const float* shift;
};

// kRough is for values that are rounded afterwards: within 3e-4.
enum class Gelu : uint8_t { kNone, kExact, kRough };

// out[m][t] = act(value + bias[m]) + residual[m][t], for rows m.
struct ColumnEnd {
  const float* bias;
  Gelu gelu;
  const float* residual;  // may be null
  size_t residual_stride;
  float* out;
  size_t out_stride;
};

struct ColumnKernels {
  // out[c * out_stride + t] = rows[t * row_stride + c]; frames behind row_count (at most 32) are 0.
  void (*to_columns)(const float* rows, size_t row_stride, size_t row_count, size_t channels,
                     float* out, size_t out_stride);
  // rows[t * row_stride + c] = columns[c * 32 + t] for t < row_count.
  void (*to_rows)(const float* columns, size_t channels, size_t row_count, float* rows,
                  size_t row_stride);
  void (*depthwise_norm)(const DepthwiseNorm& task, float* out);  // out [channels][32]
  // Without a depthwise convolution, scale and shift.
  void (*norm)(const float* x, size_t stride, size_t channels, float epsilon, float* out);
  // in [depth][32] to the panels of micro_kernels.h, depth padded with zeros to 2 or 4.
  void (*pack_bfloat16)(const float* in, size_t depth, uint16_t* panel);
  // Each frame by its own range.
  void (*pack_int8)(const float* in, size_t depth, int8_t* panel, LaneScaling& scaling);
  void (*finish_float)(const float* sums, size_t rows, const ColumnEnd& end);
  // sums of (weight + weight_offset) * q; value = weight_scale[m] * (scale * (sum - weight_offset *
  // sums) + offset * weight_sum[m]).
  void (*finish_int8)(const int32_t* sums, size_t rows, const float* weight_scales,
                      const float* weight_sums, const LaneScaling& scaling, const ColumnEnd& end);
};

// Valid for every Isa of supported_isas().
const ColumnKernels& column_kernels(Isa isa);

}  // namespace myna::backend::cpu
