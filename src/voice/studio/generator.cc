#include "voice/studio/generator.h"

namespace myna::voice::studio {
namespace {

constexpr size_t kInitialChannels = 512;
constexpr size_t kFftSize = 20;
constexpr std::array<size_t, 2> kRates = {10, 6};
constexpr std::array<size_t, 3> kKernels = {3, 7, 11};
constexpr std::array<size_t, 3> kDilations = {1, 3, 5};
constexpr std::array<size_t, 2> kNoiseKernels = {7, 11};
constexpr float kUpsamplerSlope = 0.1f;
constexpr float kOutputSlope = 0.01f;
constexpr size_t kHarmonics = 9;

ops::InputTransform leaky(float slope) {
  ops::InputTransform transform;
  transform.activation = ops::Activation::kLeakyRelu;
  transform.slope = slope;
  return transform;
}

const std::string kPrefix = "decoder.generator.";

}  // namespace

SnakeResidualBlock::SnakeResidualBlock(const Checkpoint& checkpoint, const std::string& prefix,
                                       size_t channels, size_t kernel)
    : channels_(channels) {
  for (size_t i = 0; i < kDilations.size(); ++i) {
    const std::string index = "." + std::to_string(i);
    const size_t dilation = kDilations[i];
    rounds_.push_back(
        {AdaIn(checkpoint, tensor_name({prefix, ".adain1", index}), channels),
         AdaIn(checkpoint, tensor_name({prefix, ".adain2", index}), channels),
         checkpoint.parameters(tensor_name({prefix, ".alpha1", index}), {channels}),
         checkpoint.parameters(tensor_name({prefix, ".alpha2", index}), {channels}),
         checkpoint.conv1d(tensor_name({prefix, ".convs1", index}),
                           {channels, channels, kernel, 1, dilation, dilation * (kernel - 1) / 2},
                           checkpoint.precision()),
         checkpoint.conv1d(tensor_name({prefix, ".convs2", index}),
                           {channels, channels, kernel, 1, 1, (kernel - 1) / 2},
                           checkpoint.precision())});
  }
}

void SnakeResidualBlock::apply(Run& run, ops::ConstRows style, ops::ConstRows x,
                               ops::ChannelMoments moments, const ops::OutputTransform& output,
                               ops::Rows running, ops::Rows y) const {
  const ops::Arena::Scope scope(run.arena);
  const ops::Rows inner = run.arena.rows_like(x, channels_);
  const ops::ChannelMoments inner_moments = allocate_moments(run, channels_);
  const ops::ChannelMoments running_moments = allocate_moments(run, channels_);
  for (size_t i = 0; i < rounds_.size(); ++i) {
    const Round& round = rounds_[i];
    const ops::Arena::Scope round_scope(run.arena);
    ops::InputTransform input = round.norm1.transform(run, style, moments);
    input.activation = ops::Activation::kSnake;
    input.alpha = round.alpha1.data();
    ops::OutputTransform to_inner;
    to_inner.moments = inner_moments;
    run.backend.conv1d(*round.conv1, x, input, to_inner, inner, run.arena);
    run.check_cancelled();

    input = round.norm2.transform(run, style, inner_moments);
    input.activation = ops::Activation::kSnake;
    input.alpha = round.alpha2.data();
    const bool last = i + 1 == rounds_.size();
    ops::OutputTransform to_running;
    to_running.moments = running_moments;
    ops::OutputTransform to_output = output;
    to_output.residual = to_running.residual = x;
    run.backend.conv1d(*round.conv2, inner, input, last ? to_output : to_running,
                       last ? y : running, run.arena);
    run.check_cancelled();
    x = running;
    moments = running_moments;
  }
}

Generator::Stage::Stage(const Checkpoint& checkpoint, size_t index)
    : channels(kInitialChannels >> (index + 1)),
      // The last stage's output has one row more, as the source's spectrum does.
      up_spec{2 * channels,  channels,          2 * kRates[index],
              kRates[index], kRates[index] / 2, index + 1 == kRates.size() ? size_t{1} : size_t{0}},
      noise_block(checkpoint, kPrefix + "noise_res." + std::to_string(index), channels,
                  kNoiseKernels[index]) {
  const std::string up_prefix = kPrefix + "ups." + std::to_string(index);
  up = checkpoint.backend().prepare_conv_transpose1d(
      up_spec, checkpoint.weight(up_prefix + ".weight", {2 * channels, channels, up_spec.kernel}),
      checkpoint.floats(up_prefix + ".bias", {channels}));
  // The source's spectrum is brought to the stage's rate by a stride; on the last one it has it.
  const size_t stride = index + 1 == kRates.size() ? 1 : kRates[index + 1];
  const ops::Conv1dSpec noise_spec =
      stride == 1 ? ops::Conv1dSpec{kSpectrumChannels, channels, 1, 1, 1, 0}
                  : ops::Conv1dSpec{kSpectrumChannels, channels, 2 * stride, stride, 1, stride / 2};
  noise_conv = checkpoint.conv1d(kPrefix + "noise_convs." + std::to_string(index), noise_spec,
                                 ops::Precision::kFloat32);
  for (size_t j = 0; j < kKernels.size(); ++j) {
    blocks.emplace_back(
        checkpoint,
        tensor_name({kPrefix, "resblocks.", std::to_string(index * kKernels.size() + j)}), channels,
        kKernels[j]);
  }
}

void Generator::Stage::apply(Run& run, ops::ConstRows style, ops::ConstRows x,
                             ops::ConstRows source_spectrum, ops::Rows y) const {
  const ops::Arena::Scope scope(run.arena);
  const ops::Rows mixed = run.arena.rows_like(y, channels);
  const ops::ChannelMoments moments = allocate_moments(run, channels);
  run.backend.conv_transpose1d(*up, x, leaky(kUpsamplerSlope), mixed, run.arena);
  run.check_cancelled();
  {
    // y is not written before the noise has gone into `mixed`.
    const ops::Rows noise = y;
    const ops::Arena::Scope noise_scope(run.arena);
    ops::OutputTransform with_moments;
    with_moments.moments = allocate_moments(run, channels);
    run.backend.conv1d(*noise_conv, source_spectrum, {}, with_moments, noise, run.arena);
    ops::OutputTransform add_to_mixed;
    add_to_mixed.addend = mixed;
    add_to_mixed.moments = moments;
    noise_block.apply(run, style, noise, with_moments.moments, add_to_mixed, noise, mixed);
  }
  // Four signals of this stage's rate are in memory at most: the first block keeps its running sum
  // in y, the last one in `mixed`, which nobody reads after it.
  for (size_t j = 0; j < blocks.size(); ++j) {
    const ops::Arena::Scope block_scope(run.arena);
    const bool first = j == 0, last = j + 1 == blocks.size();
    const ops::Rows running = first ? y : last ? mixed : run.arena.rows_like(y, channels);
    ops::OutputTransform output;
    if (!first) output.addend = y;
    if (last) output.scale = 1.0f / static_cast<float>(blocks.size());
    blocks[j].apply(run, style, mixed, moments, output, running, y);
  }
}

Generator::Generator(const Checkpoint& checkpoint)
    : output_conv_(checkpoint.conv1d(
          kPrefix + "conv_post", {kInitialChannels >> kRates.size(), kSpectrumChannels, 7, 1, 1, 3},
          ops::Precision::kFloat32)),
      source_weight_(checkpoint.floats(kPrefix + "m_source.l_linear.weight", {1, kHarmonics})),
      source_bias_(checkpoint.floats(kPrefix + "m_source.l_linear.bias", {1})[0]) {
  for (size_t i = 0; i < kRates.size(); ++i) stages_.emplace_back(checkpoint, i);
}

void Generator::make_source_spectrum(Run& run, ops::ConstRows f0_hz,
                                     std::span<const ops::SourceVariation> variations,
                                     ops::Rows spectrum) const {
  const ops::Arena::Scope scope(run.arena);
  ops::SineSourceSpec spec;
  spec.upsampling = kSamplesPerCurveValue;
  spec.harmonics = kHarmonics;
  spec.mix_weight = source_weight_;
  spec.mix_bias = source_bias_;
  const ops::Rows source =
      run.mapped_rows(f0_hz, 1, [](size_t values) { return values * kSamplesPerCurveValue; });
  run.backend.sine_source(spec, variations, f0_hz, source, run.arena);
  run.report("source", source);
  run.backend.stft(source, kFftSize, kHop, spectrum, run.arena);
  run.report("source_spectrum", spectrum);
}

void Generator::generate(Run& run, ops::ConstRows style, ops::ConstRows x,
                         ops::ConstRows source_spectrum, ops::Rows samples) const {
  const ops::Arena::Scope scope(run.arena);
  for (size_t i = 0; i < stages_.size(); ++i) {
    const Stage& stage = stages_[i];
    const ops::Rows y = run.mapped_rows(
        x, stage.channels, [&](size_t rows) { return stage.up_spec.output_rows(rows); });
    stage.apply(run, style, x, source_spectrum, y);
    x = y;
    run.report("generator_stage" + std::to_string(i), y);
  }
  const ops::Rows spectrum = run.arena.rows_like(x, kSpectrumChannels);
  run.backend.conv1d(*output_conv_, x, leaky(kOutputSlope), {}, spectrum, run.arena);
  run.report("conv_post", spectrum);
  run.backend.inverse_stft_head(spectrum, kFftSize, kHop, samples, run.arena);
  run.report("waveform", samples);
}

}  // namespace myna::voice::studio
