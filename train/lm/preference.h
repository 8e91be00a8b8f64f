// Learning from pairs of answers: direct preference optimisation (arXiv 2305.18290). Each pair is
// two rows, the chosen answer and the rejected one, each behind the same prompt. The reference is
// the model as the run began.
#pragma once

#include <cstdint>
#include <vector>

#include "train/lm/batch.h"
#include "train/lm/model.h"
#include "train/lm/token_shards.h"

namespace myna::train {

// Pairs in an order that follows from the seed and the epoch alone. Immutable; safe from many
// threads.
class PreferencePairs {
 public:
  // documents: chosen, rejected, chosen, … that outlive it. A row longer than `length` + 1 loses
  // the beginning of its prompt, then the end of its answer.
  PreferencePairs(const std::vector<TokenDocument>& documents, int64_t length, uint64_t seed);

  int64_t count() const { return static_cast<int64_t>(documents_.size()) / 2; }
  // Pairs first, first + 1, … of the endless sequence of passes: 2 * `pairs` rows, chosen answers
  // in the first half, in the same order as the rejected ones in the second; as long as the
  // longest.
  LmBatch batch(int64_t first, int64_t pairs) const;

 private:
  const std::vector<TokenDocument>& documents_;
  int64_t length_;
  uint64_t seed_;
};

struct PreferenceLosses {
  Tensor total;         // scalar: sum over pairs / `pairs_of_step` + router losses / `parts`
  Tensor loss;          // scalar, detached: sum over pairs of -log sigmoid(margin)
  Tensor chosen;        // scalar, detached: sum of beta * (log p - log p of the reference)
  Tensor rejected;      // the same of rejected answers; their difference is the sum of margins
  Tensor preferred;     // scalar: pairs whose margin is above zero
  Tensor expert_loads;  // as LmLosses
};

// One micro-batch of PreferencePairs.
PreferenceLosses preference_losses(const LmModel& model, const LmModel& reference,
                                   const LmBatch& batch, double beta, int64_t pairs_of_step,
                                   int64_t parts, LmModel::Activations activations);

}  // namespace myna::train
