// The voice tiers by name: what `--tier studio|flash|auto` opens.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "voice/voice.h"

namespace myna::voice {

enum class Tier : uint8_t { kAuto, kStudio, kFlash };
enum class Precision : uint8_t { kAuto, kFloat32, kBfloat16, kInt8 };
// kAuto is the GPU where the program has a backend for it and the machine a usable one.
enum class Device : uint8_t { kAuto, kCpu, kCuda };

struct OpenVoiceOptions {
  Tier tier = Tier::kAuto;
  Precision precision = Precision::kAuto;
  unsigned threads = 0;  // 0: one a core
  Device device = Device::kAuto;
  std::string isa;  // of the CPU; "": $MYNA_ISA, otherwise the best of this machine
};

// "auto", "studio", "flash"; "auto", "fp32", "bf16", "int8"; "auto", "cpu", "cuda". Throw Error
// kInvalidArgument that lists the names.
Tier parse_tier(std::string_view name);
Precision parse_precision(std::string_view name);
Device parse_device(std::string_view name);

// kAuto is the best tier that is installed. Throws Error: kUnavailable when its model package is
// not installed (with the command that installs it) or the device is not there, kCorruptData when
// it is damaged, kInvalidArgument for an ISA that this machine lacks.
std::unique_ptr<Voice> open_voice(const OpenVoiceOptions& options = {});

}  // namespace myna::voice
