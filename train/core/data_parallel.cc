#include "train/core/data_parallel.h"

#include <chrono>
#include <cstring>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "base/error.h"

namespace myna::train {

struct DataParallel::Group {
  c10::intrusive_ptr<c10d::TCPStore> store;
  uint64_t exchanges = 0;

  static std::string key(uint64_t exchange, int rank) {
    return "part-" + std::to_string(exchange) + "-" + std::to_string(rank);
  }
};

DataParallel::DataParallel(int rank, int processes, const std::string& rendezvous)
    : rank_(rank), processes_(processes) {
  if (processes < 1 || rank < 0 || rank >= processes) {
    throw Error(ErrorCode::kInvalidArgument, "rank " + std::to_string(rank) + " is not one of " +
                                                 std::to_string(processes) + " processes");
  }
  if (processes == 1) return;
  const size_t colon = rendezvous.rfind(':');
  const int port = colon == std::string::npos ? 0 : std::atoi(rendezvous.c_str() + colon + 1);
  if (port <= 0 || port > 65535) {
    throw Error(ErrorCode::kInvalidArgument,
                "several processes need a rendezvous, host:port, and '" + rendezvous + "' is none");
  }
  try {
    c10d::TCPStoreOptions options;
    options.port = static_cast<uint16_t>(port);
    options.isServer = rank == 0;
    options.numWorkers = static_cast<size_t>(processes);
    options.timeout = std::chrono::seconds(60);
    group_ = std::make_unique<Group>();
    group_->store = c10::make_intrusive<c10d::TCPStore>(rendezvous.substr(0, colon), options);
    group_->store->setTimeout(std::chrono::seconds(300));
  } catch (const std::exception& error) {
    throw Error(ErrorCode::kUnavailable,
                std::string("the processes do not find each other: ") + error.what());
  }
}

DataParallel::~DataParallel() {
  if (!group_) return;
  // The server must outlive what the others still read from it.
  try {
    group_->store->add("left", 1);
    for (int i = 0; rank_ == 0 && i < 100 && group_->store->add("left", 0) < processes_; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  } catch (const std::exception&) {
  }
}

void DataParallel::average(Tensor& values) {
  if (!group_) return;
  const uint64_t exchange = group_->exchanges++;
  const Tensor own = values.to(at::kCPU, at::kFloat).contiguous();
  const auto bytes = static_cast<size_t>(own.numel()) * sizeof(float);
  const auto* begin = static_cast<const uint8_t*>(own.data_ptr());
  try {
    group_->store->set(Group::key(exchange, rank_), std::vector<uint8_t>(begin, begin + bytes));
    Tensor sum = at::zeros_like(own);
    for (int rank = 0; rank < processes_; ++rank) {
      if (rank == rank_) {
        sum.add_(own);
        continue;
      }
      std::vector<uint8_t> part = group_->store->get(Group::key(exchange, rank));
      if (part.size() != bytes) {
        throw Error(ErrorCode::kInternal, "the processes train different models");
      }
      sum.add_(at::from_blob(part.data(), own.sizes(), at::kFloat));
    }
    // Whoever has come to this exchange has read what was there at the one before.
    if (exchange > 0) group_->store->deleteKey(Group::key(exchange - 1, rank_));
    values.copy_(sum / processes_);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    throw Error(ErrorCode::kUnavailable,
                std::string("another process of the training has gone: ") + error.what());
  }
}

void DataParallel::average_gradients(const Parameters& parameters) {
  if (!group_) return;
  at::NoGradGuard no_grad;
  std::vector<Tensor> flat;
  for (const Parameter& parameter : parameters.all()) {
    Tensor value = parameter.value;
    if (!value.requires_grad()) continue;
    if (!value.grad().defined()) value.mutable_grad() = at::zeros_like(value);
    flat.push_back(value.grad().reshape({-1}));
  }
  Tensor all = at::cat(flat);
  average(all);
  int64_t offset = 0;
  for (const Parameter& parameter : parameters.all()) {
    if (!parameter.value.requires_grad()) continue;
    const int64_t count = parameter.value.numel();
    parameter.value.grad().copy_(all.narrow(0, offset, count).reshape(parameter.value.sizes()));
    offset += count;
  }
}

}  // namespace myna::train
