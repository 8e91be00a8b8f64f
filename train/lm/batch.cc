#include "train/lm/batch.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "train/core/draw.h"

namespace myna::train {
namespace {

constexpr int64_t kIgnored = -100;  // of at::cross_entropy_loss
constexpr size_t kOpenRows = 64;    // that a document may still go into

void shuffle(std::vector<size_t>& order, Draw draw) {
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[draw.below(i)]);
}

}  // namespace

LmBatch LmBatch::to(at::Device device) const {
  return {tokens.to(device), targets.to(device), document.to(device)};
}

// A row holds one token more than it has positions: the last is only a target.
PackedRows::PackedRows(const std::vector<TokenDocument>& documents, int64_t length, Packing packing,
                       uint64_t seed)
    : documents_(documents), length_(length), seed_(seed) {
  std::vector<size_t> order(documents.size());
  std::iota(order.begin(), order.end(), size_t{0});
  shuffle(order, Draw(seed));
  const auto capacity = static_cast<size_t>(length) + 1;
  if (packing == Packing::kStream) {
    size_t room = 0;
    for (const size_t document : order) {
      const size_t size = documents[document].tokens.size();
      for (size_t begin = 0; begin < size;) {
        if (room == 0) {
          rows_.emplace_back();
          room = capacity;
        }
        const size_t count = std::min(room, size - begin);
        rows_.back().push_back({document, begin, count});
        room -= count;
        begin += count;
      }
    }
  } else {
    std::vector<std::pair<size_t, size_t>> open;  // room, row
    for (const size_t document : order) {
      const size_t size = std::min(documents[document].tokens.size(), capacity);
      auto best = open.end();  // the fullest that has room
      for (auto row = open.begin(); row != open.end(); ++row) {
        if (row->first >= size && (best == open.end() || row->first < best->first)) best = row;
      }
      if (best == open.end()) {
        if (open.size() == kOpenRows) open.erase(std::min_element(open.begin(), open.end()));
        open.emplace_back(capacity, rows_.size());
        rows_.emplace_back();
        best = std::prev(open.end());
      }
      rows_[best->second].push_back({document, 0, size});
      best->first -= size;
    }
  }
  if (rows_.empty())
    throw Error(ErrorCode::kInvalidArgument, "there are no documents to learn from");
}

std::vector<size_t> PackedRows::order_of(int64_t epoch) const {
  std::vector<size_t> order(rows_.size());
  std::iota(order.begin(), order.end(), size_t{0});
  shuffle(order, Draw(seed_, static_cast<uint64_t>(epoch), 1));
  return order;
}

LmBatch PackedRows::batch(int64_t first, int64_t rows) const {
  LmBatch batch;
  batch.tokens = at::zeros({rows, length_}, at::kLong);
  batch.targets = at::full({rows, length_}, kIgnored, at::kLong);
  batch.document = at::full({rows, length_}, -1, at::kLong);
  auto tokens = batch.tokens.accessor<int64_t, 2>();
  auto targets = batch.targets.accessor<int64_t, 2>();
  auto document = batch.document.accessor<int64_t, 2>();
  int64_t epoch = -1;
  std::vector<size_t> order;
  for (int64_t i = 0; i < rows; ++i) {
    const int64_t index = first + i;
    if (index / count() != epoch) {
      epoch = index / count();
      order = order_of(epoch);
    }
    int64_t at = 0, number = 0;
    for (const Part& part : rows_[order[static_cast<size_t>(index % count())]]) {
      const TokenDocument& from = documents_[part.document];
      for (size_t j = 0; j < part.count && at < length_; ++j, ++at) {
        const size_t source = part.begin + j;
        tokens[i][at] = from.tokens[source];
        document[i][at] = number;
        // The target of a part's last token would be another document's.
        if (j + 1 < part.count && from.learned[source + 1] != 0) {
          targets[i][at] = from.tokens[source + 1];
        }
      }
      ++number;
    }
  }
  return batch;
}

}  // namespace myna::train
