#include "voice/studio/prosody.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace myna::voice::studio {
namespace {

constexpr size_t kChannels = 512;
constexpr size_t kHidden = kChannels / 2;  // of each LSTM direction
constexpr size_t kDurationBins = 50;

}  // namespace

ProsodyPredictor::ProsodyPredictor(const Checkpoint& checkpoint)
    : f0_(make_curve(checkpoint, "F0")), energy_(make_curve(checkpoint, "N")) {
  for (int i = 0; i < 3; ++i) {
    const std::string prefix = "predictor.text_encoder.lstms.";
    encoder_.push_back({checkpoint.bilstm(prefix + std::to_string(2 * i), kEncoded, kHidden),
                        checkpoint.linear(tensor_name({prefix, std::to_string(2 * i + 1), ".fc"}),
                                          kStyle, 2 * kChannels, ops::Precision::kFloat32)});
  }
  duration_lstm_ = checkpoint.bilstm("predictor.lstm", kEncoded, kHidden);
  duration_projection_ = checkpoint.linear("predictor.duration_proj.linear_layer", kChannels,
                                           kDurationBins, ops::Precision::kFloat32);
  shared_lstm_ = checkpoint.bilstm("predictor.shared", kEncoded, kHidden);
}

ProsodyPredictor::Curve ProsodyPredictor::make_curve(const Checkpoint& checkpoint,
                                                     const std::string& name) {
  Curve curve;
  const std::string prefix = "predictor." + name + ".";
  curve.blocks.emplace_back(checkpoint, prefix + "0", kChannels, kChannels, Upsample::kNone);
  curve.blocks.emplace_back(checkpoint, prefix + "1", kChannels, kChannels / 2, Upsample::kDouble);
  curve.blocks.emplace_back(checkpoint, prefix + "2", kChannels / 2, kChannels / 2,
                            Upsample::kNone);
  curve.projection = checkpoint.conv1d("predictor." + name + "_proj",
                                       {kChannels / 2, 1, 1, 1, 1, 0}, ops::Precision::kFloat32);
  return curve;
}

void ProsodyPredictor::encode(Run& run, std::span<const float> style, ops::ConstRows text,
                              ops::Rows y) const {
  const ops::Arena::Scope scope(run.arena);
  const ops::Rows hidden = run.arena.rows(text.rows, kChannels);
  const ops::Rows affine = run.arena.rows(1, 2 * kChannels);
  for (size_t t = 0; t < y.rows; ++t) {
    std::copy_n(text.row(t), kChannels, y.row(t));
    std::copy_n(style.data(), kStyle, y.row(t) + kChannels);
  }
  for (const EncoderLayer& layer : encoder_) {
    run.backend.bilstm(*layer.lstm, y, hidden, run.arena);
    run.backend.conv1d(*layer.projection, {style.data(), 1, kStyle, kStyle}, {}, {}, affine,
                       run.arena);
    for (size_t c = 0; c < kChannels; ++c) affine.data[c] += 1.0f;  // 1 + gamma
    run.backend.layer_norm(hidden, {affine.data, kChannels}, {affine.data + kChannels, kChannels},
                           1e-5f, ops::Activation::kNone, 0.0f, y.columns(0, kChannels));
    run.check_cancelled();
  }
}

void ProsodyPredictor::predict_durations(Run& run, ops::ConstRows encoded, float speed,
                                         std::span<float> frames) const {
  const ops::Arena::Scope scope(run.arena);
  const ops::Rows hidden = run.arena.rows(encoded.rows, kChannels);
  const ops::Rows logits = run.arena.rows(encoded.rows, kDurationBins);
  run.backend.bilstm(*duration_lstm_, encoded, hidden, run.arena);
  run.backend.conv1d(*duration_projection_, hidden, {}, {}, logits, run.arena);
  for (size_t t = 0; t < encoded.rows; ++t) {
    float sum = 0.0f;
    for (size_t i = 0; i < kDurationBins; ++i) sum += 1.0f / (1.0f + std::exp(-logits.row(t)[i]));
    frames[t] = sum / speed;
  }
}

void ProsodyPredictor::predict_curves(Run& run, std::span<const float> style, ops::ConstRows frames,
                                      std::span<float> f0_hz, std::span<float> energy) const {
  const ops::Arena::Scope scope(run.arena);
  const ops::Rows hidden = run.arena.rows(frames.rows, kChannels);
  run.backend.bilstm(*shared_lstm_, frames, hidden, run.arena);
  run.report("predictor_shared", hidden);
  predict_curve(run, f0_, style, hidden, f0_hz);
  run.report("f0", f0_hz);
  predict_curve(run, energy_, style, hidden, energy);
  run.report("energy", energy);
}

void ProsodyPredictor::predict_curve(Run& run, const Curve& curve, std::span<const float> style,
                                     ops::ConstRows x, std::span<float> values) const {
  const ops::Arena::Scope scope(run.arena);
  for (const AdaInResidualBlock& block : curve.blocks) {
    const ops::Rows y = run.arena.rows(block.output_rows(x.rows), block.out_channels());
    block.apply(run, style, x, y);
    x = y;
  }
  run.backend.conv1d(*curve.projection, x, {}, {}, {values.data(), values.size(), 1, 1}, run.arena);
}

}  // namespace myna::voice::studio
