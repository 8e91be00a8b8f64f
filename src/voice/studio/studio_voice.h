// The Studio tier: Kokoro-82M. The model is specified in docs/models/studio.md.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "voice/voice.h"

namespace myna::voice {

struct StudioOptions {
  enum class Precision : uint8_t {
    kAuto,     // kInt8 where the machine has fast int8 products, otherwise kFloat32
    kFloat32,  // the reference's arithmetic
    kInt8,     // 8-bit activations in the large layers, as the weights are stored
  };
  // The installed `kokoro-82m` model package; empty: the one under models_directory().
  std::filesystem::path package_directory;
  unsigned threads = 0;  // counting the caller's; 0 means one a core
  Precision precision = Precision::kAuto;
  std::string isa;  // "" for $MYNA_ISA or the best; names as in backend/cpu/isa.h
};

// Throws Error kUnavailable (not installed), kCorruptData (damaged), kInvalidArgument (isa).
// Concurrent calls of synthesize() wait for each other.
std::unique_ptr<Voice> make_studio_voice(const StudioOptions& options);

}  // namespace myna::voice
