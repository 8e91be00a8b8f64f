// Convolutions and linear layers of the CPU backend: packed weights and the driver that runs them
// tile by tile over time. A tile's input is transformed (AdaIN + activation), quantised when the
// product is int8, multiplied and finished while it is in the second-level cache: activations
// travel through memory once a layer.
//
// In int8 each tile has its own input scale. It is finer than one scale for the whole signal and
// needs no pass of its own; tiles overlap by the kernel's reach, so that no scale is shared.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "backend/cpu/context.h"
#include "ops/backend.h"

namespace myna::backend::cpu {

class FilteredConv1d;

// Weights in panels (micro_kernels.h), in one of the three precisions.
class PackedConv1d final : public ops::PreparedWeights {
 public:
  PackedConv1d(const ops::Conv1dSpec& spec, const ops::WeightView& weight,
               std::span<const float> bias, ops::Precision precision);
  PackedConv1d(PackedConv1d&&) noexcept;
  ~PackedConv1d() override;

  const ops::Conv1dSpec& spec() const { return spec_; }
  bool is_int8() const { return !int8_panels_.empty(); }
  // Not null: the float weights are in there, for minimal filtering.
  const FilteredConv1d* filtered() const { return filtered_.get(); }
  const float* bias() const { return bias_.data(); }
  bool is_bfloat16() const { return !bfloat16_panels_.empty(); }

 private:
  friend class ConvolutionRun;
  void pack_float(const ops::WeightView& weight);
  void pack_bfloat16(const ops::WeightView& weight);
  void pack_int8(const ops::WeightView& weight);

  ops::Conv1dSpec spec_;
  size_t blocks_ = 0;        // groups of 32 output channels
  size_t padded_depth_ = 0;  // input channels as packed
  std::unique_ptr<FilteredConv1d> filtered_;
  std::vector<float> float_panels_;
  std::vector<uint16_t> bfloat16_panels_;
  std::vector<int8_t> int8_panels_;
  std::vector<float> bias_;           // [blocks * 32]
  std::vector<float> weight_scales_;  // [blocks * 32], int8 only
  std::vector<int32_t> column_sums_;  // [blocks * 32], int8 only
};

// ops::Backend::conv1d. first_row shifts the input against the output: output row t reads input
// rows t * stride + j * dilation + first_row - padding (used by the phases of a transposed
// convolution); y.rows may be any number.
void run_conv1d(const Context& context, const PackedConv1d& conv, ops::ConstRows x,
                ptrdiff_t first_row, const ops::InputTransform& input,
                const ops::OutputTransform& output, ops::Rows y, ops::Arena& arena);

// A transposed convolution as `stride` convolutions, one an output phase (polyphase form): output
// rows p, p + stride, ... see only the taps j = p + padding (mod stride).
class PackedConvTranspose1d final : public ops::PreparedWeights {
 public:
  PackedConvTranspose1d(const ops::ConvTranspose1dSpec& spec, const ops::WeightView& weight,
                        std::span<const float> bias);
  void run(const Context& context, ops::ConstRows x, const ops::InputTransform& input, ops::Rows y,
           ops::Arena& arena) const;

 private:
  struct Phase {
    PackedConv1d conv;
    ptrdiff_t first_row;
  };
  ops::ConvTranspose1dSpec spec_;
  std::vector<Phase> phases_;
};

// Moments of all rows from the moments of tiles (Chan, Golub, LeVeque 1979), merged in tile order
// so that the result does not depend on which thread did which tile. partial is
// [tiles][2][channels]: means, then sums of squared deviations.
void merge_moments(const float* partial, size_t tiles, size_t tile_rows, size_t total_rows,
                   size_t channels, ops::ChannelMoments moments);
void run_channel_moments(const Context& context, ops::ConstRows x, ops::ChannelMoments moments,
                         ops::Arena& arena);

}  // namespace myna::backend::cpu
