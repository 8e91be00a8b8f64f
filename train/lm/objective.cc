#include "train/lm/objective.h"

namespace myna::train {
namespace {

constexpr int64_t kIgnored = -100;
constexpr int64_t kChunk = 2048;  // positions whose logits are in memory at a time

// Positions with a target, as indices of the flattened rows.
Tensor learned_positions(const LmBatch& batch) {
  return (batch.targets.reshape({-1}) != kIgnored).nonzero().squeeze(1);
}

Tensor at_positions(const Tensor& hidden, const Tensor& positions) {
  return hidden.reshape({-1, hidden.size(-1)}).index_select(0, positions);
}

}  // namespace

int64_t count_targets(const LmBatch& batch) {
  return (batch.targets != kIgnored).sum().item<int64_t>();
}

LmLosses lm_losses(const LmModel& model, const LmBatch& batch, int64_t targets_of_step,
                   int64_t parts, LmModel::Activations activations,
                   const Distillation& distillation) {
  const LmContext context = context_of(batch.document);
  const LmOutput output = model(batch.tokens, context, activations);
  const Tensor positions = learned_positions(batch);
  const Tensor hidden = at_positions(output.hidden, positions);
  const Tensor targets = batch.targets.reshape({-1}).index_select(0, positions);
  Tensor taught;
  if (distillation.teacher != nullptr) {
    at::NoGradGuard no_grad;
    taught = at_positions((*distillation.teacher)(batch.tokens, context).hidden, positions);
  }
  const double share = distillation.teacher != nullptr ? distillation.share : 0;
  LmLosses losses;
  losses.expert_loads = output.expert_loads;
  losses.nll = at::zeros({}, at::TensorOptions(at::kFloat).device(hidden.device()));
  if (taught.defined()) losses.divergence = losses.nll.clone();
  Tensor sum = losses.nll.clone();
  for (int64_t begin = 0; begin < hidden.size(0); begin += kChunk) {
    const int64_t count = std::min(kChunk, hidden.size(0) - begin);
    const Tensor logits = model.logits(hidden.narrow(0, begin, count)).to(at::kFloat);
    const Tensor nll =
        at::cross_entropy_loss(logits, targets.narrow(0, begin, count), {}, at::Reduction::Sum);
    losses.nll = losses.nll + nll.detach();
    sum = sum + nll * (1 - share);
    if (!taught.defined()) continue;
    const double temperature = distillation.temperature;
    Tensor wanted;
    {
      at::NoGradGuard no_grad;
      wanted = at::log_softmax(
          distillation.teacher->logits(taught.narrow(0, begin, count)).to(at::kFloat) / temperature,
          -1);
    }
    const Tensor divergence =
        at::kl_div(at::log_softmax(logits / temperature, -1), wanted, at::Reduction::Sum, true);
    losses.divergence = losses.divergence + divergence.detach();
    sum = sum + divergence * (share * temperature * temperature);
  }
  losses.total = sum / static_cast<double>(std::max<int64_t>(1, targets_of_step));
  if (output.router_loss.defined()) {
    losses.total = losses.total + output.router_loss / static_cast<double>(parts);
  }
  return losses;
}

RowLogProbabilities row_log_probabilities(const LmModel& model, const LmBatch& batch,
                                          LmModel::Activations activations) {
  const LmOutput output = model(batch.tokens, context_of(batch.document), activations);
  const Tensor positions = learned_positions(batch);
  const Tensor hidden = at_positions(output.hidden, positions);
  const Tensor targets = batch.targets.reshape({-1}).index_select(0, positions);
  const Tensor rows = at::div(positions, batch.targets.size(1), "floor");
  Tensor sums =
      at::zeros({batch.targets.size(0)}, at::TensorOptions(at::kFloat).device(hidden.device()));
  for (int64_t begin = 0; begin < hidden.size(0); begin += kChunk) {
    const int64_t count = std::min(kChunk, hidden.size(0) - begin);
    const Tensor logits = model.logits(hidden.narrow(0, begin, count)).to(at::kFloat);
    const Tensor nll =
        at::cross_entropy_loss(logits, targets.narrow(0, begin, count), {}, at::Reduction::None);
    sums = sums.index_add(0, rows.narrow(0, begin, count), -nll);
  }
  return {sums, output.router_loss, output.expert_loads};
}

Tensor preference_loss(const Tensor& chosen, const Tensor& rejected, const Tensor& reference_chosen,
                       const Tensor& reference_rejected, double beta) {
  const Tensor margin = (chosen - rejected) - (reference_chosen - reference_rejected);
  return -at::log_sigmoid(margin * beta).mean();
}

}  // namespace myna::train
