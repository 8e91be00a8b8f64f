// A bump allocator for activations, from Backend::make_arena(). It keeps its memory between uses,
// so that the second synthesis of a given length allocates nothing. Not thread-safe: one arena a
// synthesis.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "ops/tensor_rows.h"

namespace myna::ops {

// Where an arena has its memory from; the default is the host's, in huge pages.
class ArenaMemory {
 public:
  virtual ~ArenaMemory() = default;
  // Throws std::bad_alloc. At least 64-byte aligned.
  virtual std::byte* allocate(size_t bytes) = 0;
  virtual void release(std::byte* memory) = 0;
  // The content is not needed any more, the addresses are; may give the pages back.
  virtual void discard(std::byte*, size_t) {}
};

class Arena {
 public:
  Arena();
  explicit Arena(std::unique_ptr<ArenaMemory> memory);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // 64-byte aligned, uninitialised, valid until the scope that was open at the time ends.
  template <typename T>
  T* allocate(size_t count) {
    return static_cast<T*>(allocate_bytes(count * sizeof(T)));
  }
  Rows rows(size_t row_count, size_t channels, const RowLayout* layout = nullptr) {
    return {allocate<float>(row_count * channels), row_count, channels, channels, layout};
  }
  // As many rows as x has, for the same items.
  Rows rows_like(ConstRows x, size_t channels) { return rows(x.rows, channels, x.layout); }

  // Everything allocated after the scope's construction is given back at its end.
  class Scope {
   public:
    explicit Scope(Arena& arena) : arena_(arena), chunk_(arena.current_), used_(arena.used_) {}
    ~Scope() { arena_.rewind(chunk_, used_); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Arena& arena_;
    size_t chunk_;
    size_t used_;
  };

  size_t capacity_bytes() const;
  ArenaMemory& memory() const { return *memory_; }

 private:
  struct Chunk {
    std::byte* data;
    size_t size;
    size_t before;  // bytes in use in the chunks before it, since it came into use
  };
  void* allocate_bytes(size_t bytes);
  void rewind(size_t chunk, size_t used);

  std::unique_ptr<ArenaMemory> memory_;
  std::vector<Chunk> chunks_;
  size_t current_ = 0;  // index of the chunk in use
  size_t used_ = 0;     // bytes used of it
  size_t peak_ = 0;     // most bytes in use at once
};

}  // namespace myna::ops
