#include "train/core/optimizer.h"

#include <algorithm>
#include <cmath>

namespace myna::train {

double Schedule::factor(int64_t step) const {
  const auto at = static_cast<double>(step);
  double factor = 1;
  if (warmup > 0) factor = std::min(1.0, (at + 1) / static_cast<double>(warmup));
  const double left = static_cast<double>(total) - at;
  if (cooldown > 0 && left < static_cast<double>(cooldown)) {
    const double part = std::max(0.0, left / static_cast<double>(cooldown));
    const double fall =
        shape == Cooldown::kLinear ? part : 0.5 - 0.5 * std::cos(3.14159265358979 * part);
    factor *= floor + (1 - floor) * fall;
  }
  return factor;
}

Tensor orthogonalize(const Tensor& matrix) {
  constexpr double kA = 3.4445, kB = -4.7750, kC = 2.0315;
  const bool tall = matrix.size(-2) > matrix.size(-1);
  Tensor x = tall ? matrix.mT() : matrix;
  x = x / (at::linalg_vector_norm(x, 2, {-2, -1}, true) + 1e-7);
  for (int i = 0; i < 5; ++i) {
    const Tensor square = at::matmul(x, x.mT());
    const Tensor mixed = square * kB + at::matmul(square, square) * kC;
    x = x * kA + at::matmul(mixed, x);
  }
  return tall ? x.mT() : x;
}

Optimizer::Optimizer(const Parameters& parameters, const OptimizerSettings& settings)
    : parameters_(parameters), settings_(settings) {
  at::NoGradGuard no_grad;
  for (const Parameter& parameter : parameters.all()) {
    OptimizerState state;
    state.mean = at::zeros_like(parameter.value);
    if (!uses_muon(parameter)) state.square = at::zeros_like(parameter.value);
    state.ema = parameter.value.detach().clone();
    states_.push_back(std::move(state));
  }
}

bool Optimizer::uses_muon(const Parameter& parameter) const {
  return settings_.muon && parameter.kind == ParameterKind::kMatrix;
}

double Optimizer::step(int64_t step, double rate_factor) {
  at::NoGradGuard no_grad;
  const std::vector<Parameter>& parameters = parameters_.all();
  std::vector<Tensor> norms;
  for (const Parameter& parameter : parameters) {
    if (parameter.value.grad().defined()) norms.push_back(parameter.value.grad().norm());
  }
  const double norm = at::stack(norms).norm().item<double>();
  if (!std::isfinite(norm)) return norm;
  const double scale =
      settings_.clip_norm > 0 ? std::min(1.0, settings_.clip_norm / (norm + 1e-12)) : 1.0;
  const auto count = static_cast<double>(step + 1);
  const double correction1 = 1 - std::pow(settings_.beta1, count);
  const double correction2 = 1 - std::pow(settings_.beta2, count);
  const double ema = std::min(settings_.ema_decay,
                              (1 + static_cast<double>(step)) / (10 + static_cast<double>(step)));
  for (size_t i = 0; i < parameters.size(); ++i) {
    Tensor value = parameters[i].value;
    OptimizerState& state = states_[i];
    if (value.grad().defined()) {
      const Tensor gradient = value.grad() * scale;
      const bool decays = value.dim() >= 2;
      if (uses_muon(parameters[i])) {
        const double rate = settings_.muon_rate * rate_factor;
        state.mean.mul_(settings_.muon_momentum).add_(gradient);
        const Tensor direction = orthogonalize(gradient.add(state.mean, settings_.muon_momentum));
        // So that a matrix of any shape moves by about `rate` in each of its outputs.
        const double shape = std::sqrt(std::max(
            1.0, static_cast<double>(value.size(-2)) / static_cast<double>(value.size(-1))));
        value.mul_(1 - rate * settings_.weight_decay).sub_(direction, rate * shape);
      } else {
        const double rate = settings_.learning_rate * rate_factor;
        state.mean.mul_(settings_.beta1).add_(gradient, 1 - settings_.beta1);
        state.square.mul_(settings_.beta2).addcmul_(gradient, gradient, 1 - settings_.beta2);
        if (decays) value.mul_(1 - rate * settings_.weight_decay);
        const Tensor root = (state.square / correction2).sqrt_().add_(settings_.epsilon);
        value.addcdiv_(state.mean, root, -rate / correction1);
      }
      value.mutable_grad().reset();
    }
    state.ema.lerp_(value, 1 - ema);
  }
  return norm;
}

void Optimizer::restart_ema() {
  at::NoGradGuard no_grad;
  for (size_t i = 0; i < states_.size(); ++i) {
    states_[i].ema.copy_(parameters_.all()[i].value.detach());
  }
}

void Optimizer::with_ema(const std::function<void()>& work) {
  at::NoGradGuard no_grad;
  const auto swap = [&] {
    for (size_t i = 0; i < states_.size(); ++i) {
      Tensor value = parameters_.all()[i].value;
      const Tensor kept = value.detach().clone();
      value.copy_(states_[i].ema);
      states_[i].ema.copy_(kept);
    }
  };
  swap();
  try {
    work();
  } catch (...) {
    swap();
    throw;
  }
  swap();
}

}  // namespace myna::train
