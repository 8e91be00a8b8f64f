#include "backend/cuda/emulation/emulation.h"

#include <setjmp.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

namespace myna::backend::cuda::emulation {
namespace {

constexpr size_t kStackBytes = size_t{128} << 10;
constexpr unsigned kLanes = 32;
// Switches without any barrier passed: then the threads wait for each other for ever.
constexpr size_t kDeadlockSwitches = size_t{1} << 24;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "cuda emulation: %s\n", what);
  std::abort();
}

struct PendingCopy {
  void* to;
  const void* from;
};

struct Barrier {
  unsigned arrived = 0;
  unsigned expected = 0;
  uint64_t generation = 0;
};

struct Exchange {  // what the lanes of a warp show each other
  float values[kLanes];
  const void* rows[kLanes];
  uint32_t a[kLanes][4];
  uint32_t b[kLanes][2];
};

struct Warp {
  Barrier barrier;
  Exchange exchange;
};

struct Block {
  Index index;
  Barrier barrier;
  std::vector<Warp> warps;
  std::vector<unsigned char> shared;  // with room to align
  unsigned char* storage = nullptr;
};

struct Fiber {
  jmp_buf context;
  ucontext_t start;
  void* stack = nullptr;
  bool started = false;
  bool done = false;
  Index thread;
  unsigned number = 0;  // within the cluster
  Block* block = nullptr;
  Warp* warp = nullptr;
  unsigned warp_first = 0, warp_size = 0;     // fibers of the warp
  unsigned block_first = 0, block_count = 0;  // fibers of the block
  std::vector<std::vector<PendingCopy>> groups;
  std::vector<PendingCopy> open_group;
};

// One a thread of the host.
class Scheduler {
 public:
  ~Scheduler() {
    for (const auto& fiber : fibers_) ::munmap(fiber->stack, kStackBytes);
  }

  void run(const Grid& grid, const std::function<void()>& body) {
    body_ = &body;
    grid_ = {grid.blocks.x, grid.blocks.y, grid.blocks.z};
    block_size_ = {grid.threads, 1, 1};
    cluster_size_ = std::max(1u, grid.cluster);
    if (grid.blocks.x % cluster_size_ != 0) fail("the grid is no multiple of the cluster");
    prepare(grid);
    for (unsigned z = 0; z < grid.blocks.z; ++z) {
      for (unsigned y = 0; y < grid.blocks.y; ++y) {
        for (unsigned x = 0; x < grid.blocks.x; x += cluster_size_) run_cluster({x, y, z});
      }
    }
  }

  Fiber& current() { return *current_; }
  const Index& grid() const { return grid_; }
  const Index& block_size() const { return block_size_; }
  Block& block_of_cluster(unsigned rank) { return blocks_[rank]; }
  unsigned cluster_size() const { return cluster_size_; }
  Barrier& cluster_barrier() { return cluster_barrier_; }

  // Waits at the barrier, giving way to fibers of [first, first + count).
  void wait(Barrier& barrier, unsigned first, unsigned count) {
    if (++barrier.arrived == barrier.expected) {
      barrier.arrived = 0;
      ++barrier.generation;
      idle_switches_ = 0;
      return;
    }
    const uint64_t generation = barrier.generation;
    while (barrier.generation == generation) {
      if (++idle_switches_ > kDeadlockSwitches) fail("not all threads reach a barrier");
      give_way(first, count);
    }
  }

 private:
  void prepare(const Grid& grid) {
    const size_t wanted = size_t{cluster_size_} * grid.threads;
    while (fibers_.size() < wanted) {
      auto fiber = std::make_unique<Fiber>();
      fiber->stack = ::mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (fiber->stack == MAP_FAILED) fail("no memory for a fiber");
      fibers_.push_back(std::move(fiber));
    }
    blocks_.resize(std::max<size_t>(blocks_.size(), cluster_size_));
    const unsigned warps = (grid.threads + kLanes - 1) / kLanes;
    cluster_barrier_ = {0, static_cast<unsigned>(wanted), 0};
    for (unsigned b = 0; b < cluster_size_; ++b) {
      Block& block = blocks_[b];
      block.warps.assign(warps, Warp{});
      block.shared.assign(grid.shared_bytes + 1024, 0xCD);  // uninitialised memory is not zero
      const auto address = reinterpret_cast<uintptr_t>(block.shared.data());
      block.storage = block.shared.data() + (1024 - address % 1024) % 1024;
      block.barrier.expected = grid.threads;
      for (unsigned t = 0; t < grid.threads; ++t) {
        Fiber& fiber = *fibers_[b * grid.threads + t];
        fiber.thread = {t, 0, 0};
        fiber.number = b * grid.threads + t;
        fiber.block = &block;
        fiber.warp = &block.warps[t / kLanes];
        fiber.warp_first = b * grid.threads + t / kLanes * kLanes;
        fiber.warp_size = std::min(kLanes, grid.threads - t / kLanes * kLanes);
        fiber.warp->barrier.expected = fiber.warp_size;
        fiber.block_first = b * grid.threads;
        fiber.block_count = grid.threads;
      }
    }
    active_ = static_cast<unsigned>(wanted);
  }

  void run_cluster(Index first) {
    for (unsigned b = 0; b < cluster_size_; ++b) {
      blocks_[b].index = {first.x + b, first.y, first.z};
      blocks_[b].barrier.arrived = 0;
    }
    for (unsigned i = 0; i < active_; ++i) {
      fibers_[i]->done = false;
      fibers_[i]->groups.clear();
      fibers_[i]->open_group.clear();
    }
    remaining_ = active_;
    idle_switches_ = 0;
    if (_setjmp(home_) == 0) resume(*fibers_[0]);
  }

  static void entry() { instance().loop(); }

  // A fiber lives on from one block to the next.
  void loop() {
    while (true) {
      (*body_)();
      Fiber& self = *current_;
      if (!self.open_group.empty() || !self.groups.empty()) drop_finished(self);
      self.done = true;
      idle_switches_ = 0;
      const bool last = --remaining_ == 0;
      if (_setjmp(self.context) != 0) continue;  // the next block
      if (last) _longjmp(home_, 1);
      resume(next_after(self.number, 0, active_));
    }
  }

  static void drop_finished(Fiber& fiber) {
    fiber.groups.clear();
    fiber.open_group.clear();
  }

  Fiber& next_after(unsigned number, unsigned first, unsigned count) {
    for (unsigned step = 1; step <= count; ++step) {
      Fiber& candidate = *fibers_[first + (number - first + step) % count];
      if (!candidate.done) return candidate;
    }
    fail("no thread is left to run");
  }

  void give_way(unsigned first, unsigned count) {
    Fiber& self = *current_;
    Fiber& next = next_after(self.number, first, count);
    if (&next == &self) {
      // Nobody else of this group is left: others must run.
      Fiber& other = next_after(self.number, 0, active_);
      if (&other == &self) fail("a thread waits for threads that have ended");
      if (_setjmp(self.context) == 0) resume(other);
      return;
    }
    if (_setjmp(self.context) == 0) resume(next);
  }

  [[noreturn]] void resume(Fiber& fiber) {
    current_ = &fiber;
    if (fiber.started) _longjmp(fiber.context, 1);
    fiber.started = true;
    ::getcontext(&fiber.start);
    fiber.start.uc_stack.ss_sp = fiber.stack;
    fiber.start.uc_stack.ss_size = kStackBytes;
    fiber.start.uc_link = nullptr;
    ::makecontext(&fiber.start, &Scheduler::entry, 0);
    ::setcontext(&fiber.start);
    fail("cannot start a fiber");
  }

 public:
  static Scheduler& instance() {
    thread_local Scheduler scheduler;
    return scheduler;
  }

 private:
  const std::function<void()>* body_ = nullptr;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::vector<Block> blocks_;
  Barrier cluster_barrier_;
  Index grid_, block_size_;
  unsigned cluster_size_ = 1;
  unsigned active_ = 0, remaining_ = 0;
  size_t idle_switches_ = 0;
  Fiber* current_ = nullptr;
  jmp_buf home_;
};

Scheduler& scheduler() { return Scheduler::instance(); }
Fiber& self() { return scheduler().current(); }

float from_bfloat16(uint32_t pair, unsigned half) {
  return std::bit_cast<float>(half == 0 ? pair << 16 : pair & 0xFFFF0000u);
}

}  // namespace

const Index& thread_index() { return self().thread; }
const Index& block_index() { return self().block->index; }
const Index& block_size() { return scheduler().block_size(); }
const Index& grid_size() { return scheduler().grid(); }
unsigned char* shared_storage() { return self().block->storage; }

void block_barrier() {
  Fiber& fiber = self();
  scheduler().wait(fiber.block->barrier, fiber.block_first, fiber.block_count);
}

void warp_barrier() {
  Fiber& fiber = self();
  scheduler().wait(fiber.warp->barrier, fiber.warp_first, fiber.warp_size);
}

void cluster_barrier() {
  scheduler().wait(scheduler().cluster_barrier(), 0,
                   scheduler().cluster_size() * scheduler().block_size().x);
}

unsigned cluster_rank() { return self().block->index.x % scheduler().cluster_size(); }

void* cluster_shared(void* local, unsigned rank) {
  const ptrdiff_t offset = static_cast<unsigned char*>(local) - self().block->storage;
  return scheduler().block_of_cluster(rank).storage + offset;
}

float shuffle(float value, unsigned lane) {
  Fiber& fiber = self();
  fiber.warp->exchange.values[fiber.thread.x % kLanes] = value;
  warp_barrier();
  const float result = fiber.warp->exchange.values[lane % kLanes];
  warp_barrier();
  return result;
}

float shuffle_xor(float value, unsigned mask) {
  return shuffle(value, self().thread.x % kLanes ^ mask);
}

// PTX ISA, "ldmatrix": lane l gives the address of row l % 8 of matrix l / 8; of each matrix lane l
// receives elements 2 (l % 4) and the next of row l / 4.
void load_matrix_x4(uint32_t (&registers)[4], const void* row) {
  Fiber& fiber = self();
  const unsigned lane = fiber.thread.x % kLanes;
  if (reinterpret_cast<uintptr_t>(row) % 16 != 0) fail("ldmatrix from an unaligned row");
  fiber.warp->exchange.rows[lane] = row;
  warp_barrier();
  for (unsigned m = 0; m < 4; ++m) {
    const auto* from =
        static_cast<const unsigned char*>(fiber.warp->exchange.rows[8 * m + lane / 4]);
    std::memcpy(&registers[m], from + 4 * (lane % 4), 4);
  }
  warp_barrier();
}

// PTX ISA, "Matrix fragments for mma.m16n8k16" of bfloat16: with g = lane / 4 and q = lane % 4, a
// holds (row g | g + 8, columns 2q, 2q + 1 | + 8), b (rows 2q, 2q + 1 | + 8, column g), c (row
// g | g + 8, columns 2q, 2q + 1).
void multiply_add(float (&sums)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  Fiber& fiber = self();
  const unsigned lane = fiber.thread.x % kLanes;
  Exchange& exchange = fiber.warp->exchange;
  std::copy_n(a, 4, exchange.a[lane]);
  std::copy_n(b, 2, exchange.b[lane]);
  warp_barrier();
  const unsigned g = lane / 4, q = lane % 4;
  for (unsigned k = 0; k < 16; ++k) {
    const unsigned source = k % 8 / 2, half = k % 2, high = k / 8;
    const uint32_t a_low = exchange.a[4 * g + source][2 * high];
    const uint32_t a_high = exchange.a[4 * g + source][2 * high + 1];
    for (unsigned column = 0; column < 2; ++column) {
      const uint32_t pair = exchange.b[4 * (2 * q + column) + source][high];
      const float value = from_bfloat16(pair, half);
      sums[column] += from_bfloat16(a_low, half) * value;
      sums[2 + column] += from_bfloat16(a_high, half) * value;
    }
  }
  warp_barrier();
}

void copy_async16(void* shared, const void* global) {
  if ((reinterpret_cast<uintptr_t>(shared) | reinterpret_cast<uintptr_t>(global)) % 16 != 0) {
    fail("cp.async of 16 bytes to or from an unaligned address");
  }
  self().open_group.push_back({shared, global});
}

void copy_async_commit() {
  Fiber& fiber = self();
  fiber.groups.push_back(std::move(fiber.open_group));
  fiber.open_group.clear();
}

void copy_async_wait(int pending) {
  Fiber& fiber = self();
  while (fiber.groups.size() > static_cast<size_t>(pending)) {
    for (const PendingCopy& copy : fiber.groups.front()) std::memcpy(copy.to, copy.from, 16);
    fiber.groups.erase(fiber.groups.begin());
  }
}

void run_grid(const Grid& grid, const std::function<void()>& body) { scheduler().run(grid, body); }

}  // namespace myna::backend::cuda::emulation
