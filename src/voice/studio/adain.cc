#include "voice/studio/adain.h"

#include <cmath>

namespace myna::voice::studio {
namespace {

constexpr float kEpsilon = 1e-5f;
constexpr float kSlope = 0.2f;

}  // namespace

AdaIn::AdaIn(const Checkpoint& checkpoint, const std::string& prefix, size_t channels)
    : channels_(channels),
      // In float: one row, and everything after it is scaled by the result.
      projection_(
          checkpoint.linear(prefix + ".fc", kStyle, 2 * channels, ops::Precision::kFloat32)) {}

ops::InputTransform AdaIn::transform(Run& run, ops::ConstRows style,
                                     ops::ChannelMoments moments) const {
  const ops::Rows affine = run.arena.rows(style.rows, 2 * channels_);
  run.backend.adaptive_affine(*projection_, style, moments, kEpsilon, affine, run.arena);
  ops::InputTransform transform;
  transform.affine = {affine.data, affine.data + channels_, affine.stride};
  return transform;
}

ops::ChannelMoments allocate_moments(Run& run, size_t channels) {
  return {run.arena.allocate<float>(run.items() * channels),
          run.arena.allocate<float>(run.items() * channels)};
}

AdaInResidualBlock::AdaInResidualBlock(const Checkpoint& checkpoint, const std::string& prefix,
                                       size_t in, size_t out, Upsample upsample)
    : upsample_(upsample),
      norm1_(checkpoint, prefix + ".norm1", in),
      norm2_(checkpoint, prefix + ".norm2", out),
      conv1_(checkpoint.conv1d(prefix + ".conv1", {in, out, 3, 1, 1, 1}, checkpoint.precision())),
      conv2_(checkpoint.conv1d(prefix + ".conv2", {out, out, 3, 1, 1, 1}, checkpoint.precision())) {
  if (in != out) {
    shortcut_ =
        checkpoint.conv1d(prefix + ".conv1x1", {in, out, 1, 1, 1, 0}, checkpoint.precision());
  }
  if (upsample == Upsample::kDouble) {
    pool_weight_ = checkpoint.parameters(prefix + ".pool.weight", {in, 1, 3});
    pool_bias_ = checkpoint.parameters(prefix + ".pool.bias", {in});
  }
}

void AdaInResidualBlock::apply(Run& run, ops::ConstRows style, ops::ConstRows x,
                               ops::Rows y) const {
  const ops::Arena::Scope scope(run.arena);
  const ops::ChannelMoments moments1 = allocate_moments(run, in_channels());
  run.backend.channel_moments(x, moments1, run.arena);
  ops::InputTransform input1 = norm1_.transform(run, style, moments1);
  input1.activation = ops::Activation::kLeakyRelu;
  input1.slope = kSlope;

  // Repeating rows and a 1x1 convolution commute: the shortcut runs at the lower rate.
  ops::ConstRows shortcut = x;
  if (shortcut_ != nullptr) {
    const ops::Rows mapped = run.arena.rows_like(x, out_channels());
    run.backend.conv1d(*shortcut_, x, {}, {}, mapped, run.arena);
    shortcut = mapped;
  }
  const ops::Rows hidden = run.arena.rows_like(y, out_channels());
  ops::OutputTransform with_moments;
  with_moments.moments = allocate_moments(run, out_channels());
  if (upsample_ == Upsample::kDouble) {
    const ops::Rows pooled = run.arena.rows_like(y, in_channels());
    run.backend.depthwise_upsample2(pool_weight_, pool_bias_, x, input1, pooled, run.arena);
    run.backend.conv1d(*conv1_, pooled, {}, with_moments, hidden, run.arena);
  } else {
    run.backend.conv1d(*conv1_, x, input1, with_moments, hidden, run.arena);
  }
  run.check_cancelled();
  ops::InputTransform input2 = norm2_.transform(run, style, with_moments.moments);
  input2.activation = ops::Activation::kLeakyRelu;
  input2.slope = kSlope;
  ops::OutputTransform output;
  output.residual = shortcut;
  output.residual_rows_divisor = y.rows / x.rows;
  output.scale = 1.0f / std::sqrt(2.0f);
  run.backend.conv1d(*conv2_, hidden, input2, output, y, run.arena);
  run.check_cancelled();
}

}  // namespace myna::voice::studio
