#include "train/lm/mixture.h"

#include <cmath>

#include "base/error.h"
#include "train/core/autocast.h"

namespace myna::train {
namespace {

// Of bfloat16 in 16 bytes, which is how a grouped product reads its rows.
constexpr int64_t kGroupedWidths = 8;

// On a processor all experts may see all tokens as long as they are no more than this many times
// those that a token needs: products whose sizes change with every step cost more there, since
// oneDNN makes a new kernel for each size.
constexpr int64_t kComputedTogether = 2;

}  // namespace

Tensor swiglu(const Tensor& x, const Tensor& gate_up, const Tensor& down) {
  const Tensor both = at::linear(x, gate_up);
  const int64_t width = both.size(-1) / 2;
  return at::linear(at::silu(both.narrow(-1, 0, width)) * both.narrow(-1, width, width), down);
}

Mixture::Mixture(Parameters& parameters, const std::string& name, const MixtureSizes& sizes,
                 int64_t width, const ProcessGroup* group)
    : sizes_(sizes), group_(group), own_(sizes.experts) {
  RowPart part;
  if (group != nullptr) {
    if (sizes.experts % group->size() != 0) {
      throw Error(ErrorCode::kInvalidArgument, std::to_string(sizes.experts) +
                                                   " experts cannot be divided over " +
                                                   std::to_string(group->size()) + " processes");
    }
    own_ = sizes.experts / group->size();
    part = {group->rank() * own_, own_};
  }
  const double deviation = 1 / std::sqrt(static_cast<double>(width));
  const int64_t ff = sizes.expert_width;
  router_ = parameters.normal(name + ".gate.weight", {sizes.experts, width}, deviation);
  bias_ = parameters.constant(name + ".gate.e_score_correction_bias", {sizes.experts}, 0);
  gate_up_ = parameters.normal(name + ".experts.gate_up_proj", {sizes.experts, 2 * ff, width},
                               deviation, ParameterKind::kMatrix, part);
  down_ = parameters.normal(name + ".experts.down_proj", {sizes.experts, width, ff},
                            sizes.zero_experts ? 0 : 1 / std::sqrt(static_cast<double>(ff)),
                            ParameterKind::kMatrix, part);
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
  if (group_ == nullptr && !x.is_cuda() && sizes_.experts <= kComputedTogether * chosen) {
    const Tensor spread =
        at::zeros_like(scores).scatter(1, experts, weights);  // 0 where an expert is not chosen
    output.y = experts_together(x, spread, gate_up_, down_).to(x.dtype());
    if (shared_gate_up_.defined()) output.y = output.y + swiglu(x, shared_gate_up_, shared_down_);
    return output;
  }
  // Rows in the order of their experts, so that each expert is one product.
  const Tensor flat = experts.reshape({-1});
  const Tensor order = flat.argsort(/*stable=*/true, 0, false);
  const Tensor rows = x.index_select(0, at::div(order, chosen, "floor"));
  const Tensor counts = output.loads.to(at::kCPU, at::kLong);
  const Tensor results =
      group_ != nullptr
          ? experts_elsewhere(rows, counts)
          : own_experts(rows, {counts.data_ptr<int64_t>(), static_cast<size_t>(counts.numel())});
  const Tensor weighted = results * weights.reshape({-1}).index_select(0, order).unsqueeze(1);
  // Back in the tokens' order, where the contributions are summed in a fixed order.
  const Tensor back =
      at::empty_like(order).scatter_(0, order, at::arange(order.size(0), order.options()));
  output.y =
      weighted.index_select(0, back).reshape({tokens, chosen, x.size(1)}).sum(1).to(x.dtype());
  if (shared_gate_up_.defined()) output.y = output.y + swiglu(x, shared_gate_up_, shared_down_);
  return output;
}

// counts[own experts] rows each, one expert after the other.
Tensor Mixture::own_experts(const Tensor& rows, std::span<const int64_t> counts) const {
  const bool grouped = rows.is_cuda() && at::autocast::is_autocast_enabled(at::kCUDA) &&
                       rows.size(1) % kGroupedWidths == 0 &&
                       sizes_.expert_width % kGroupedWidths == 0;
  return grouped ? experts_grouped(rows, counts, gate_up_, down_)
                 : experts_in_turn(rows, counts, gate_up_, down_);
}

Tensor experts_in_turn(const Tensor& rows, std::span<const int64_t> counts, const Tensor& gate_up,
                       const Tensor& down) {
  std::vector<Tensor> parts;
  int64_t begin = 0;
  // An expert without rows has its turn, too: that the result follows from the rows must hold even
  // where there are none, because the backward pass of a group is an exchange that all take part
  // in.
  for (size_t e = 0; e < counts.size(); begin += counts[e++]) {
    const auto expert = static_cast<int64_t>(e);
    parts.push_back(swiglu(rows.narrow(0, begin, counts[e]), gate_up[expert], down[expert]));
  }
  return at::cat(parts);
}

Tensor experts_together(const Tensor& x, const Tensor& weights, const Tensor& gate_up,
                        const Tensor& down) {
  const int64_t experts = gate_up.size(0), width = down.size(2);
  const Tensor both = at::linear(x, gate_up.flatten(0, 1)).reshape({x.size(0), experts, 2 * width});
  const Tensor hidden = at::silu(both.narrow(2, 0, width)) * both.narrow(2, width, width);
  return at::linear((hidden * weights.unsqueeze(2)).flatten(1), down.transpose(0, 1).flatten(1));
}

Tensor experts_grouped(const Tensor& rows, std::span<const int64_t> counts, const Tensor& gate_up,
                       const Tensor& down) {
  std::vector<int32_t> ends;
  int64_t end = 0;
  for (const int64_t count : counts) ends.push_back(static_cast<int32_t>(end += count));
  const Tensor offsets = at::tensor(ends, at::kInt).to(rows.device());
  const auto product = [&](const Tensor& x, const Tensor& weights) {
    return at::_grouped_mm(x, weights.to(at::kBFloat16).transpose(1, 2), offsets);
  };
  const Tensor both = product(rows.to(at::kBFloat16), gate_up);
  const int64_t width = both.size(1) / 2;
  // Not a view: the product wants rows without gaps.
  return product(at::silu(both.narrow(1, 0, width)) * both.narrow(1, width, width), down);
}

// The same with counts [experts] of rows whose experts are in the processes of the group.
Tensor Mixture::experts_elsewhere(const Tensor& rows, const Tensor& counts) const {
  const int64_t processes = group_->size();
  const Tensor sent = counts.reshape({processes, own_});
  Tensor received;  // [processes, own experts]: of each process, for each expert here
  {
    at::NoGradGuard no_grad;
    const std::vector<int64_t> one(static_cast<size_t>(processes), 1);
    received = group_->exchange_rows(sent, one, one);
  }
  const auto numbers = [](const Tensor& sums) {
    return std::vector<int64_t>(sums.data_ptr<int64_t>(), sums.data_ptr<int64_t>() + sums.numel());
  };
  const std::vector<int64_t> to = numbers(sent.sum(1)), from = numbers(received.sum(1));
  const Tensor arrived = group_->exchange_rows(rows, to, from);
  // They come process by process and are wanted expert by expert.
  const Tensor expert_of = at::arange(own_, at::kLong)
                               .repeat({processes})
                               .repeat_interleave(received.reshape({-1}))
                               .to(rows.device());
  const Tensor order = expert_of.argsort(/*stable=*/true, 0, false);
  const Tensor back =
      at::empty_like(order).scatter_(0, order, at::arange(order.size(0), order.options()));
  const std::vector<int64_t> own_counts = numbers(received.sum(0));
  const Tensor results = own_experts(arrived.index_select(0, order), own_counts);
  return group_->exchange_rows(results.index_select(0, back), from, to);
}

void Mixture::balance(const Tensor& loads, double rate) const {
  at::NoGradGuard no_grad;
  Tensor bias = bias_;
  bias.add_(at::sign(loads.mean() - loads), rate);
}

}  // namespace myna::train
