#include "train/core/recompute.h"

#include <ATen/core/ivalue.h>
#include <torch/csrc/autograd/custom_function.h>

namespace myna::train {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct HeldWork : torch::CustomClassHolder {
  explicit HeldWork(Recomputable held) : work(std::move(held)) {}
  Recomputable work;
};

struct Recompute : torch::autograd::Function<Recompute> {
  static variable_list forward(AutogradContext* context, const Tensor& input,
                               const c10::intrusive_ptr<HeldWork>& held) {
    context->save_for_backward({input});
    context->saved_data["work"] = c10::IValue::make_capsule(held);
    variable_list results = held->work(input);  // gradients are off here
    variable_list fixed;
    for (const Tensor& result : results) {
      if (!result.is_floating_point()) fixed.push_back(result);
    }
    context->mark_non_differentiable(fixed);
    return results;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto held =
        c10::static_intrusive_pointer_cast<HeldWork>(context->saved_data["work"].toCapsule());
    const at::AutoGradMode enabled(true);
    const Tensor input = context->get_saved_variables()[0].detach().requires_grad_(true);
    const variable_list results = held->work(input);
    variable_list roots, seeds;
    for (size_t i = 0; i < results.size(); ++i) {
      if (!results[i].requires_grad() || !gradients[i].defined()) continue;
      roots.push_back(results[i]);
      seeds.push_back(gradients[i]);
    }
    torch::autograd::backward(roots, seeds);
    return {input.grad(), Tensor()};
  }
};

}  // namespace

std::vector<Tensor> recomputed(const Recomputable& work, const Tensor& input) {
  return Recompute::apply(input, c10::make_intrusive<HeldWork>(work));
}

}  // namespace myna::train
