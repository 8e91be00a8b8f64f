#include "train/lm/preference.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "train/core/draw.h"
#include "train/lm/objective.h"

namespace myna::train {
namespace {

constexpr int64_t kIgnored = -100;  // of at::cross_entropy_loss

// What of a document fits into so many tokens.
TokenDocument fitting(const TokenDocument& document, size_t capacity) {
  const size_t size = document.tokens.size();
  if (size <= capacity) return document;
  size_t prompt = 0;
  while (prompt < size && document.learned[prompt] == 0) ++prompt;
  // A token of the prompt stays: the answer's first one is predicted from it.
  const size_t begin = std::min(size - capacity, prompt > 0 ? prompt - 1 : 0);
  return {document.tokens.subspan(begin, capacity), document.learned.subspan(begin, capacity)};
}

}  // namespace

PreferencePairs::PreferencePairs(const std::vector<TokenDocument>& documents, int64_t length,
                                 uint64_t seed)
    : documents_(documents), length_(length), seed_(seed) {
  if (documents.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "there are no pairs of answers to learn from");
  }
}

LmBatch PreferencePairs::batch(int64_t first, int64_t pairs) const {
  std::vector<size_t> order(static_cast<size_t>(count()));
  std::vector<TokenDocument> rows(static_cast<size_t>(2 * pairs));
  int64_t epoch = -1;
  size_t longest = 2;
  for (int64_t i = 0; i < pairs; ++i) {
    const int64_t index = first + i;
    if (index / count() != epoch) {
      epoch = index / count();
      std::iota(order.begin(), order.end(), size_t{0});
      Draw draw(seed_, static_cast<uint64_t>(epoch), 2);
      for (size_t j = order.size(); j > 1; --j) std::swap(order[j - 1], order[draw.below(j)]);
    }
    const size_t pair = order[static_cast<size_t>(index % count())];
    for (const size_t answer : {size_t{0}, size_t{1}}) {
      TokenDocument& row = rows[static_cast<size_t>(i) + answer * static_cast<size_t>(pairs)];
      row = fitting(documents_[2 * pair + answer], static_cast<size_t>(length_) + 1);
      longest = std::max(longest, row.tokens.size());
    }
  }
  // The last token of a row is only a target.
  const auto time = static_cast<int64_t>(longest) - 1;
  LmBatch batch;
  batch.tokens = at::zeros({2 * pairs, time}, at::kLong);
  batch.targets = at::full({2 * pairs, time}, kIgnored, at::kLong);
  batch.document = at::full({2 * pairs, time}, -1, at::kLong);
  auto tokens = batch.tokens.accessor<int64_t, 2>();
  auto targets = batch.targets.accessor<int64_t, 2>();
  auto document = batch.document.accessor<int64_t, 2>();
  for (int64_t i = 0; i < 2 * pairs; ++i) {
    const TokenDocument& row = rows[static_cast<size_t>(i)];
    for (size_t at = 0; at + 1 < row.tokens.size(); ++at) {
      const auto t = static_cast<int64_t>(at);
      tokens[i][t] = row.tokens[at];
      document[i][t] = 0;
      if (row.learned[at + 1] != 0) targets[i][t] = row.tokens[at + 1];
    }
  }
  return batch;
}

PreferenceLosses preference_losses(const LmModel& model, const LmModel& reference,
                                   const LmBatch& batch, double beta, int64_t pairs_of_step,
                                   int64_t parts, LmModel::Activations activations) {
  const int64_t pairs = batch.tokens.size(0) / 2;
  Tensor before;
  {
    at::NoGradGuard no_grad;
    before = row_log_probabilities(reference, batch, LmModel::Activations::kKept).sums;
  }
  const RowLogProbabilities now = row_log_probabilities(model, batch, activations);
  const Tensor rewards = (now.sums - before).detach() * beta;
  const Tensor chosen = rewards.narrow(0, 0, pairs), rejected = rewards.narrow(0, pairs, pairs);
  const Tensor mean =
      preference_loss(now.sums.narrow(0, 0, pairs), now.sums.narrow(0, pairs, pairs),
                      before.narrow(0, 0, pairs), before.narrow(0, pairs, pairs), beta);
  PreferenceLosses losses;
  losses.total = mean * (static_cast<double>(pairs) / static_cast<double>(pairs_of_step));
  if (now.router_loss.defined()) {
    losses.total = losses.total + now.router_loss / static_cast<double>(parts);
  }
  losses.loss = mean.detach() * static_cast<double>(pairs);
  losses.chosen = chosen.sum();
  losses.rejected = rejected.sum();
  losses.preferred = (chosen > rejected).sum().to(at::kFloat);
  losses.expert_loads = now.expert_loads;
  return losses;
}

}  // namespace myna::train
