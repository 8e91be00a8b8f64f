#include "voice/studio/text_encoder.h"

#include <string>
#include <utility>

namespace myna::voice::studio {

TextEncoder::TextEncoder(const Checkpoint& checkpoint)
    : embedding_(checkpoint.backend().prepare_table(
          checkpoint.dequantized("text_encoder.embedding.weight", {178, kChannels}), kChannels)) {
  for (int i = 0; i < 3; ++i) {
    const std::string prefix = "text_encoder.cnn." + std::to_string(i);
    layers_.push_back({checkpoint.conv1d(prefix + ".0", {kChannels, kChannels, 5, 1, 1, 2},
                                         checkpoint.precision()),
                       checkpoint.parameters(prefix + ".1.gamma", {kChannels}),
                       checkpoint.parameters(prefix + ".1.beta", {kChannels})});
  }
  lstm_ = checkpoint.bilstm("text_encoder.lstm", kChannels, kChannels / 2);
}

void TextEncoder::encode(Run& run, std::span<const int> tokens, ops::Rows y) const {
  const ops::Arena::Scope scope(run.arena);
  ops::Rows x = run.arena.rows_like(y, kChannels);
  ops::Rows next = run.arena.rows_like(y, kChannels);
  run.backend.embed(*embedding_, nullptr, tokens, x, run.arena);
  for (const Layer& layer : layers_) {
    run.backend.conv1d(*layer.conv, x, {}, {}, next, run.arena);
    run.backend.layer_norm(next, {layer.scale.data(), layer.shift.data()}, 1e-5f,
                           ops::Activation::kLeakyRelu, 0.2f, next, run.arena);
    std::swap(x, next);
  }
  run.backend.bilstm(*lstm_, x, y, run.arena);
}

}  // namespace myna::voice::studio
