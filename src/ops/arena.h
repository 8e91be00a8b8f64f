// A bump allocator for activations. It keeps its memory between uses, so that the second synthesis
// of a given length allocates nothing. Not thread-safe: one arena a synthesis.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "ops/tensor_rows.h"

namespace myna::ops {

class Arena {
 public:
  Arena() = default;
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // 64-byte aligned, uninitialised, valid until the scope that was open at the time ends.
  template <typename T>
  T* allocate(size_t count) {
    return static_cast<T*>(allocate_bytes(count * sizeof(T)));
  }
  Rows rows(size_t row_count, size_t channels) {
    return {allocate<float>(row_count * channels), row_count, channels, channels};
  }

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

 private:
  struct Chunk {
    std::byte* data;
    size_t size;
  };
  void* allocate_bytes(size_t bytes);
  void rewind(size_t chunk, size_t used);

  std::vector<Chunk> chunks_;
  size_t current_ = 0;  // index of the chunk in use
  size_t used_ = 0;     // bytes used of it
};

}  // namespace myna::ops
