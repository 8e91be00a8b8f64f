#include "train/core/shares.h"

#include <algorithm>

namespace myna::train {

Shares::Shares(const Parameters& parameters) : parameters_(parameters) {}

Shares::Shares(const Parameters& parameters, const Processes& processes, bool sharded,
               const std::function<bool(const Parameter&)>& divisible)
    : parameters_(parameters),
      processes_(&processes),
      rank_(processes.rank()),
      count_(processes.count()),
      expert_parallel_(processes.expert_parallel()),
      sharded_(sharded && processes.count() > 1) {
  if (!sharded_) return;
  const std::vector<Parameter>& all = parameters.all();
  std::vector<int64_t> load(static_cast<size_t>(count_));
  for (const Parameter& parameter : all) {
    const auto groups = static_cast<size_t>(parameter.is_part() ? expert_parallel_ : 1);
    owner_.push_back(-1);
    if (divisible(parameter)) continue;
    const auto members = load.begin() + count_ / static_cast<int64_t>(groups);
    const auto least = std::min_element(load.begin(), members);
    owner_.back() = static_cast<int>(least - load.begin());
    *least += parameter.value.numel();
  }
}

Rows Shares::held_by(size_t parameter, int rank) const {
  const Parameter& p = parameters_.all()[parameter];
  const int64_t rows = p.value.size(0);
  return {p.is_part() ? rank % expert_parallel_ * rows : 0, rows};
}

Rows Shares::own_of(size_t parameter, int rank) const {
  const Rows held = held_by(parameter, rank);
  if (!sharded_) return held;
  const bool part = parameters_.all()[parameter].is_part();
  const int members = part ? count_ / expert_parallel_ : count_;
  const int member = part ? rank / expert_parallel_ : rank;
  const int owner = owner_[parameter];
  if (owner >= 0) return {held.begin, member == owner ? held.count : 0};
  const int64_t begin = held.count * member / members, end = held.count * (member + 1) / members;
  return {held.begin + begin, end - begin};
}

// Of what several hold the first one stores it.
Rows Shares::stored_by(size_t parameter, int rank) const {
  if (sharded_) return own_of(parameter, rank);
  const int holders = parameters_.all()[parameter].is_part() ? expert_parallel_ : 1;
  return rank < holders ? held_by(parameter, rank) : Rows{};
}

Tensor Shares::own_rows(size_t parameter, const Tensor& value) const {
  const Rows rows = own(parameter);
  return value.narrow(0, rows.begin - held_by(parameter, rank_).begin, rows.count);
}

void Shares::spread(const std::function<Tensor(size_t)>& own) const {
  if (!sharded_) return;
  at::NoGradGuard no_grad;
  spread_over(processes_->all(), false, own);
  spread_over(processes_->replicas(), true, own);
}

void Shares::spread_over(const ProcessGroup* group, bool parts,
                         const std::function<Tensor(size_t)>& own) const {
  const std::vector<Parameter>& all = parameters_.all();
  std::vector<size_t> concerned;
  for (size_t i = 0; i < all.size(); ++i) {
    if (all[i].is_part() == parts) concerned.push_back(i);
  }
  if (concerned.empty()) return;
  const int members = group != nullptr ? group->size() : 1;
  const auto rank_of = [&](int member) {
    return parts ? member * expert_parallel_ + rank_ % expert_parallel_ : member;
  };
  const auto numbers_of = [&](size_t i, int member) {
    return own_of(i, rank_of(member)).count * (all[i].value.numel() / all[i].value.size(0));
  };
  int64_t most = 0;
  for (int member = 0; member < members; ++member) {
    int64_t sum = 0;
    for (const size_t i : concerned) sum += numbers_of(i, member);
    most = std::max(most, sum);
  }
  Tensor flat = at::zeros({most}, at::kFloat);
  int64_t offset = 0;
  for (const size_t i : concerned) {
    const Tensor rows = own(i);
    flat.narrow(0, offset, rows.numel()).copy_(rows.reshape({-1}));
    offset += rows.numel();
  }
  const Tensor gathered = group != nullptr ? group->gather(flat) : flat.unsqueeze(0);
  for (int member = 0; member < members; ++member) {
    offset = 0;
    for (const size_t i : concerned) {
      const Rows rows = own_of(i, rank_of(member));
      const int64_t numbers = numbers_of(i, member);
      Tensor target = all[i].value.narrow(0, rows.begin - held_by(i, rank_).begin, rows.count);
      target.copy_(gathered[member].narrow(0, offset, numbers).reshape(target.sizes()));
      offset += numbers;
    }
  }
}

Tensor Shares::whole(size_t parameter, const Tensor& own) const {
  const int64_t total = parameters_.all()[parameter].whole;
  int64_t most = 0;
  int only = -1;  // who has all of it
  for (int rank = 0; rank < count_; ++rank) {
    const int64_t count = stored_by(parameter, rank).count;
    most = std::max(most, count);
    if (count == total && only < 0) only = rank;
  }
  if (only == 0) return rank_ == 0 ? own : Tensor();
  std::vector<int64_t> sizes = own.sizes().vec();
  const ProcessGroup* group = processes_->all();
  if (only > 0) {
    sizes[0] = total;
    Tensor values = rank_ == only ? own.to(at::kCPU).contiguous()
                                  : at::empty(sizes, at::TensorOptions(at::kFloat));
    group->broadcast(values, only);
    return rank_ == 0 ? values : Tensor();
  }
  sizes[0] = most;
  Tensor padded = at::zeros(sizes, at::TensorOptions(at::kFloat));
  const Rows mine = stored_by(parameter, rank_);
  padded.narrow(0, 0, mine.count).copy_(own.narrow(0, 0, mine.count));
  const Tensor gathered = group->gather_to_first(padded);
  if (rank_ != 0) return {};
  sizes[0] = total;
  Tensor values = at::empty(sizes, at::TensorOptions(at::kFloat));
  for (int rank = 0; rank < count_; ++rank) {
    const Rows rows = stored_by(parameter, rank);
    values.narrow(0, rows.begin, rows.count).copy_(gathered[rank].narrow(0, 0, rows.count));
  }
  return values;
}

}  // namespace myna::train
