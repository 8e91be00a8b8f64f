// Convolutions, transposed convolutions and linear layers on the device.
//
// On tensor cores a convolution is a sum of matrix products, one a tap: activations are time-major,
// so that tap j of a tile of output rows is the same tile of input rows, j * dilation further down.
// A block of threads brings the input rows of its tile into shared memory once, transformed
// (AdaIN + Snake) and rounded to bfloat16, and walks over the taps by shifting the row it starts
// from; weights stream past it. Sums are float, and so are activations in memory.
#pragma once

#include <span>

#include "backend/cuda/elementwise.h"
#include "backend/cuda/runtime.h"
#include "ops/backend.h"

namespace myna::backend::cuda {

struct ConvolutionTask {
  const float* x;
  int x_stride;
  Items x_items;
  InputView input;
  float* y;
  int y_stride;
  Items y_items;
  OutputView output;
  int item_count;
  int largest_output;  // rows of the largest item
  float* partial;      // [items][tiles][2][out_channels] tile moments; null: not wanted
};

// Weights on the device. bfloat16 tiles (tile_layout.h) or plain floats [tap * in, out].
struct ConvolutionWeights {
  ops::Conv1dSpec spec;  // of the (equivalent) forward convolution
  int phases = 1;        // output rows interleaved: 1, or the stride of a transposed convolution
  Phases transposed{1, 1, 0};
  int leading_rows = 0;  // put in front by reflection: 0 or 1
  WeightTiles tiles{};
  DeviceBuffer bfloat16;  // empty: float_weights are used
  DeviceBuffer float_weights;
  DeviceBuffer bias;  // [column_tiles * kTileColumns]
  bool on_tensor_cores = false;
};

ConvolutionWeights prepare_convolution(const ops::Conv1dSpec& spec, const ops::WeightView& weight,
                                       std::span<const float> bias, bool tensor_cores);
ConvolutionWeights prepare_transposed(const ops::ConvTranspose1dSpec& spec,
                                      const ops::WeightView& weight, std::span<const float> bias);

// Tiles of an item's rows, for the size of `partial`.
int moment_tiles(int largest_output);
void run_convolution(Stream& stream, const ConvolutionWeights& weights,
                     const ConvolutionTask& task);

}  // namespace myna::backend::cuda
