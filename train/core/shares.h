// Which process updates which rows of each parameter, and keeps the optimiser's state of them
// (ZeRO-1, arXiv 1910.02054), and how the parts come together again.
#pragma once

#include <functional>
#include <vector>

#include "train/core/processes.h"

namespace myna::train {

// Rows of a whole parameter, the first dimension of its tensor.
struct Rows {
  int64_t begin = 0, count = 0;
};

class Shares {
 public:
  // Each process has all that it holds.
  explicit Shares(const Parameters& parameters);
  // Divided over the processes that hold the same. `divisible`: whose rows may be updated apart;
  // the others go whole to whoever has least. Processes outlive it.
  Shares(const Parameters& parameters, const Processes& processes, bool sharded,
         const std::function<bool(const Parameter&)>& divisible);

  bool sharded() const { return sharded_; }
  Rows own(size_t parameter) const { return own_of(parameter, rank_); }
  // The rows of a tensor like the parameter's value that are this process's.
  Tensor own_rows(size_t parameter, const Tensor& value) const;

  // From `own` rows of each parameter in its process to the values of all. Collective.
  void spread(const std::function<Tensor(size_t)>& own) const;
  // The whole parameter of this process's rows and the others' in rank 0; undefined elsewhere.
  // Collective.
  Tensor whole(size_t parameter, const Tensor& own) const;

 private:
  Rows held_by(size_t parameter, int rank) const;
  Rows own_of(size_t parameter, int rank) const;
  Rows stored_by(size_t parameter, int rank) const;
  void spread_over(const ProcessGroup* group, bool parts,
                   const std::function<Tensor(size_t)>& own) const;

  const Parameters& parameters_;
  const Processes* processes_ = nullptr;
  int rank_ = 0, count_ = 1, expert_parallel_ = 1;
  bool sharded_ = false;
  std::vector<int> owner_;  // member of the group that has all of it; -1: divided
};

}  // namespace myna::train
