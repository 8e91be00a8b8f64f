// Processes that exchange tensors, over c10d. Every call is made by all of the group's processes,
// in the same order. Throws Error kUnavailable, which names the process that has gone.
#pragma once

#include <memory>
#include <vector>

#include "train/core/torch.h"

namespace c10d {
class Backend;
class Work;
}  // namespace c10d

namespace myna::train {

class Watch;

class ProcessGroup {
 public:
  // memory: the device whose tensors the backend exchanges; others are copied there and back. The
  // watch outlives the group.
  ProcessGroup(c10::intrusive_ptr<c10d::Backend> backend, at::Device memory, Watch& watch);
  ~ProcessGroup();
  ProcessGroup(const ProcessGroup&) = delete;
  ProcessGroup& operator=(const ProcessGroup&) = delete;

  int rank() const;
  int size() const;

  // Where sums are best made, so that nothing is copied.
  at::Device memory() const { return memory_; }

  // values becomes the sum over the processes: the same bits in each.
  void add_up(Tensor& values) const;
  // own of the same shape in each -> [size, ...], in the order of ranks and in own's memory.
  Tensor gather(const Tensor& own) const;
  // The same to rank 0 alone; undefined in the others.
  Tensor gather_to_first(const Tensor& own) const;
  // values of `from` in all.
  void broadcast(Tensor& values, int from) const;
  // rows [sum of to, ...]: the first to[0] go to rank 0, and so on. Returns [sum of from, ...]:
  // from[0] rows of rank 0, and so on. Gradients go the way back.
  Tensor exchange_rows(const Tensor& rows, const std::vector<int64_t>& to,
                       const std::vector<int64_t>& from) const;

 private:
  friend struct RowExchange;
  Tensor exchange_bytes(const Tensor& rows, std::vector<int64_t> to,
                        std::vector<int64_t> from) const;
  void finish(const c10::intrusive_ptr<c10d::Work>& work) const;
  template <typename Start>
  void run(const Start& start) const;
  // start(one tensor in memory()), whose result becomes values.
  template <typename Start>
  void run_in_place(Tensor& values, const Start& start) const;

  Tensor in_memory(const Tensor& tensor) const;

  c10::intrusive_ptr<c10d::Backend> backend_;
  at::Device memory_;
  Watch& watch_;
};

}  // namespace myna::train
