// The processes of one training: each has its part of the batch, gradients are averaged. They meet
// at c10d's TCPStore and exchange through Gloo, or NCCL on CUDA.
//
// With experts divided over groups of E processes, ranks [gE, gE + E) are a group and each of them
// holds the experts [jX/E, (j + 1)X/E), j its place in the group; processes of the same place in
// other groups hold the same ones.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "train/core/launch.h"
#include "train/core/parameters.h"
#include "train/core/process_group.h"

namespace c10d {
class Store;
}  // namespace c10d

namespace myna::train {

class Processes {
 public:
  struct Options {
    int expert_parallel = 1;  // E, a divisor of the number of processes
    double timeout_s = 600;   // that an exchange may take, waiting for the slowest included
    // Where the tensors are. On CUDA the processes exchange through NCCL, if its library is there.
    at::Device device = at::kCPU;
    std::string nccl = {};  // its file: that one or an error, whatever the device is
  };

  // Throws Error kInvalidArgument, or kUnavailable when they do not meet within a minute: it names
  // those that did not come.
  Processes(const Launch& launch, const Options& options);
  explicit Processes(const Launch& launch) : Processes(launch, Options()) {}
  // While an exception is on its way the other processes are told so.
  ~Processes();
  Processes(const Processes&) = delete;
  Processes& operator=(const Processes&) = delete;

  int rank() const { return rank_; }
  int count() const { return count_; }
  bool is_first() const { return rank_ == 0; }
  int expert_parallel() const { return expert_parallel_; }
  // "nccl", "gloo" or, with one process, "none".
  std::string_view exchange() const;
  // Nothing where a group is one process.
  const ProcessGroup* all() const { return all_.get(); }
  const ProcessGroup* experts() const { return experts_.get(); }
  const ProcessGroup* replicas() const { return replicas_.get(); }  // that hold the same experts

  // Gradients become their means over the processes, the same bits in all that hold them. A
  // parameter without a gradient counts as zeros. Those of a part of the experts are, in one group,
  // of all its processes' tokens already.
  void average_gradients(const Parameters& parameters) const;
  // The mean over the processes of float numbers.
  void average(Tensor& values) const;
  // Of numbers that each process has for the parameters that all hold (the same in all), and for
  // its part of the experts: the sum for the whole model, the same bits in all.
  double sum_over_model(double of_common, double of_part) const;
  // Other processes learn of it, and end.
  void leave(const std::string& failure);

 private:
  int rank_, count_, expert_parallel_;
  bool nccl_ = false;
  c10::intrusive_ptr<c10d::Store> store_;  // rank 0 serves it for as long as the others may ask
  std::unique_ptr<Watch> watch_;
  std::unique_ptr<ProcessGroup> all_, experts_, replicas_;
};

}  // namespace myna::train
