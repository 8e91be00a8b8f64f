#include "train/lm/mixture.h"

#include <cmath>

#include "train/core/autocast.h"

namespace myna::train {

Tensor swiglu(const Tensor& x, const Tensor& gate_up, const Tensor& down) {
  const Tensor both = at::linear(x, gate_up);
  const int64_t width = both.size(-1) / 2;
  return at::linear(at::silu(both.narrow(-1, 0, width)) * both.narrow(-1, width, width), down);
}

Mixture::Mixture(Parameters& parameters, const std::string& name, const MixtureSizes& sizes,
                 int64_t width)
    : sizes_(sizes) {
  const double deviation = 1 / std::sqrt(static_cast<double>(width));
  const int64_t ff = sizes.expert_width;
  router_ = parameters.normal(name + ".gate.weight", {sizes.experts, width}, deviation);
  bias_ = parameters.constant(name + ".gate.e_score_correction_bias", {sizes.experts}, 0);
  gate_up_ = parameters.normal(name + ".experts.gate_up_proj", {sizes.experts, 2 * ff, width},
                               deviation, ParameterKind::kMatrix);
  down_ = parameters.normal(name + ".experts.down_proj", {sizes.experts, width, ff},
                            sizes.zero_experts ? 0 : 1 / std::sqrt(static_cast<double>(ff)),
                            ParameterKind::kMatrix);
  if (sizes.shared_width == 0) return;
  shared_gate_up_ =
      parameters.normal(name + ".shared_experts.gate_up_proj.weight",
                        {2 * sizes.shared_width, width}, deviation, ParameterKind::kMatrix);
  shared_down_ = parameters.normal(
      name + ".shared_experts.down_proj.weight", {width, sizes.shared_width},
      1 / std::sqrt(static_cast<double>(sizes.shared_width)), ParameterKind::kMatrix);
}

MixtureOutput Mixture::operator()(const Tensor& x) const {
  const int64_t tokens = x.size(0), chosen = sizes_.top_k;
  MixtureOutput output;
  Tensor scores, weights, experts;
  {
    // In float: rounding would change who is chosen.
    const Autocast no_autocast(x.device(), Autocast::Wanted::kNo);
    const Tensor logits = at::linear(x.to(at::kFloat), router_);
    scores = sizes_.gate == Gate::kSigmoid ? logits.sigmoid() : logits.softmax(-1);
    {
      at::NoGradGuard no_grad;
      experts = std::get<1>((scores + bias_).topk(chosen, -1));  // [tokens, top_k]
      output.loads = at::bincount(experts.reshape({-1}), {}, sizes_.experts).to(at::kFloat);
    }
    weights = scores.gather(1, experts);
    if (sizes_.normalize) weights = weights / (weights.sum(-1, true) + 1e-20);
    weights = weights * sizes_.scale;
    output.router_loss = at::zeros({}, scores.options());
    if (sizes_.balance_loss > 0) {
      const Tensor share = output.loads / static_cast<double>(tokens * chosen);
      const Tensor mean = (scores / (scores.sum(-1, true) + 1e-20)).mean(0);
      output.router_loss =
          output.router_loss +
          (share * mean).sum() * (static_cast<double>(sizes_.experts) * sizes_.balance_loss);
    }
    if (sizes_.z_loss > 0) {
      output.router_loss =
          output.router_loss + at::logsumexp(logits, {-1}).square().mean() * sizes_.z_loss;
    }
  }
  // Rows in the order of their experts, so that each expert is one product.
  const Tensor flat = experts.reshape({-1});
  const Tensor order = flat.argsort(/*stable=*/true, 0, false);
  const Tensor rows = x.index_select(0, at::div(order, chosen, "floor"));
  const Tensor counts = output.loads.to(at::kCPU, at::kLong);
  const int64_t* count = counts.data_ptr<int64_t>();
  std::vector<Tensor> parts;
  for (int64_t expert = 0, begin = 0; expert < sizes_.experts; begin += count[expert++]) {
    if (count[expert] == 0) continue;
    parts.push_back(swiglu(rows.narrow(0, begin, count[expert]), gate_up_[expert], down_[expert]));
  }
  const Tensor weighted =
      at::cat(parts) * weights.reshape({-1}).index_select(0, order).unsqueeze(1);
  // Back in the tokens' order, where the contributions are summed in a fixed order.
  const Tensor back =
      at::empty_like(order).scatter_(0, order, at::arange(order.size(0), order.options()));
  output.y =
      weighted.index_select(0, back).reshape({tokens, chosen, x.size(1)}).sum(1).to(x.dtype());
  if (shared_gate_up_.defined()) output.y = output.y + swiglu(x, shared_gate_up_, shared_down_);
  return output;
}

void Mixture::balance(const Tensor& loads, double rate) const {
  at::NoGradGuard no_grad;
  Tensor bias = bias_;
  bias.add_(at::sign(loads.mean() - loads), rate);
}

}  // namespace myna::train
