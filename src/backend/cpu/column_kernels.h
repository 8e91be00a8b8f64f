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
inline constexpr size_t kMostReach = 16;
inline constexpr int kInt16Levels = 4095;

// How a panel of integers stands for floats: value[k][t] = scale[t] * q[k][t] + offset[t].
struct alignas(64) LaneScaling {
  float scale[kTileColumns];
  float offset[kTileColumns];
  float correction[kTileColumns];  // to be added to each sum of products
};

// The least and the largest value of each frame.
struct alignas(64) LaneRange {
  float low[kTileColumns];
  float high[kTileColumns];
};

struct DepthwiseNorm {
  const float* x;  // the tile; those beside it may be null, which is zeros
  const float* before;
  const float* behind;
  size_t channels;
  size_t kernel;  // left and kernel - 1 - left at most kMostReach
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
  float* out;
};

// Tiles are [channels][32].
struct ColumnKernels {
  // out[c][t] = rows[t * row_stride + c]; frames behind row_count (at most 32) are 0.
  void (*to_columns)(const float* rows, size_t row_stride, size_t row_count, size_t channels,
                     float* out);
  // rows[t * row_stride + c] = columns[c][t] for t < row_count.
  void (*to_rows)(const float* columns, size_t channels, size_t row_count, float* rows,
                  size_t row_stride);
  void (*depthwise_norm)(const DepthwiseNorm& task, float* out, LaneRange& range);
  // Without a depthwise convolution, scale and shift.
  void (*norm)(const float* x, size_t channels, float epsilon, float* out, LaneRange& range);
  void (*range)(const float* x, size_t channels, LaneRange& range);
  // in [depth][32] to the panels of micro_kernels.h, depth padded with zeros to 2.
  void (*pack_bfloat16)(const float* in, size_t depth, uint16_t* panel);
  // Each frame by its range, depth padded with zeros to 8. For weights to whose bytes
  // `weight_offset` was added: the correction takes it back.
  void (*pack_int8)(const float* in, size_t depth, const LaneRange& range, float weight_offset,
                    int8_t* panel, LaneScaling& scaling);
  void (*pack_uint8)(const float* in, size_t depth, const LaneRange& range, uint8_t* panel,
                     LaneScaling& scaling);
  // As the two above, with integers of up to kInt16Levels to both sides, depth padded to 2.
  void (*pack_int16)(const float* in, size_t depth, const LaneRange& range, int16_t* panel,
                     LaneScaling& scaling);
  void (*finish_float)(const float* sums, size_t rows, const ColumnEnd& end);
  // value = weight_scale[m] * scale * (sum + correction) + offset * weight_sum[m].
  void (*finish_integers)(const int32_t* sums, size_t rows, const float* weight_scales,
                          const float* weight_sums, const LaneScaling& scaling,
                          const ColumnEnd& end);
};

// Valid for every Isa of supported_isas().
const ColumnKernels& column_kernels(Isa isa);

}  // namespace myna::backend::cpu
