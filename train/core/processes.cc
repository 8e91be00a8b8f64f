#include "train/core/processes.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <exception>
#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "base/error.h"
#include "train/core/gloo_backend.h"
#include "train/core/nccl_backend.h"
#include "train/core/watch.h"

namespace myna::train {
namespace {

constexpr auto kMeeting = std::chrono::seconds(60);

// TCPStore would listen on every address of the machine. Nothing but -1 when it is to do so.
int loopback_listener(const std::string& host, uint16_t port) {
  if (host != "127.0.0.1" && host != "localhost") return -1;
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) throw errno_error("cannot open a socket", errno);
  const int yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener, 1024) != 0) {
    const int error = errno;
    close(listener);
    throw errno_error("cannot listen on " + host + ":" + std::to_string(port), error);
  }
  return listener;
}

c10::intrusive_ptr<c10d::Store> meet(const Launch& launch) {
  const auto [host, port] = host_and_port(launch.rendezvous);
  c10d::TCPStoreOptions options;
  options.port = port;
  options.isServer = launch.rank == 0 && !launch.store_is_launchers;
  options.waitWorkers = false;
  options.timeout = kMeeting;
  if (options.isServer) {
    const int listener = loopback_listener(host, port);
    if (listener >= 0) options.masterListenFd = listener;
  }
  c10::intrusive_ptr<c10d::Store> store = c10::make_intrusive<c10d::TCPStore>(host, options);
  // A launcher keeps its store from one attempt to the next.
  return c10::make_intrusive<c10d::PrefixStore>("myna/" + launch.attempt, store);
}

// Everybody waits for everybody, and says who did not come.
void wait_for_all(c10d::Store& store, const Launch& launch) {
  store.set(Watch::pulse_key(launch.rank), std::vector<uint8_t>{'0'});
  std::vector<std::string> keys;
  for (int rank = 0; rank < launch.processes; ++rank) keys.push_back(Watch::pulse_key(rank));
  try {
    store.wait(keys, kMeeting);
  } catch (const std::exception&) {
    std::string missing;
    for (int rank = 0; rank < launch.processes; ++rank) {
      if (!store.check({Watch::pulse_key(rank)})) missing += " " + std::to_string(rank);
    }
    throw Error(ErrorCode::kUnavailable,
                "of " + std::to_string(launch.processes) +
                    " processes these did not come within a minute:" + missing);
  }
}

std::shared_ptr<const NcclLibrary> load_nccl(const Processes::Options& options) {
  if (options.nccl.empty() && !options.device.is_cuda()) return nullptr;
  auto library = NcclLibrary::load(options.nccl.empty() ? "libnccl.so.2" : options.nccl);
  if (library == nullptr && !options.nccl.empty()) {
    throw Error(ErrorCode::kUnavailable, "'" + options.nccl + "' cannot be loaded");
  }
  return library;
}

}  // namespace

Processes::Processes(const Launch& launch, const Options& options)
    : rank_(launch.rank), count_(launch.processes), expert_parallel_(options.expert_parallel) {
  if (count_ < 1 || rank_ < 0 || rank_ >= count_) {
    throw Error(ErrorCode::kInvalidArgument, "rank " + std::to_string(rank_) + " is not one of " +
                                                 std::to_string(count_) + " processes");
  }
  if (expert_parallel_ < 1 || count_ % expert_parallel_ != 0) {
    throw Error(ErrorCode::kInvalidArgument,
                "experts over groups of " + std::to_string(expert_parallel_) +
                    " processes: that does not divide " + std::to_string(count_));
  }
  if (count_ == 1) return;
  const auto timeout = std::chrono::milliseconds(static_cast<int64_t>(options.timeout_s * 1000));
  const std::string host = host_and_port(launch.rendezvous).first;
  try {
    store_ = meet(launch);
    const auto& store = store_;
    wait_for_all(*store, launch);
    store->setTimeout(timeout);
    watch_ = std::make_unique<Watch>(store->clone(), rank_, count_, launch.store_is_launchers,
                                     Watch::Limits());
    const std::shared_ptr<const NcclLibrary> nccl = load_nccl(options);
    nccl_ = nccl != nullptr;
    const at::Device memory = nccl_ ? options.device : at::Device(at::kCPU);
    const c10::DeviceGuard device(memory);
    const auto group = [&](const std::string& name, int rank, int size) {
      if (size == 1) return std::unique_ptr<ProcessGroup>();
      const auto own = c10::make_intrusive<c10d::PrefixStore>(name, store);
      return std::make_unique<ProcessGroup>(nccl_
                                                ? make_nccl_backend(nccl, own, rank, size)
                                                : make_gloo_backend(own, rank, size, host, timeout),
                                            memory, *watch_);
    };
    const int e = expert_parallel_, place = rank_ % e, number = rank_ / e;
    all_ = group("all", rank_, count_);
    experts_ = group("experts/" + std::to_string(number), place, e);
    replicas_ = group("replicas/" + std::to_string(place), number, count_ / e);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    throw Error(ErrorCode::kUnavailable,
                std::string("the processes do not find each other: ") + error.what());
  }
}

// Before the connections end: the others may still read from them.
Processes::~Processes() { leave(std::uncaught_exceptions() > 0 ? "with an error" : ""); }

void Processes::leave(const std::string& failure) {
  if (watch_) watch_->leave(failure);
}

std::string_view Processes::exchange() const {
  if (count_ == 1) return "none";
  return nccl_ ? "nccl" : "gloo";
}

void Processes::average(Tensor& values) const {
  if (!all_) return;
  Tensor sum = values.to(all_->memory(), at::kFloat).contiguous().clone();
  all_->add_up(sum);
  values.copy_(sum / count_);
}

void Processes::average_gradients(const Parameters& parameters) const {
  if (!all_) return;
  at::NoGradGuard no_grad;
  for (const bool parts : {false, true}) {
    std::vector<Tensor> gradients;
    for (const Parameter& parameter : parameters.all()) {
      Tensor value = parameter.value;
      if (!value.requires_grad() || parameter.is_part() != parts) continue;
      if (!value.grad().defined()) value.mutable_grad() = at::zeros_like(value);
      gradients.push_back(value.grad());
    }
    if (gradients.empty()) continue;
    std::vector<Tensor> flat;
    for (const Tensor& gradient : gradients) flat.push_back(gradient.reshape({-1}));
    Tensor sum = at::cat(flat).to(all_->memory());
    const ProcessGroup* group = parts ? replicas_.get() : all_.get();
    if (group != nullptr) group->add_up(sum);
    sum.div_(count_);
    int64_t offset = 0;
    for (Tensor& gradient : gradients) {
      gradient.copy_(sum.narrow(0, offset, gradient.numel()).reshape(gradient.sizes()));
      offset += gradient.numel();
    }
  }
}

double Processes::sum_over_model(double of_common, double of_part) const {
  if (!experts_) return of_common + of_part;
  const Tensor parts = experts_->gather(at::tensor({of_part}, at::kDouble));
  double sum = of_common;
  for (int64_t i = 0; i < parts.size(0); ++i) sum += parts[i].item<double>();
  return sum;
}

}  // namespace myna::train
