// What kernels do to single values: ops::InputTransform and ops::OutputTransform on the device.
#pragma once

#include "backend/cuda/device.h"
#include "backend/cuda/tile_layout.h"
#include "ops/backend.h"

namespace myna::backend::cuda {

MYNA_DEVICE float apply_activation(ops::Activation activation, float slope, float value) {
  if (activation == ops::Activation::kLeakyRelu) return value >= 0.0f ? value : slope * value;
  if (activation == ops::Activation::kGeluTanh) {
    const float inner = 0.7978845608028654f * (value + 0.044715f * value * value * value);
    return 0.5f * value * (1.0f + tanhf(inner));
  }
  return value;
}

struct InputView {
  const float* scale;
  const float* shift;
  int item_stride;
  ops::Activation activation;
  float slope;
  const float* alpha;

  MYNA_DEVICE float scale_of(int item, int channel) const {
    return scale == nullptr ? 1.0f : scale[item * item_stride + channel];
  }
  MYNA_DEVICE float shift_of(int item, int channel) const {
    return shift == nullptr ? 0.0f : shift[item * item_stride + channel];
  }
  MYNA_DEVICE float alpha_of(int channel) const { return alpha == nullptr ? 1.0f : alpha[channel]; }
};

// A channel's share of a transform, read once and used for many rows.
struct ChannelTransform {
  float scale, shift, alpha, inverse_alpha;
};
MYNA_DEVICE ChannelTransform channel_transform(const InputView& view, int item, int channel) {
  const float alpha = view.alpha_of(channel);
  return {view.scale_of(item, channel), view.shift_of(item, channel), alpha, 1.0f / alpha};
}

// The sine to 1e-6, for products of bfloat16.
MYNA_DEVICE float transform_fast(const InputView& view, const ChannelTransform& channel,
                                 float value) {
  const float z = channel.scale * value + channel.shift;
  if (view.activation == ops::Activation::kSnake) {
    const float sine = fast_sine(channel.alpha * z);
    return z + sine * sine * channel.inverse_alpha;
  }
  return apply_activation(view.activation, view.slope, z);
}

// To the last bits, for float.
MYNA_DEVICE float transform_exact(const InputView& view, int item, int channel, float value) {
  const float z = view.scale_of(item, channel) * value + view.shift_of(item, channel);
  if (view.activation == ops::Activation::kSnake) {
    const float alpha = view.alpha_of(channel);
    const float sine = sinf(alpha * z);
    return z + sine * sine / alpha;
  }
  return apply_activation(view.activation, view.slope, z);
}

struct OutputView {
  const float* residual;
  int residual_stride;
  int residual_divisor;
  const float* addend;
  int addend_stride;
  float scale;
  ops::Activation activation;
  float slope;

  // What is added to output (row of the item, channel). Residuals have their own rows an item: with
  // a divisor the item begins at begin / divisor.
  MYNA_DEVICE float added(int item_begin, int row, int channel) const {
    float value = 0.0f;
    if (residual != nullptr) {
      const int residual_row = item_begin / residual_divisor + row / residual_divisor;
      value = residual[static_cast<size_t>(residual_row) * residual_stride + channel];
    }
    if (addend != nullptr) {
      value += addend[static_cast<size_t>(item_begin + row) * addend_stride + channel];
    }
    return value;
  }
  MYNA_DEVICE float finish(float value) const {
    return apply_activation(activation, slope, value * scale);
  }
};

}  // namespace myna::backend::cuda
