// The Studio tier: Kokoro-82M. The model is specified in docs/models/studio.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "ops/backend.h"
#include "voice/voice.h"

namespace myna::voice {

struct StudioOptions {
  enum class Device : uint8_t { kCpu, kCuda };

  // The installed `kokoro-82m` model package; empty: the one under models_directory().
  std::filesystem::path package_directory;
  unsigned threads = 0;  // counting the caller's; 0 means one a core
  Device device = Device::kCpu;
  // Of the large layers; nothing: kInt8 (as the weights are stored) where the CPU has fast int8
  // products, otherwise kFloat32 (the reference's arithmetic); on a GPU kBfloat16.
  std::optional<ops::Precision> precision;
  std::string isa;  // "" for $MYNA_ISA or the best; names as in backend/cpu/isa.h
};

// Throws Error kUnavailable (not installed, no such device), kCorruptData (damaged),
// kInvalidArgument (isa). Concurrent calls of synthesize() wait for each other.
std::unique_ptr<Voice> make_studio_voice(const StudioOptions& options);

}  // namespace myna::voice
