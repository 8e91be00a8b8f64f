// Adaptive instance normalisation (arXiv 1703.06868) and the residual block that the prosody
// predictor and the decoder are built of. docs/models/studio.md, "AdaIN residual block".
#pragma once

#include <optional>
#include <span>
#include <string>

#include "voice/studio/checkpoint.h"
#include "voice/studio/run.h"

namespace myna::voice::studio {

inline constexpr size_t kStyle = 128;  // of one half of a voice's style row

// (1 + gamma(style)) * (x - mean) / sqrt(variance + 1e-5) + beta(style), statistics over time. As
// it is affine per channel, it is handed to the following operation as its input transform.
class AdaIn {
 public:
  // "<prefix>.fc" maps the style to [gamma, beta], channels each.
  AdaIn(const Checkpoint& checkpoint, const std::string& prefix, size_t channels);

  size_t channels() const { return channels_; }
  // The transform with scale and shift from moments; its arrays live in the arena's open scope.
  // style is [items, kStyle].
  ops::InputTransform transform(Run& run, ops::ConstRows style, ops::ChannelMoments moments) const;

 private:
  size_t channels_;
  ops::Prepared projection_;
};

ops::ChannelMoments allocate_moments(Run& run, size_t channels);

enum class Upsample : uint8_t { kNone, kDouble };

// y = (conv2(leaky(AdaIN(conv1(pool(leaky(AdaIN(x))))))) + shortcut(x)) / sqrt(2). With kDouble,
// pool is a learned depthwise upsampling and the shortcut repeats each row; with in != out the
// shortcut has a 1x1 convolution.
class AdaInResidualBlock {
 public:
  AdaInResidualBlock(const Checkpoint& checkpoint, const std::string& prefix, size_t in, size_t out,
                     Upsample upsample);

  size_t in_channels() const { return norm1_.channels(); }
  size_t out_channels() const { return norm2_.channels(); }
  size_t output_rows(size_t rows) const { return upsample_ == Upsample::kDouble ? 2 * rows : rows; }
  void apply(Run& run, ops::ConstRows style, ops::ConstRows x, ops::Rows y) const;

 private:
  Upsample upsample_;
  AdaIn norm1_, norm2_;
  ops::Prepared conv1_, conv2_;
  ops::Prepared shortcut_;  // null when in == out
  std::span<const float> pool_weight_, pool_bias_;
};

}  // namespace myna::voice::studio
