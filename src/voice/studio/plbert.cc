#include "voice/studio/plbert.h"

#include <vector>

namespace myna::voice::studio {
namespace {

constexpr size_t kEmbedding = 128;
constexpr size_t kFeedForward = 2048;
constexpr size_t kHeads = 12;
constexpr size_t kLayers = 12;
constexpr float kEpsilon = 1e-12f;

void normalize(Run& run, std::span<const float> scale, std::span<const float> shift, ops::Rows x) {
  run.backend.layer_norm(x, {scale.data(), shift.data()}, kEpsilon, ops::Activation::kNone, 0.0f, x,
                         run.arena);
}

}  // namespace

Plbert::Plbert(const Checkpoint& checkpoint) {
  const std::string embeddings = "bert.embeddings.";
  std::vector<float> words =
      checkpoint.dequantized(embeddings + "word_embeddings.weight", {178, kEmbedding});
  const std::vector<float> types =
      checkpoint.dequantized(embeddings + "token_type_embeddings.weight", {2, kEmbedding});
  for (size_t i = 0; i < words.size(); ++i) words[i] += types[i % kEmbedding];
  word_embeddings_ = checkpoint.backend().prepare_table(words, kEmbedding);
  position_embeddings_ = checkpoint.backend().prepare_table(
      checkpoint.dequantized(embeddings + "position_embeddings.weight",
                             {kMaximumTokens, kEmbedding}),
      kEmbedding);
  embedding_scale_ = checkpoint.parameters(embeddings + "LayerNorm.weight", {kEmbedding});
  embedding_shift_ = checkpoint.parameters(embeddings + "LayerNorm.bias", {kEmbedding});

  const ops::Precision precision = checkpoint.precision();
  embedding_projection_ = checkpoint.linear("bert.encoder.embedding_hidden_mapping_in", kEmbedding,
                                            kHidden, ops::Precision::kFloat32);
  const std::string layer = "bert.encoder.albert_layer_groups.0.albert_layers.0.";
  query_ = checkpoint.linear(layer + "attention.query", kHidden, kHidden, precision);
  key_ = checkpoint.linear(layer + "attention.key", kHidden, kHidden, precision);
  value_ = checkpoint.linear(layer + "attention.value", kHidden, kHidden, precision);
  attention_output_ = checkpoint.linear(layer + "attention.dense", kHidden, kHidden, precision);
  attention_scale_ = checkpoint.parameters(layer + "attention.LayerNorm.weight", {kHidden});
  attention_shift_ = checkpoint.parameters(layer + "attention.LayerNorm.bias", {kHidden});
  feed_forward_ = checkpoint.linear(layer + "ffn", kHidden, kFeedForward, precision);
  feed_forward_output_ = checkpoint.linear(layer + "ffn_output", kFeedForward, kHidden, precision);
  output_scale_ = checkpoint.parameters(layer + "full_layer_layer_norm.weight", {kHidden});
  output_shift_ = checkpoint.parameters(layer + "full_layer_layer_norm.bias", {kHidden});
}

void Plbert::encode(Run& run, std::span<const int> tokens, ops::Rows y) const {
  const ops::Arena::Scope scope(run.arena);
  const ops::Rows embedded = run.arena.rows_like(y, kEmbedding);
  run.backend.embed(*word_embeddings_, position_embeddings_.get(), tokens, embedded, run.arena);
  normalize(run, embedding_scale_, embedding_shift_, embedded);
  run.backend.conv1d(*embedding_projection_, embedded, {}, {}, y, run.arena);
  for (size_t i = 0; i < kLayers; ++i) {
    layer(run, y);
    run.check_cancelled();
  }
}

void Plbert::layer(Run& run, ops::Rows x) const {
  const ops::Arena::Scope scope(run.arena);
  const ops::Rows q = run.arena.rows_like(x, kHidden), k = run.arena.rows_like(x, kHidden);
  const ops::Rows v = run.arena.rows_like(x, kHidden), mixed = run.arena.rows_like(x, kHidden);
  run.backend.conv1d(*query_, x, {}, {}, q, run.arena);
  run.backend.conv1d(*key_, x, {}, {}, k, run.arena);
  run.backend.conv1d(*value_, x, {}, {}, v, run.arena);
  run.backend.attention(q, k, v, kHeads, mixed, run.arena);
  ops::OutputTransform add_input;
  add_input.residual = x;
  run.backend.conv1d(*attention_output_, mixed, {}, add_input, x, run.arena);
  normalize(run, attention_scale_, attention_shift_, x);
  const ops::Rows wide = run.arena.rows_like(x, kFeedForward);
  ops::OutputTransform gelu;
  gelu.activation = ops::Activation::kGeluTanh;
  run.backend.conv1d(*feed_forward_, x, {}, gelu, wide, run.arena);
  run.backend.conv1d(*feed_forward_output_, wide, {}, add_input, x, run.arena);
  normalize(run, output_scale_, output_shift_, x);
}

}  // namespace myna::voice::studio
