// Documents packed into rows of equal length, and the rows of each step.
#pragma once

#include <cstdint>
#include <vector>

#include "train/core/torch.h"
#include "train/lm/token_shards.h"

namespace myna::train {

struct LmBatch {
  Tensor tokens;    // [B, T] int64
  Tensor targets;   // [B, T] int64: the token that follows; -100 where nothing is to be learnt
  Tensor document;  // [B, T] int64: which document of the row; padding is one of its own

  LmBatch to(at::Device device) const;
};

enum class Packing : bool {
  kStream,  // one after another, cut where a row is full: for plain text
  kWhole,   // no document is cut while it fits into a row: for dialogues
};

// Where the tokens of each row lie. The order of documents and of rows follows from the seed and
// the epoch alone, so that a step's rows are known without those before it. Immutable; safe from
// many threads.
class PackedRows {
 public:
  PackedRows(const std::vector<TokenDocument>& documents, int64_t length, Packing packing,
             uint64_t seed);

  // Rows of one pass over all documents.
  int64_t count() const { return static_cast<int64_t>(rows_.size()); }
  int64_t length() const { return length_; }
  // Rows first, first + 1, … of the endless sequence of passes.
  LmBatch batch(int64_t first, int64_t rows) const;

 private:
  struct Part {
    size_t document, begin, count;
  };
  std::vector<size_t> order_of(int64_t epoch) const;

  const std::vector<TokenDocument>& documents_;
  int64_t length_;
  uint64_t seed_;
  std::vector<std::vector<Part>> rows_;
};

}  // namespace myna::train
