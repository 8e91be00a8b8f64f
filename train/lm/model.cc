#include "train/lm/model.h"

#include <cmath>

#include "train/core/recompute.h"

namespace myna::train {
namespace {

Tensor rms_norm(const Tensor& x, const Tensor& weight, double epsilon) {
  const Tensor wide = x.to(at::kFloat);
  return (wide * at::rsqrt(wide.square().mean(-1, true) + epsilon) * weight).to(x.dtype());
}

// x [B, heads, T, size]: the halves of a head are the parts of complex numbers.
Tensor rotate(const Tensor& x, const Tensor& cosine, const Tensor& sine) {
  const int64_t half = x.size(-1) / 2;
  const Tensor a = x.narrow(-1, 0, half), b = x.narrow(-1, half, half);
  return at::cat({a * cosine - b * sine, b * cosine + a * sine}, -1).to(x.dtype());
}

}  // namespace

int64_t LmSizes::active_parameters() const {
  int64_t sum = width * (tied ? 0 : vocabulary) + width;
  for (int64_t layer = 0; layer < layers; ++layer) {
    sum += width * head_size * (2 * heads + 2 * kv_heads) + 2 * width;
    if (has_experts(layer)) {
      sum += mixture.experts * width +
             3 * width * (mixture.top_k * mixture.expert_width + mixture.shared_width);
    } else {
      sum += 3 * width * feed_forward;
    }
  }
  return sum;
}

LmModel::LmModel(Parameters& parameters, const LmSizes& sizes, const ProcessGroup* experts)
    : sizes_(sizes) {
  const double deviation = 1 / std::sqrt(static_cast<double>(sizes.width));
  const double last = 1 / std::sqrt(2.0 * static_cast<double>(sizes.layers));
  embedding_ =
      parameters.normal("model.embed_tokens.weight", {sizes.vocabulary, sizes.width}, 0.02);
  for (int64_t i = 0; i < sizes.layers; ++i) {
    const std::string name = "model.layers." + std::to_string(i) + ".";
    const auto matrix = [&](const char* part, int64_t out, int64_t in, double gain) {
      return parameters.normal(name + part, {out, in}, gain / std::sqrt(static_cast<double>(in)),
                               ParameterKind::kMatrix);
    };
    const auto ones = [&](const char* part, int64_t size) {
      return parameters.constant(name + part, {size}, 1);
    };
    Layer layer;
    layer.input_norm = ones("input_layernorm.weight", sizes.width);
    layer.q = matrix("self_attn.q_proj.weight", sizes.heads * sizes.head_size, sizes.width, 1);
    layer.k = matrix("self_attn.k_proj.weight", sizes.kv_heads * sizes.head_size, sizes.width, 1);
    layer.v = matrix("self_attn.v_proj.weight", sizes.kv_heads * sizes.head_size, sizes.width, 1);
    layer.o = matrix("self_attn.o_proj.weight", sizes.width, sizes.heads * sizes.head_size, last);
    if (sizes.qk_norm) {
      layer.q_norm = ones("self_attn.q_norm.weight", sizes.head_size);
      layer.k_norm = ones("self_attn.k_norm.weight", sizes.head_size);
    }
    layer.ffn_norm = ones("post_attention_layernorm.weight", sizes.width);
    if (sizes.has_experts(i)) {
      layer.mixture = static_cast<int64_t>(mixtures_.size());
      mixtures_.emplace_back(parameters, name + "mlp", sizes.mixture, sizes.width, experts);
    } else {
      layer.gate_up = matrix("mlp.gate_up_proj.weight", 2 * sizes.feed_forward, sizes.width, 1);
      layer.down = matrix("mlp.down_proj.weight", sizes.width, sizes.feed_forward, last);
    }
    layers_.push_back(std::move(layer));
  }
  norm_ = parameters.constant("model.norm.weight", {sizes.width}, 1);
  output_ = sizes.tied
                ? embedding_
                : parameters.normal("lm_head.weight", {sizes.vocabulary, sizes.width}, deviation);
}

Tensor LmModel::attend(const Layer& layer, const Tensor& x, const Rotation& rotation,
                       const Tensor& allowed) const {
  const int64_t batch = x.size(0), time = x.size(1);
  const auto heads_of = [&](const Tensor& weight, int64_t heads) {
    return at::linear(x, weight).reshape({batch, time, heads, sizes_.head_size}).transpose(1, 2);
  };
  Tensor q = heads_of(layer.q, sizes_.heads), k = heads_of(layer.k, sizes_.kv_heads);
  const Tensor v = heads_of(layer.v, sizes_.kv_heads);
  if (sizes_.qk_norm) {
    q = rms_norm(q, layer.q_norm, sizes_.norm_epsilon);
    k = rms_norm(k, layer.k_norm, sizes_.norm_epsilon);
  }
  q = rotate(q, rotation.cosine, rotation.sine);
  k = rotate(k, rotation.cosine, rotation.sine);
  const int64_t group = sizes_.heads / sizes_.kv_heads;
  const Tensor y = at::scaled_dot_product_attention(
      q, k.repeat_interleave(group, 1), v.repeat_interleave(group, 1),
      allowed.defined() ? std::optional<Tensor>(allowed) : std::nullopt, 0.0, !allowed.defined());
  return at::linear(y.transpose(1, 2).reshape({batch, time, sizes_.heads * sizes_.head_size}),
                    layer.o);
}

MixtureOutput LmModel::run_layer(const Layer& layer, const Tensor& x, const Rotation& rotation,
                                 const Tensor& allowed) const {
  const double epsilon = sizes_.norm_epsilon;
  const Tensor seen = x + attend(layer, rms_norm(x, layer.input_norm, epsilon), rotation, allowed);
  const Tensor normed = rms_norm(seen, layer.ffn_norm, epsilon);
  if (layer.mixture < 0) return {seen + swiglu(normed, layer.gate_up, layer.down), {}, {}};
  MixtureOutput output =
      mixtures_[static_cast<size_t>(layer.mixture)](normed.reshape({-1, sizes_.width}));
  output.y = seen + output.y.reshape(seen.sizes());
  return output;
}

LmOutput LmModel::operator()(const Tensor& tokens, const LmContext& context,
                             Activations activations) const {
  Rotation rotation;
  {
    const int64_t half = sizes_.head_size / 2;
    const Tensor exponent = at::arange(half, at::TensorOptions(at::kDouble)) / -half;
    const Tensor frequency = at::pow(sizes_.rope_base, exponent).to(at::kFloat).to(tokens.device());
    const Tensor angle = context.position.to(at::kFloat).unsqueeze(-1) * frequency;
    rotation = {angle.cos().unsqueeze(1), angle.sin().unsqueeze(1)};
  }
  Tensor x = at::embedding(embedding_, tokens);
  LmOutput output;
  std::vector<Tensor> loads;
  for (const Layer& layer : layers_) {
    MixtureOutput result;
    if (activations == Activations::kRecomputed) {
      const auto results = recomputed(
          [&layer, rotation, allowed = context.allowed, this](const Tensor& input) {
            const MixtureOutput all = run_layer(layer, input, rotation, allowed);
            if (layer.mixture < 0) return std::vector<Tensor>{all.y};
            return std::vector<Tensor>{all.y, all.router_loss, all.loads};
          },
          x);
      result.y = results[0];
      if (layer.mixture >= 0) {
        result.router_loss = results[1];
        result.loads = results[2].detach();
      }
    } else {
      result = run_layer(layer, x, rotation, context.allowed);
    }
    x = result.y;
    if (layer.mixture < 0) continue;
    output.router_loss =
        output.router_loss.defined() ? output.router_loss + result.router_loss : result.router_loss;
    loads.push_back(result.loads);
  }
  if (!loads.empty()) output.expert_loads = at::stack(loads);
  output.hidden = rms_norm(x, norm_, sizes_.norm_epsilon);
  return output;
}

Tensor LmModel::logits(const Tensor& hidden) const { return at::linear(hidden, output_); }

LmContext context_of(const Tensor& document) {
  const int64_t time = document.size(1);
  const Tensor index = at::arange(time, document.options());
  const Tensor same = document.unsqueeze(2) == document.unsqueeze(1);  // [B, T, T]
  const Tensor causal = index.unsqueeze(1) >= index.unsqueeze(0);
  LmContext context;
  context.allowed = (same & causal).unsqueeze(1);
  // How many earlier positions are of the same document.
  context.position = (same & causal).sum(2) - 1;
  return context;
}

}  // namespace myna::train
