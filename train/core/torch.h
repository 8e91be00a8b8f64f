// LibTorch, in one place: the target's precompiled header. Nothing else of train/ includes it
// directly except through this file.
#pragma once

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/generated/variable_factories.h>
#include <torch/csrc/autograd/grad_mode.h>

namespace myna::train {

using at::Tensor;

}  // namespace myna::train
