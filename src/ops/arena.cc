#include "ops/arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace myna::ops {
namespace {

constexpr size_t kAlignment = 64;
// Chunks start at a huge page's boundary: activations are walked front to back, and 4 KiB pages
// cost a TLB miss every few rows.
constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kMinimumChunk = size_t{16} << 20;

size_t round_up(size_t value, size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

class HostMemory final : public ArenaMemory {
 public:
  std::byte* allocate(size_t bytes) override {
    void* data = std::aligned_alloc(kHugePage, bytes);
    if (data == nullptr) throw std::bad_alloc();
    ::madvise(data, bytes, MADV_HUGEPAGE);
    return static_cast<std::byte*>(data);
  }
  void release(std::byte* memory) override { std::free(memory); }
};

}  // namespace

Arena::Arena() : Arena(std::make_unique<HostMemory>()) {}

Arena::Arena(std::unique_ptr<ArenaMemory> memory) : memory_(std::move(memory)) {}

Arena::~Arena() {
  for (const Chunk& chunk : chunks_) memory_->release(chunk.data);
}

void* Arena::allocate_bytes(size_t bytes) {
  bytes = round_up(std::max<size_t>(bytes, 1), kAlignment);
  while (current_ < chunks_.size()) {
    Chunk& chunk = chunks_[current_];
    if (used_ + bytes <= chunk.size) {
      void* result = chunk.data + used_;
      used_ += bytes;
      return result;
    }
    if (current_ + 1 == chunks_.size()) break;
    ++current_;
    used_ = 0;
  }
  // The new chunk goes behind the current one; chunks grow with the total so that few are needed.
  const size_t size = round_up(std::max({bytes, kMinimumChunk, capacity_bytes() / 2}), kHugePage);
  std::byte* data = memory_->allocate(size);
  chunks_.push_back({data, size});
  current_ = chunks_.size() - 1;
  used_ = bytes;
  return data;
}

void Arena::rewind(size_t chunk, size_t used) {
  current_ = chunk;
  used_ = used;
  if (chunk != 0 || used != 0 || chunks_.size() < 2) return;
  // All is free: one chunk of the total size serves the next synthesis without a seam.
  size_t total = capacity_bytes();
  for (const Chunk& old : chunks_) memory_->release(old.data);
  chunks_.clear();
  try {
    chunks_.push_back({memory_->allocate(total), total});
  } catch (const std::bad_alloc&) {
    // Called from destructors. The next allocate() tries again and reports.
  }
}

size_t Arena::capacity_bytes() const {
  size_t total = 0;
  for (const Chunk& chunk : chunks_) total += chunk.size;
  return total;
}

}  // namespace myna::ops
