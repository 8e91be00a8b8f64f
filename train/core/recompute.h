// Activation checkpointing (arXiv 1604.06174): what `work` keeps for the backward pass is thrown
// away, and computed again there from its input.
#pragma once

#include <functional>
#include <vector>

#include "train/core/torch.h"

namespace myna::train {

// work: the same results from the same input each time it is called; gradients of parameters that
// it uses arrive in them as usual. Call backward() on what is made of the results, not grad().
// Results that need no gradient keep none.
using Recomputable = std::function<std::vector<Tensor>(const Tensor&)>;
std::vector<Tensor> recomputed(const Recomputable& work, const Tensor& input);

}  // namespace myna::train
