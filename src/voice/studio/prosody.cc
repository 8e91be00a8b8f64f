#include "voice/studio/prosody.h"

#include <string>

#include "ops/row_layout.h"

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

void ProsodyPredictor::encode(Run& run, ops::ConstRows style, ops::ConstRows text,
                              ops::Rows y) const {
  const ops::Arena::Scope scope(run.arena);
  const ops::Rows hidden = run.arena.rows_like(text, kChannels);
  const ops::Rows affine = run.arena.rows(style.rows, 2 * kChannels);
  run.backend.copy_rows(text, y.columns(0, kChannels), run.arena);
  run.backend.broadcast_rows(style, y.columns(kChannels, kStyle), run.arena);
  for (const EncoderLayer& layer : encoder_) {
    run.backend.bilstm(*layer.lstm, y, hidden, run.arena);
    run.backend.adaptive_affine(*layer.projection, style, {}, 0.0f, affine, run.arena);
    run.backend.layer_norm(hidden, {affine.data, affine.data + kChannels, affine.stride}, 1e-5f,
                           ops::Activation::kNone, 0.0f, y.columns(0, kChannels), run.arena);
    run.check_cancelled();
  }
}

void ProsodyPredictor::predict_durations(Run& run, ops::ConstRows encoded,
                                         std::span<float> frames) const {
  const ops::Arena::Scope scope(run.arena);
  const ops::Rows hidden = run.arena.rows_like(encoded, kChannels);
  const ops::Rows logits = run.arena.rows_like(encoded, kDurationBins);
  const ops::Rows sums = run.arena.rows_like(encoded, 1);
  run.backend.bilstm(*duration_lstm_, encoded, hidden, run.arena);
  run.backend.conv1d(*duration_projection_, hidden, {}, {}, logits, run.arena);
  run.backend.sigmoid_sums(logits, sums, run.arena);
  run.backend.download(ops::filled_rows(sums), frames, run.arena);
}

void ProsodyPredictor::predict_curves(Run& run, ops::ConstRows style, ops::ConstRows frames,
                                      ops::Rows f0_hz, ops::Rows energy) const {
  const ops::Arena::Scope scope(run.arena);
  const ops::Rows hidden = run.arena.rows_like(frames, kChannels);
  run.backend.bilstm(*shared_lstm_, frames, hidden, run.arena);
  run.report("predictor_shared", hidden);
  predict_curve(run, f0_, style, hidden, f0_hz);
  run.report("f0", f0_hz);
  predict_curve(run, energy_, style, hidden, energy);
  run.report("energy", energy);
}

void ProsodyPredictor::predict_curve(Run& run, const Curve& curve, ops::ConstRows style,
                                     ops::ConstRows x, ops::Rows values) const {
  const ops::Arena::Scope scope(run.arena);
  for (const AdaInResidualBlock& block : curve.blocks) {
    const size_t channels = block.out_channels();
    const ops::Rows y = block.output_rows(1) == 1 ? run.arena.rows_like(x, channels)
                                                  : run.arena.rows_like(values, channels);
    block.apply(run, style, x, y);
    x = y;
  }
  run.backend.conv1d(*curve.projection, x, {}, {}, values, run.arena);
}

}  // namespace myna::voice::studio
