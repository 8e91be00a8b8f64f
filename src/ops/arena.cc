#include "ops/arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
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
  void discard(std::byte* memory, size_t bytes) override {
    const auto begin = round_up(reinterpret_cast<uintptr_t>(memory), kHugePage);
    const auto end = (reinterpret_cast<uintptr_t>(memory) + bytes) / kHugePage * kHugePage;
    if (end > begin) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
  }
};

}  // namespace

Arena::Arena() : Arena(std::make_unique<HostMemory>()) {}

Arena::Arena(std::unique_ptr<ArenaMemory> memory) : memory_(std::move(memory)) {}

Arena::~Arena() {
  for (const Chunk& chunk : chunks_) memory_->release(chunk.data);
}

void* Arena::allocate_bytes(size_t bytes) {
  bytes = round_up(std::max<size_t>(bytes, 1), kAlignment);
  size_t before = 0;
  while (current_ < chunks_.size()) {
    Chunk& chunk = chunks_[current_];
    if (used_ + bytes <= chunk.size) {
      void* result = chunk.data + used_;
      used_ += bytes;
      peak_ = std::max(peak_, chunk.before + used_);
      return result;
    }
    // What an earlier use left in the rest of the chunk would lie there beside its successor.
    memory_->discard(chunk.data + used_, chunk.size - used_);
    before = chunk.before + used_;
    if (current_ + 1 == chunks_.size()) break;
    ++current_;
    used_ = 0;
    chunks_[current_].before = before;
  }
  // The new chunk goes behind the current one; chunks grow with the total so that few are needed.
  const size_t size = round_up(std::max({bytes, kMinimumChunk, capacity_bytes() / 2}), kHugePage);
  std::byte* data = memory_->allocate(size);
  chunks_.push_back({data, size, before});
  current_ = chunks_.size() - 1;
  used_ = bytes;
  peak_ = std::max(peak_, before + bytes);
  return data;
}

void Arena::rewind(size_t chunk, size_t used) {
  current_ = chunk;
  used_ = used;
  if (chunk != 0 || used != 0 || chunks_.size() < 2) return;
  // All is free: one chunk of the size that was needed serves the next synthesis without a seam.
  for (const Chunk& old : chunks_) memory_->release(old.data);
  chunks_.clear();
  try {
    const size_t size = round_up(std::max(peak_, kMinimumChunk), kHugePage);
    chunks_.push_back({memory_->allocate(size), size, 0});
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
