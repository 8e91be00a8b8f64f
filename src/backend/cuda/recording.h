// Parts of a stream's work, recorded once and played again with other data of the same sizes: CUDA
// graphs on a device, lists of calls in the emulation.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "backend/cuda/device.h"

namespace myna::backend::cuda {

#if defined(__CUDACC__)
using StreamHandle = cudaStream_t;
#else
using StreamHandle = int;
#endif

// Everything between two places where the host waits for the stream.
class Section {
 public:
  Section() = default;
  Section(Section&& other) noexcept;
  Section& operator=(Section&&) = delete;
  ~Section();

  // What the stream is given from here on is recorded, and not done.
  void begin(StreamHandle stream);
  void end(StreamHandle stream);
  // All of it, in stream order.
  void run(StreamHandle stream) const;
#if !defined(__CUDACC__)
  void add(std::function<void()> call) { calls_.push_back(std::move(call)); }
#endif

 private:
#if defined(__CUDACC__)
  cudaGraphExec_t graph_ = nullptr;
#else
  std::vector<std::function<void()> > calls_;
#endif
};

struct Recording {
  static constexpr size_t kSlotBytes = size_t{256} << 10;

  Recording() = default;
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;
  ~Recording();

  // What was recorded is gone, the memory stays. The stream must be through with it.
  void forget() {
    sections.clear();
    slots.clear();
    used = 0;
    complete = false;
  }

  // Host memory that a section's copies to the device read: written anew before it is played.
  struct Slot {
    unsigned char* place;
    size_t bytes;
  };

  std::vector<Section> sections;
  std::vector<Slot> slots;
  unsigned char* memory = nullptr;  // of the slots, kSlotBytes, pinned
  size_t used = 0;
  // The arena's next free byte and size when it began: what was recorded has addresses.
  const void* arena_place = nullptr;
  size_t arena_bytes = 0;
  bool complete = false;
  bool unfit = false;  // it needs more than a recording can have
};

}  // namespace myna::backend::cuda
