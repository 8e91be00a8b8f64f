// NCCL's functions over the memory of one process, whose threads are the ranks: a library of its
// own, which the tests have NcclLibrary load. What it adds up it adds in the order of ranks.
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace {

struct UniqueId {
  char bytes[128];
};

// What the ranks of one communicator share: a table that all have to fill before all may read it.
class Table {
 public:
  explicit Table(int count) : rows_(static_cast<size_t>(count)) {}

  using Rows = std::vector<std::map<int, std::string>>;  // by rank, by addressee; -1: everybody
  Rows exchange(int rank, std::map<int, std::string> own) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !reading_; });
    rows_[static_cast<size_t>(rank)] = std::move(own);
    if (++filled_ == rows_.size()) {
      reading_ = true;
      changed_.notify_all();
    }
    changed_.wait(lock, [&] { return reading_; });
    Rows all = rows_;
    if (--filled_ == 0) {
      reading_ = false;
      changed_.notify_all();
    }
    return all;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  Rows rows_;
  size_t filled_ = 0;
  bool reading_ = false;
};

struct Communicator {
  std::shared_ptr<Table> table;
  int rank = 0;
};

std::mutex tables_mutex;
std::map<std::string, std::shared_ptr<Table>> tables;

struct Reception {
  void* to;
  size_t bytes;
  int peer;
};
// Of the calling thread, between ncclGroupStart and ncclGroupEnd.
thread_local Communicator* group = nullptr;
thread_local std::map<int, std::string> sent;
thread_local std::vector<Reception> expected;

size_t size_of(int type) {
  switch (type) {
    case 1:
      return 1;
    case 9:
      return 2;
    case 7:
      return 4;
    default:
      return 8;
  }
}

std::string bytes_of(const void* from, size_t count, int type) {
  return {static_cast<const char*>(from), count * size_of(type)};
}

template <typename Number>
void add(const Table::Rows& rows, void* to, size_t count) {
  auto* sum = static_cast<Number*>(to);
  for (size_t i = 0; i < count; ++i) {
    Number total = 0;
    for (const auto& row : rows) {
      Number value;
      std::memcpy(&value, row.at(-1).data() + i * sizeof value, sizeof value);
      total += value;
    }
    sum[i] = total;
  }
}

constexpr int kInvalidArgument = 4;

}  // namespace

extern "C" {

// Of the CUDA runtime: what was asked for is done when the call comes back.
int cudaStreamQuery(void*) { return 0; }

int ncclGetUniqueId(UniqueId* id) {
  static int number = 0;
  const std::lock_guard lock(tables_mutex);
  std::memset(id->bytes, 0, sizeof id->bytes);
  const std::string name = "communicator " + std::to_string(++number);
  std::memcpy(id->bytes, name.data(), name.size());
  return 0;
}

int ncclCommInitRank(void** communicator, int count, UniqueId id, int rank) {
  const std::lock_guard lock(tables_mutex);
  std::shared_ptr<Table>& table = tables[std::string(id.bytes)];
  if (!table) table = std::make_shared<Table>(count);
  *communicator = new Communicator{table, rank};
  return 0;
}

int ncclCommDestroy(void* communicator) {
  delete static_cast<Communicator*>(communicator);
  return 0;
}

int ncclCommGetAsyncError(void*, int* result) {
  *result = 0;
  return 0;
}

const char* ncclGetErrorString(int) { return "invalid argument"; }

int ncclAllReduce(const void* from, void* to, size_t count, int type, int operation,
                  void* communicator, void*) {
  auto* own = static_cast<Communicator*>(communicator);
  if (operation != 0) return kInvalidArgument;
  const auto rows = own->table->exchange(own->rank, {{-1, bytes_of(from, count, type)}});
  if (type == 7) {
    add<float>(rows, to, count);
  } else if (type == 8) {
    add<double>(rows, to, count);
  } else if (type == 4) {
    add<int64_t>(rows, to, count);
  } else {
    return kInvalidArgument;
  }
  return 0;
}

int ncclAllGather(const void* from, void* to, size_t count, int type, void* communicator, void*) {
  auto* own = static_cast<Communicator*>(communicator);
  const auto rows = own->table->exchange(own->rank, {{-1, bytes_of(from, count, type)}});
  char* place = static_cast<char*>(to);
  for (const auto& row : rows) {
    std::memcpy(place, row.at(-1).data(), row.at(-1).size());
    place += row.at(-1).size();
  }
  return 0;
}

int ncclBroadcast(const void* from, void* to, size_t count, int type, int root, void* communicator,
                  void*) {
  auto* own = static_cast<Communicator*>(communicator);
  const auto rows = own->table->exchange(own->rank, {{-1, bytes_of(from, count, type)}});
  const std::string& chosen = rows.at(static_cast<size_t>(root)).at(-1);
  std::memcpy(to, chosen.data(), chosen.size());
  return 0;
}

int ncclGroupStart() {
  group = nullptr;
  sent.clear();
  expected.clear();
  return 0;
}

int ncclSend(const void* from, size_t count, int type, int peer, void* communicator, void*) {
  group = static_cast<Communicator*>(communicator);
  sent[peer] += bytes_of(from, count, type);
  return 0;
}

int ncclRecv(void* to, size_t count, int type, int peer, void* communicator, void*) {
  group = static_cast<Communicator*>(communicator);
  expected.push_back({to, count * size_of(type), peer});
  return 0;
}

// NCCL's own does without those who neither send nor receive; this one needs somebody to.
int ncclGroupEnd() {
  if (group == nullptr) return 0;
  const auto rows = group->table->exchange(group->rank, sent);
  for (const Reception& one : expected) {
    const auto& row = rows.at(static_cast<size_t>(one.peer));
    const auto found = row.find(group->rank);
    if (found == row.end() || found->second.size() != one.bytes) return kInvalidArgument;
    std::memcpy(one.to, found->second.data(), one.bytes);
  }
  return 0;
}

}  // extern "C"
