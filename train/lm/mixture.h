// The feed-forward part of a layer as a mixture of experts: each token goes to the top_k experts
// that its router scores highest, none is dropped, and every token also passes through a shared
// expert.
//
//   score_e = gate(w_e . x)                      sigmoid, or softmax over experts; float
//   chosen  = top_k of score_e + bias_e          bias: for the choice only (arXiv 2408.15664)
//   y       = scale * sum_{e chosen} score_e / sum score * expert_e(x) + shared(x)
//   expert(x) = down(silu(gate(x)) * up(x))
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "train/core/parameters.h"
#include "train/core/process_group.h"

namespace myna::train {

enum class Gate : bool { kSigmoid, kSoftmax };

struct MixtureSizes {
  int64_t experts = 0, top_k = 2;
  int64_t expert_width = 96;
  int64_t shared_width = 0;  // 0: no shared expert
  Gate gate = Gate::kSigmoid;
  bool normalize = true;  // chosen scores add up to 1
  double scale = 1;
  double balance_loss = 0;  // weight of experts * sum_e share_e * mean score_e (arXiv 2101.03961)
  double z_loss = 0;        // weight of the mean of log(sum exp)^2 of the router (arXiv 2202.08906)
  // Expert outputs begin as zeros: a model made of a dense one is that model at first.
  bool zero_experts = false;
};

struct MixtureOutput {
  Tensor y;            // as x
  Tensor router_loss;  // scalar, weighted
  Tensor loads;        // [experts] floats: how many tokens each got
};

class Mixture {
 public:
  // With a group, each of its processes has its part of the experts: tokens travel to their experts
  // and back, forward and backward, and every call is collective. The group outlives it. Throws
  // Error kInvalidArgument when it does not divide the experts.
  Mixture(Parameters& parameters, const std::string& name, const MixtureSizes& sizes, int64_t width,
          const ProcessGroup* group = nullptr);

  // x [tokens, width]
  MixtureOutput operator()(const Tensor& x) const;

  // Nudges each expert's bias by `rate` towards an even load. loads [experts], of a whole step.
  void balance(const Tensor& loads, double rate) const;

  const Tensor& bias() const { return bias_; }

 private:
  Tensor own_experts(const Tensor& rows, std::span<const int64_t> counts) const;
  Tensor experts_elsewhere(const Tensor& rows, const Tensor& counts) const;

  MixtureSizes sizes_;
  const ProcessGroup* group_;
  int64_t own_;     // experts of this process
  Tensor router_;   // [experts, width]
  Tensor bias_;     // [experts], no gradient
  Tensor gate_up_;  // [own experts, 2 expert_width, width]
  Tensor down_;     // [own experts, width, expert_width]
  Tensor shared_gate_up_, shared_down_;
};

// Rows in the order of their experts, counts[e] of each, through each row's own expert:
// gate_up [experts, 2 expert_width, width], down [experts, width, expert_width]. One product an
// expert, in the type of the rows or what autocast makes of it: the reference.
Tensor experts_in_turn(const Tensor& rows, std::span<const int64_t> counts, const Tensor& gate_up,
                       const Tensor& down);
// The same in bfloat16, all experts in one launch (LibTorch's _grouped_mm); for devices that one
// expert does not fill. Widths are multiples of 8.
Tensor experts_grouped(const Tensor& rows, std::span<const int64_t> counts, const Tensor& gate_up,
                       const Tensor& down);

// Each row of x [tokens, width] through all experts, and their outputs added up with its weights
// [tokens, experts]: two products in all, for experts that are few and small.
Tensor experts_together(const Tensor& x, const Tensor& weights, const Tensor& gate_up,
                        const Tensor& down);

// silu(gate) * up of [..., 2 width], gate first; down [out, width].
Tensor swiglu(const Tensor& x, const Tensor& gate_up, const Tensor& down);

}  // namespace myna::train
