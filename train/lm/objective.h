// What a language model is trained for: the next token where the data says so, and, with a teacher,
// its whole distribution there.
#pragma once

#include "train/lm/batch.h"
#include "train/lm/model.h"

namespace myna::train {

struct Distillation {
  const LmModel* teacher = nullptr;  // of the same vocabulary
  double share = 0.5;                // of the loss
  double temperature = 1;
};

struct LmLosses {
  Tensor total;         // scalar: (nll + distillation) / `targets_of_step` + router losses / parts
  Tensor nll;           // scalar, detached: sum over targets of -log p, natural
  Tensor divergence;    // scalar, detached: sum of KL(teacher || model); undefined without teacher
  Tensor expert_loads;  // [layers with experts, experts] or undefined
};

// One micro-batch. targets_of_step: of all micro-batches and processes, so that their gradients add
// up to those of the whole step; parts: how many of them there are.
LmLosses lm_losses(const LmModel& model, const LmBatch& batch, int64_t targets_of_step,
                   int64_t parts, LmModel::Activations activations,
                   const Distillation& distillation = {});

int64_t count_targets(const LmBatch& batch);

// Direct preference optimisation (arXiv 2305.18290): -log sigmoid(beta * ((chosen - rejected) -
// (reference_chosen - reference_rejected))) of the summed log probabilities [B] of answers.
Tensor preference_loss(const Tensor& chosen, const Tensor& rejected, const Tensor& reference_chosen,
                       const Tensor& reference_rejected, double beta);

struct RowLogProbabilities {
  Tensor sums;                       // [B]: of the log probabilities of each row's targets
  Tensor router_loss, expert_loads;  // as LmOutput
};
RowLogProbabilities row_log_probabilities(const LmModel& model, const LmBatch& batch,
                                          LmModel::Activations activations);

}  // namespace myna::train
