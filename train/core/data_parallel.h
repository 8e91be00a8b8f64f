// Data parallel training: each process has its part of the batch, gradients are averaged. The
// processes meet at c10d's TCPStore and exchange gradients through it: PyTorch's wheel carries
// Gloo's and NCCL's code but not the headers that their process groups need. An exchange costs each
// process (processes - 1) times the size of the model, which is nothing beside a step of a small
// model on a few processes, and does not scale beyond.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "train/core/parameters.h"

namespace myna::train {

class DataParallel {
 public:
  // One process: average() does nothing. Several meet at `rendezvous`, "host:port", where rank 0
  // listens. Throws Error kInvalidArgument, or kUnavailable when they do not meet within a minute.
  DataParallel(int rank, int processes, const std::string& rendezvous);
  ~DataParallel();
  DataParallel(const DataParallel&) = delete;
  DataParallel& operator=(const DataParallel&) = delete;

  int rank() const { return rank_; }
  int processes() const { return processes_; }
  bool is_first() const { return rank_ == 0; }
  // Gradients become their means over the processes, the same bits in each: parts are added up in
  // the order of ranks. A parameter without a gradient counts as zeros. Throws Error kUnavailable
  // when a process has gone.
  void average_gradients(const Parameters& parameters);
  // The mean over the processes of float numbers.
  void average(Tensor& values);

 private:
  struct Group;
  int rank_, processes_;
  std::unique_ptr<Group> group_;
};

}  // namespace myna::train
