// Element-wise and row-wise kernels in Highway: the same source for portable, AVX2 and AVX-512.
// Pointers need no alignment; lengths need no multiple. None allocates.
#pragma once

#include <cstddef>
#include <cstdint>

#include "backend/cpu/isa.h"
#include "ops/backend.h"

namespace myna::backend::cpu {

struct MinMax {
  float minimum;
  float maximum;
};

// What the end of a block's rows takes besides its sums: pointers to its first row and column, and
// floats from one row to the next. residual and addend may be null.
struct BlockEnd {
  const float* bias;
  const float* residual;
  size_t residual_stride;
  const float* addend;
  size_t addend_stride;
};

// How the integer sums of an int8 block become floats:
// value = (sum - zero_point * column_sum[n]) * (input_scale * weight_scale[n]).
struct Int8Scaling {
  float input_scale;
  int32_t zero_point;
  const int32_t* column_sums;  // [32]
  const float* weight_scales;  // [32]
};

struct VectorKernels {
  // out[t][c] = activation(scale[c] * x[t][c] + shift[c]). Returns the range of all values, widened
  // to hold zero.
  MinMax (*transform_rows)(const ops::InputTransform& transform, ops::ConstRows x, float* out,
                           size_t out_stride);
  // out[i] = clamp(round(in[i] * inverse_scale) + zero_point, 0, 255), ties to even.
  void (*quantize)(const float* in, size_t count, float inverse_scale, int32_t zero_point,
                   uint8_t* out);
  // out[i] = in[i] as bfloat16, to nearest, ties to even. Finite values only.
  void (*round_to_bfloat16)(const float* in, size_t count, uint16_t* out);
  // The end of a block: out[m][n] = act((sums[m][n] + bias[n] + residual + addend) * scale) for
  // m < rows, n < columns; sums is [rows][32].
  void (*finish_float)(const float* sums, size_t rows, const BlockEnd& end,
                       const ops::OutputTransform& output, size_t columns, float* out,
                       size_t out_stride);
  void (*finish_int8)(const int32_t* sums, const Int8Scaling& scaling, size_t rows,
                      const BlockEnd& end, const ops::OutputTransform& output, size_t columns,
                      float* out, size_t out_stride);
  // Minimal filtering (minimal_filter.h) with filters of 3 and of 4 taps. The input side, for
  // `tiles` tiles of four outputs: out[point][tile] from rows 4 * tile ... of x; channels of it.
  void (*filter_input[2])(const float* x, size_t row_stride, size_t tiles, size_t channels,
                          float* out, size_t point_stride);
  // The output side: sums [point][tile][32], points apart by point_stride, to out [4 * tiles][32].
  void (*filter_output[2])(const float* sums, size_t point_stride, size_t tiles, float* out);
  // Mean and sum of squared deviations of each channel over the rows of x.
  void (*tile_moments)(ops::ConstRows x, float* mean, float* squares);
  void (*layer_norm_row)(const float* in, const float* scale, const float* shift, size_t channels,
                         float epsilon, ops::Activation activation, float slope, float* out);
  // values[i] = exp(values[i] * scale - max) / sum, in place.
  void (*softmax_row)(float* values, size_t count, float scale);
  // gates[g] += sum_k state[k] * weight[k][g]: weight in groups of 64 gates, [group][hidden][64].
  void (*lstm_recurrence)(const float* weight, const float* state, size_t hidden, float* gates);
  // One LSTM step from the gate sums [4 * hidden] (input, forget, cell, output).
  void (*lstm_activate)(const float* gates, size_t hidden, float* cell, float* state);
  void (*sine)(float* angles, size_t count);  // in place, any magnitude up to 1e9
  void (*tanh)(float* values, size_t count);  // in place
  // spectrum [bins real, bins imaginary] -> out [bins magnitudes, bins angles].
  void (*polar)(const float* spectrum, size_t bins, float* out);
  // in [bins log magnitudes, bins p] -> out [bins real, bins imaginary] of exp(.) at angle sin(p).
  void (*spectral_head)(const float* in, size_t bins, float* out);
};

// Valid for every Isa of supported_isas().
const VectorKernels& vector_kernels(Isa isa);

}  // namespace myna::backend::cpu
