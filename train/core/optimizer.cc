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
    : parameters_(parameters), settings_(settings), shares_(parameters) {
  make_states();
}

// Rows of a matrix are orthogonalised together; those of a stack of matrices are matrices.
Optimizer::Optimizer(const Parameters& parameters, const OptimizerSettings& settings,
                     const Processes& processes, State state)
    : parameters_(parameters),
      settings_(settings),
      processes_(&processes),
      shares_(parameters, processes, state == State::kSharded,
              [this](const Parameter& p) { return !uses_muon(p) || p.value.dim() > 2; }) {
  make_states();
}

void Optimizer::make_states() {
  at::NoGradGuard no_grad;
  for (size_t i = 0; i < parameters_.all().size(); ++i) {
    const Parameter& parameter = parameters_.all()[i];
    const Tensor own = shares_.own_rows(i, parameter.value.detach());
    OptimizerState state;
    state.mean = at::zeros_like(own);
    if (!uses_muon(parameter)) state.square = at::zeros_like(own);
    state.ema = own.clone();
    states_.push_back(std::move(state));
  }
}

bool Optimizer::uses_muon(const Parameter& parameter) const {
  return settings_.muon && parameter.kind == ParameterKind::kMatrix;
}

int64_t Optimizer::state_bytes() const {
  int64_t numbers = 0;
  for (const OptimizerState& state : states_) {
    numbers += state.mean.numel() + state.ema.numel();
    if (state.square.defined()) numbers += state.square.numel();
  }
  return numbers * static_cast<int64_t>(sizeof(float));
}

// Of the whole model's gradients, wherever its experts are.
double Optimizer::gradient_norm() const {
  std::vector<Tensor> common, parts;
  for (const Parameter& parameter : parameters_.all()) {
    const Tensor& gradient = parameter.value.grad();
    if (gradient.defined()) (parameter.is_part() ? parts : common).push_back(gradient.norm());
  }
  if (parts.empty()) return at::stack(common).norm().item<double>();
  const auto squares = [](const std::vector<Tensor>& norms) {
    return norms.empty() ? 0.0 : at::stack(norms).to(at::kDouble).square().sum().item<double>();
  };
  return std::sqrt(processes_->sum_over_model(squares(common), squares(parts)));
}

void Optimizer::update(size_t index, double scale, int64_t step, double rate_factor) {
  const Parameter& parameter = parameters_.all()[index];
  Tensor value = shares_.own_rows(index, parameter.value);
  if (value.size(0) == 0) return;
  const Tensor gradient = shares_.own_rows(index, parameter.value.grad()) * scale;
  OptimizerState& state = states_[index];
  if (uses_muon(parameter)) {
    const double rate = settings_.muon_rate * rate_factor;
    state.mean.mul_(settings_.muon_momentum).add_(gradient);
    const Tensor direction = orthogonalize(gradient.add(state.mean, settings_.muon_momentum));
    // So that a matrix of any shape moves by about `rate` in each of its outputs.
    const double shape = std::sqrt(
        std::max(1.0, static_cast<double>(value.size(-2)) / static_cast<double>(value.size(-1))));
    value.mul_(1 - rate * settings_.weight_decay).sub_(direction, rate * shape);
  } else {
    const auto count = static_cast<double>(step + 1);
    const double correction1 = 1 - std::pow(settings_.beta1, count);
    const double correction2 = 1 - std::pow(settings_.beta2, count);
    const double rate = settings_.learning_rate * rate_factor;
    state.mean.mul_(settings_.beta1).add_(gradient, 1 - settings_.beta1);
    state.square.mul_(settings_.beta2).addcmul_(gradient, gradient, 1 - settings_.beta2);
    if (value.dim() >= 2) value.mul_(1 - rate * settings_.weight_decay);
    const Tensor root = (state.square / correction2).sqrt_().add_(settings_.epsilon);
    value.addcdiv_(state.mean, root, -rate / correction1);
  }
}

double Optimizer::step(int64_t step, double rate_factor) {
  at::NoGradGuard no_grad;
  const double norm = gradient_norm();
  if (!std::isfinite(norm)) return norm;
  const double scale =
      settings_.clip_norm > 0 ? std::min(1.0, settings_.clip_norm / (norm + 1e-12)) : 1.0;
  const double ema = std::min(settings_.ema_decay,
                              (1 + static_cast<double>(step)) / (10 + static_cast<double>(step)));
  for (size_t i = 0; i < parameters_.all().size(); ++i) {
    Tensor value = parameters_.all()[i].value;
    if (value.grad().defined()) {
      update(i, scale, step, rate_factor);
      value.mutable_grad().reset();
    }
    // What is not learnt stays its own mean; the experts' biases change without gradients.
    if (!value.requires_grad() && value.dim() > 1) continue;
    states_[i].ema.lerp_(shares_.own_rows(i, value.detach()), 1 - ema);
  }
  shares_.spread(
      [&](size_t i) { return shares_.own_rows(i, parameters_.all()[i].value.detach()); });
  return norm;
}

void Optimizer::restart_ema() {
  at::NoGradGuard no_grad;
  for (size_t i = 0; i < states_.size(); ++i) {
    states_[i].ema.copy_(shares_.own_rows(i, parameters_.all()[i].value.detach()));
  }
}

void Optimizer::with_ema(const std::function<void()>& work) {
  at::NoGradGuard no_grad;
  std::vector<Tensor> kept;
  for (size_t i = 0; i < states_.size(); ++i) {
    Tensor value = parameters_.all()[i].value.detach();
    kept.push_back(value.clone());
    shares_.own_rows(i, value).copy_(states_[i].ema);
  }
  const auto restore = [&] {
    for (size_t i = 0; i < states_.size(); ++i) {
      parameters_.all()[i].value.detach().copy_(kept[i]);
    }
  };
  try {
    shares_.spread([&](size_t i) { return states_[i].ema; });
    work();
  } catch (...) {
    restore();
    throw;
  }
  restore();
}

}  // namespace myna::train
