#include "train/core/process_group.h"

#include <torch/csrc/autograd/custom_function.h>

#include <chrono>
#include <numeric>
#include <torch/csrc/distributed/c10d/Backend.hpp>

#include "base/error.h"
#include "train/core/watch.h"

namespace myna::train {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Rows go one way in the forward pass and their gradients the other way in the backward pass.
struct RowExchange : torch::autograd::Function<RowExchange> {
  static Tensor forward(AutogradContext* context, const Tensor& rows, int64_t group,
                        const std::vector<int64_t>& to, const std::vector<int64_t>& from) {
    context->saved_data["group"] = group;
    context->saved_data["to"] = to;
    context->saved_data["from"] = from;
    return of(group).exchange_bytes(rows, to, from);
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto to = context->saved_data["to"].toIntVector();
    const auto from = context->saved_data["from"].toIntVector();
    const ProcessGroup& group = of(context->saved_data["group"].toInt());
    return {group.exchange_bytes(gradients[0], from, to), Tensor(), Tensor(), Tensor()};
  }
  static const ProcessGroup& of(int64_t address) {
    return *reinterpret_cast<const ProcessGroup*>(static_cast<intptr_t>(address));
  }
};

ProcessGroup::ProcessGroup(c10::intrusive_ptr<c10d::Backend> backend, at::Device memory,
                           Watch& watch)
    : backend_(std::move(backend)), memory_(memory), watch_(watch) {}

// c10d waits for what is still on its way, and from a process that hangs nothing comes: what the
// run has given up is left to the end of the program.
ProcessGroup::~ProcessGroup() {
  if (!watch_.verdict().empty()) backend_.release();
}

Tensor ProcessGroup::in_memory(const Tensor& tensor) const {
  return tensor.detach().to(memory_).contiguous();
}

int ProcessGroup::rank() const { return backend_->getRank(); }
int ProcessGroup::size() const { return backend_->getSize(); }

// A process that hangs breaks no connection: the watch is asked while an exchange takes long.
void ProcessGroup::finish(const c10::intrusive_ptr<c10d::Work>& work) const {
  constexpr auto kSlice = std::chrono::seconds(1);
  while (!work->isCompleted()) {
    try {
      work->wait(kSlice);
    } catch (const std::exception&) {
      if (work->isCompleted()) throw;
    }
    const std::string verdict = watch_.verdict();
    if (!verdict.empty() && !work->isCompleted()) {
      throw Error(ErrorCode::kUnavailable, verdict, "the last checkpoint is as it was");
    }
  }
  work->wait();
}

template <typename Start>
void ProcessGroup::run(const Start& start) const {
  at::NoGradGuard no_grad;
  const c10::DeviceGuard device(memory_);
  try {
    finish(start());
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    const std::string verdict = watch_.find_out();
    if (!verdict.empty()) {
      throw Error(ErrorCode::kUnavailable, verdict, "the last checkpoint is as it was");
    }
    throw Error(ErrorCode::kUnavailable,
                std::string("an exchange between the processes failed: ") + error.what());
  }
}

template <typename Start>
void ProcessGroup::run_in_place(Tensor& values, const Start& start) const {
  std::vector<Tensor> own = {in_memory(values)};
  run([&] { return start(own); });
  if (own[0].data_ptr() != values.data_ptr()) {
    at::NoGradGuard no_grad;
    values.copy_(own[0]);
  }
}

void ProcessGroup::add_up(Tensor& values) const {
  run_in_place(values, [&](std::vector<Tensor>& own) { return backend_->allreduce(own); });
}

Tensor ProcessGroup::gather(const Tensor& own) const {
  Tensor from = in_memory(own).reshape({-1});
  Tensor all = at::empty({size() * from.numel()}, from.options());
  if (from.numel() > 0) run([&] { return backend_->_allgather_base(all, from); });
  std::vector<int64_t> sizes = own.sizes().vec();
  sizes.insert(sizes.begin(), size());
  return all.reshape(sizes).to(own.device());
}

Tensor ProcessGroup::gather_to_first(const Tensor& own) const {
  std::vector<Tensor> from = {in_memory(own)};
  std::vector<std::vector<Tensor>> to;
  if (rank() == 0) {
    to.emplace_back();
    for (int other = 0; other < size(); ++other) to[0].push_back(at::empty_like(from[0]));
  }
  if (own.numel() > 0) run([&] { return backend_->gather(to, from); });
  return rank() == 0 ? at::stack(to[0]).to(own.device()) : Tensor();
}

void ProcessGroup::broadcast(Tensor& values, int from) const {
  if (values.numel() == 0) return;
  c10d::BroadcastOptions options;
  options.rootRank = from;
  run_in_place(values, [&](std::vector<Tensor>& own) { return backend_->broadcast(own, options); });
}

Tensor ProcessGroup::exchange_bytes(const Tensor& rows, std::vector<int64_t> to,
                                    std::vector<int64_t> from) const {
  const Tensor sent = in_memory(rows);
  std::vector<int64_t> sizes = sent.sizes().vec();
  sizes[0] = std::accumulate(from.begin(), from.end(), int64_t{0});
  Tensor received = at::empty(sizes, sent.options());
  // As bytes: Gloo need not know the type.
  const int64_t width =
      c10::multiply_integers(sizes.begin() + 1, sizes.end()) * int64_t{sent.element_size()};
  const at::TensorOptions bytes = sent.options().dtype(at::kByte);
  Tensor in = at::from_blob(sent.data_ptr(), {sent.size(0), width}, bytes);
  Tensor out = at::from_blob(received.data_ptr(), {sizes[0], width}, bytes);
  run([&] { return backend_->alltoall_base(out, in, from, to); });
  return received.to(rows.device());
}

Tensor ProcessGroup::exchange_rows(const Tensor& rows, const std::vector<int64_t>& to,
                                   const std::vector<int64_t>& from) const {
  return RowExchange::apply(rows, static_cast<int64_t>(reinterpret_cast<intptr_t>(this)), to, from);
}

}  // namespace myna::train
