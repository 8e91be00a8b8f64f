// The Flash tier: myna-voice-1, our own small model. docs/models/myna-voice-1.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "ops/backend.h"
#include "voice/voice.h"

namespace myna::voice {

struct FlashOptions {
  enum class Device : uint8_t { kCpu, kCuda };

  // A model package; empty: the installed `myna-voice-1`.
  std::filesystem::path package_directory;
  unsigned threads = 0;  // counting the caller's; 0 means one a core
  Device device = Device::kCpu;
  // Of all layers, but kInt8 is for the decoder's blocks alone; nothing: kInt8 where the CPU has
  // fast int8 products, otherwise kFloat32; on a GPU kBfloat16.
  std::optional<ops::Precision> precision;
  std::string isa;  // "" for $MYNA_ISA or the best; names as in backend/cpu/isa.h
};

// Throws Error kUnavailable (not installed, no such device), kCorruptData (damaged),
// kInvalidArgument (isa).
// Concurrent calls of synthesize() wait for each other.
std::unique_ptr<Voice> make_flash_voice(const FlashOptions& options);

}  // namespace myna::voice
