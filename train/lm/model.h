// A decoder for language: RMSNorm, rotary positions (NEOX halves), grouped-query attention, SwiGLU,
// and mixture-of-experts layers (lm/mixture.h). Weight names and layouts are Hugging Face's for
// Llama (dense) and Glm4Moe (with experts), but experts of a layer are one tensor.
// docs/models/myna-chat-1.md is the specification.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "train/core/parameters.h"
#include "train/lm/mixture.h"

namespace myna::train {

struct LmSizes {
  int64_t vocabulary = 4096;
  int64_t layers = 6, width = 256;
  int64_t heads = 4, kv_heads = 2, head_size = 64;
  int64_t feed_forward = 768;  // of dense layers
  double rope_base = 10000, norm_epsilon = 1e-5;
  bool qk_norm = false, tied = true;
  int64_t leading_dense = 0;  // layers without experts; all, when mixture.experts is 0
  MixtureSizes mixture;

  bool has_experts(int64_t layer) const { return mixture.experts > 0 && layer >= leading_dense; }
  // Numbers that a token's computation uses, without the embedding's table.
  int64_t active_parameters() const;
};

// Which positions see each other, and where each stands: of [B, T] documents packed together.
struct LmContext {
  Tensor position;  // [B, T] integers, from 0 in each document
  Tensor allowed;   // [B, 1, T, T] bool; undefined: one document a row, causal
};

struct LmOutput {
  Tensor hidden;        // [B, T, width], after the last norm
  Tensor router_loss;   // scalar; undefined without experts
  Tensor expert_loads;  // [layers with experts, experts]: tokens sent to each, without gradients
};

class LmModel {
 public:
  // The memory of each layer is its input; the rest is computed again in the backward pass.
  enum class Activations : bool { kKept, kRecomputed };

  // experts: the processes that the experts are divided over, as in Mixture.
  LmModel(Parameters& parameters, const LmSizes& sizes, const ProcessGroup* experts = nullptr);

  LmOutput operator()(const Tensor& tokens, const LmContext& context,
                      Activations activations = Activations::kKept) const;
  // [..., width] -> [..., vocabulary]
  Tensor logits(const Tensor& hidden) const;

  const LmSizes& sizes() const { return sizes_; }
  const std::vector<Mixture>& mixtures() const { return mixtures_; }

 private:
  struct Layer {
    Tensor input_norm, q, k, v, o, q_norm, k_norm;
    Tensor ffn_norm, gate_up, down;  // dense, gate above up
    int64_t mixture = -1;            // index into mixtures_
  };
  struct Rotation {
    Tensor cosine, sine;  // [B, 1, T, head_size / 2]
  };
  MixtureOutput run_layer(const Layer& layer, const Tensor& x, const Rotation& rotation,
                          const Tensor& allowed) const;
  Tensor attend(const Layer& layer, const Tensor& x, const Rotation& rotation,
                const Tensor& allowed) const;

  LmSizes sizes_;
  Tensor embedding_, norm_, output_;
  std::vector<Layer> layers_;
  std::vector<Mixture> mixtures_;
};

// position and mask of rows of tokens, from the index of the document that each token is of.
LmContext context_of(const Tensor& document);

}  // namespace myna::train
