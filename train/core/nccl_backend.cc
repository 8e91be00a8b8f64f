#include "train/core/nccl_backend.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <thread>
#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include "base/error.h"

namespace myna::train {
namespace {

constexpr const char* kIdKey = "nccl/id";

// Shared by the backend and by what is on its way.
class Communicator {
 public:
  Communicator(std::shared_ptr<const NcclLibrary> library, NcclLibrary::UniqueId id, int rank,
               int processes)
      : library_(std::move(library)) {
    check(library_->comm_init_rank(&handle_, processes, id, rank), "cannot begin");
  }
  ~Communicator() { library_->comm_destroy(handle_); }
  Communicator(const Communicator&) = delete;
  Communicator& operator=(const Communicator&) = delete;

  const NcclLibrary& library() const { return *library_; }
  NcclLibrary::Communicator handle() const { return handle_; }

  void check(int result, const char* what) const {
    if (result == 0 || result == NcclLibrary::kInProgress) return;
    throw Error(ErrorCode::kUnavailable,
                std::string("NCCL ") + what + ": " + library_->get_error_string(result));
  }

 private:
  std::shared_ptr<const NcclLibrary> library_;
  NcclLibrary::Communicator handle_ = nullptr;
};

// One exchange: over when the stream has nothing left to do.
class NcclWork : public c10d::Work {
 public:
  explicit NcclWork(std::shared_ptr<Communicator> communicator)
      : communicator_(std::move(communicator)) {}

  bool isCompleted() override {
    int error = 0;
    communicator_->check(
        communicator_->library().comm_get_async_error(communicator_->handle(), &error),
        "cannot say how it is");
    communicator_->check(error, "failed");
    const int state = communicator_->library().stream_query(nullptr);
    if (state != 0 && state != NcclLibrary::kNotReady) {
      throw Error(ErrorCode::kUnavailable, "the device failed with CUDA's error " +
                                               std::to_string(state) + " in an exchange");
    }
    return state == 0;
  }
  bool isSuccess() const override { return true; }
  void synchronize() override { wait(kNoTimeout); }
  bool wait(std::chrono::milliseconds timeout) override {
    const auto end = std::chrono::steady_clock::now() + timeout;
    // Exchanges of a step take well under a millisecond.
    while (!isCompleted()) {
      if (timeout != kNoTimeout && std::chrono::steady_clock::now() > end) {
        throw Error(ErrorCode::kUnavailable, "an exchange took too long");
      }
      std::this_thread::yield();
    }
    return true;
  }

 private:
  std::shared_ptr<Communicator> communicator_;
};

int type_of(const Tensor& tensor) {
  switch (tensor.scalar_type()) {
    case at::kByte:
      return NcclLibrary::kUint8;
    case at::kLong:
      return NcclLibrary::kInt64;
    case at::kFloat:
      return NcclLibrary::kFloat32;
    case at::kDouble:
      return NcclLibrary::kFloat64;
    case at::kBFloat16:
      return NcclLibrary::kBfloat16;
    default:
      throw Error(ErrorCode::kInternal, "NCCL does not exchange numbers of this type");
  }
}

class NcclBackend : public c10d::Backend {
 public:
  NcclBackend(std::shared_ptr<Communicator> communicator, int rank, int processes)
      : Backend(rank, processes), communicator_(std::move(communicator)) {}

  const std::string getBackendName() const override { return "myna-nccl"; }

  c10::intrusive_ptr<c10d::Work> allreduce(std::vector<Tensor>& tensors,
                                           const c10d::AllreduceOptions&) override {
    const Tensor& own = tensors.at(0);
    communicator_->check(nccl().all_reduce(own.data_ptr(), own.data_ptr(), count(own), type_of(own),
                                           NcclLibrary::kSum, communicator_->handle(), nullptr),
                         "cannot add up");
    return begun();
  }

  c10::intrusive_ptr<c10d::Work> _allgather_base(Tensor& all, Tensor& own,
                                                 const c10d::AllgatherOptions&) override {
    communicator_->check(nccl().all_gather(own.data_ptr(), all.data_ptr(), count(own), type_of(own),
                                           communicator_->handle(), nullptr),
                         "cannot gather");
    return begun();
  }

  c10::intrusive_ptr<c10d::Work> broadcast(std::vector<Tensor>& tensors,
                                           const c10d::BroadcastOptions& options) override {
    const Tensor& own = tensors.at(0);
    communicator_->check(
        nccl().broadcast(own.data_ptr(), own.data_ptr(), count(own), type_of(own),
                         static_cast<int>(options.rootRank), communicator_->handle(), nullptr),
        "cannot broadcast");
    return begun();
  }

  // NCCL has none of its own.
  c10::intrusive_ptr<c10d::Work> gather(std::vector<std::vector<Tensor>>& to,
                                        std::vector<Tensor>& own,
                                        const c10d::GatherOptions& options) override {
    const auto root = static_cast<int>(options.rootRank);
    Group group(*communicator_);
    group.send(own.at(0).data_ptr(), count(own[0]), type_of(own[0]), root);
    if (rank_ == root) {
      for (int from = 0; from < size_; ++from) {
        const Tensor& place = to.at(0).at(static_cast<size_t>(from));
        group.receive(place.data_ptr(), count(place), type_of(place), from);
      }
    }
    group.end();
    return begun();
  }

  c10::intrusive_ptr<c10d::Work> alltoall_base(Tensor& out, Tensor& in, std::vector<int64_t>& from,
                                               std::vector<int64_t>& to,
                                               const c10d::AllToAllOptions&) override {
    const auto width = [](const Tensor& rows) {
      return rows.size(0) == 0 ? 0 : rows.numel() / rows.size(0);
    };
    const auto place = [&](const Tensor& rows, int64_t row) {
      return static_cast<char*>(rows.data_ptr()) +
             row * width(rows) * static_cast<int64_t>(rows.element_size());
    };
    Group group(*communicator_);
    int64_t sent = 0, received = 0;
    for (int peer = 0; peer < size_; ++peer) {
      const int64_t rows_to = to.at(static_cast<size_t>(peer));
      const int64_t rows_from = from.at(static_cast<size_t>(peer));
      if (rows_to > 0) {
        group.send(place(in, sent), static_cast<size_t>(rows_to * width(in)), type_of(in), peer);
      }
      if (rows_from > 0) {
        group.receive(place(out, received), static_cast<size_t>(rows_from * width(out)),
                      type_of(out), peer);
      }
      sent += rows_to;
      received += rows_from;
    }
    group.end();
    return begun();
  }

 private:
  // Sends and receptions that begin together; not to be left open.
  class Group {
   public:
    explicit Group(const Communicator& communicator) : communicator_(communicator) {
      communicator_.check(library().group_start(), "cannot begin a group");
    }
    ~Group() {
      if (open_) library().group_end();
    }
    Group(const Group&) = delete;
    Group& operator=(const Group&) = delete;

    void send(const void* from, size_t count, int type, int peer) const {
      communicator_.check(library().send(from, count, type, peer, communicator_.handle(), nullptr),
                          "cannot send");
    }
    void receive(void* to, size_t count, int type, int peer) const {
      communicator_.check(library().receive(to, count, type, peer, communicator_.handle(), nullptr),
                          "cannot receive");
    }
    void end() {
      open_ = false;
      communicator_.check(library().group_end(), "cannot exchange");
    }

   private:
    const NcclLibrary& library() const { return communicator_.library(); }

    const Communicator& communicator_;
    bool open_ = true;
  };

  const NcclLibrary& nccl() const { return communicator_->library(); }
  static size_t count(const Tensor& tensor) { return static_cast<size_t>(tensor.numel()); }
  c10::intrusive_ptr<c10d::Work> begun() const {
    return c10::make_intrusive<NcclWork>(communicator_);
  }

  std::shared_ptr<Communicator> communicator_;
};

}  // namespace

c10::intrusive_ptr<c10d::Backend> make_nccl_backend(std::shared_ptr<const NcclLibrary> library,
                                                    const c10::intrusive_ptr<c10d::Store>& store,
                                                    int rank, int processes) {
  NcclLibrary::UniqueId id{};
  if (rank == 0) {
    const int result = library->get_unique_id(&id);
    if (result != 0) {
      throw Error(ErrorCode::kUnavailable,
                  std::string("NCCL cannot begin: ") + library->get_error_string(result));
    }
    store->set(kIdKey, std::vector<uint8_t>(id.bytes.begin(), id.bytes.end()));
  } else {
    const std::vector<uint8_t> bytes = store->get(kIdKey);  // waits for it
    if (bytes.size() != id.bytes.size()) {
      throw Error(ErrorCode::kUnavailable, "the first process gave no name for NCCL");
    }
    std::copy(bytes.begin(), bytes.end(), id.bytes.begin());
  }
  auto communicator = std::make_shared<Communicator>(std::move(library), id, rank, processes);
  return c10::make_intrusive<NcclBackend>(std::move(communicator), rank, processes);
}

}  // namespace myna::train
