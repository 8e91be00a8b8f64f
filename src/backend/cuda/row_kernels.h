// Kernels that move or map single rows: lookups, copies, norms, moments, AdaIN's coefficients.
#pragma once

#include <span>

#include "backend/cuda/elementwise.h"
#include "backend/cuda/runtime.h"
#include "backend/cuda/tile_layout.h"

namespace myna::backend::cuda {

// y[t] = x[indices[t]] (+ added[t - first row of the item of t]).
struct GatherTask {
  const float* x;
  int x_stride;
  const int* indices;
  const float* added;  // [rows, channels]; null: nothing
  Items y_items;
  int item_count;
  float* y;
  int y_stride, rows, channels;
};
void run_gather(Stream& stream, const GatherTask& task);

// y[t] = x[item of t].
struct BroadcastTask {
  const float* x;
  int x_stride;
  Items y_items;
  int item_count;
  float* y;
  int y_stride, rows, channels;
};
void run_broadcast(Stream& stream, const BroadcastTask& task);

struct SigmoidSumTask {
  const float* x;
  int x_stride, rows, channels;
  float* y;
  int y_stride;
};
void run_sigmoid_sums(Stream& stream, const SigmoidSumTask& task);

struct LayerNormTask {
  const float* x;
  int x_stride;
  Items items;
  int item_count, rows, channels;
  const float* scale;  // null: 1
  const float* shift;  // null: 0
  int item_stride;
  float epsilon;
  ops::Activation activation;
  float slope;
  float* y;
  int y_stride;
};
void run_layer_norm(Stream& stream, const LayerNormTask& task);

// ops::Backend::depthwise_upsample2.
struct UpsampleTask {
  const float* x;
  int x_stride;
  Items x_items;
  InputView input;
  const float* weight;  // [channels, 3]
  const float* bias;
  int item_count, rows, channels;
  float* y;
  int y_stride;
};
void run_upsample(Stream& stream, const UpsampleTask& task);

// Moments of tiles of kTileRows rows into partial [items][tiles][2][channels].
struct TileMomentsTask {
  const float* x;
  int x_stride;
  Items items;
  int item_count, largest, channels;
  float* partial;
};
void run_tile_moments(Stream& stream, const TileMomentsTask& task);

// Tiles merged (Chan, Golub, LeVeque 1979) in a fixed order.
struct MergeMomentsTask {
  const float* partial;
  int tiles;  // of the largest item
  Items items;
  int item_count, channels;
  float* mean;
  float* variance;
};
void run_merge_moments(Stream& stream, const MergeMomentsTask& task);

// ops::Backend::adaptive_affine: affine[i] = [scale, shift].
struct AffineTask {
  const float* weight;  // [style_size][2 * channels]: as float convolutions have it
  const float* bias;    // [2 * channels]
  const float* style;
  int style_stride, style_size;
  const float* mean;  // [items, channels]; null: scale = 1 + gamma, shift = beta
  const float* variance;
  float epsilon;
  int item_count, channels;
  float* affine;
  int affine_stride;
};
void run_affine(Stream& stream, const AffineTask& task);

}  // namespace myna::backend::cuda
