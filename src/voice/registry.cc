#include "voice/registry.h"

#include "backend/cuda/cuda_backend.h"
#include "base/error.h"
#include "voice/flash/flash_voice.h"
#include "voice/studio/studio_voice.h"

namespace myna::voice {
namespace {

std::optional<ops::Precision> arithmetic(Precision precision) {
  switch (precision) {
    case Precision::kAuto:
      return std::nullopt;
    case Precision::kFloat32:
      return ops::Precision::kFloat32;
    case Precision::kBfloat16:
      return ops::Precision::kBfloat16;
    case Precision::kInt8:
      return ops::Precision::kInt8;
  }
  return std::nullopt;
}

bool wants_cuda(const OpenVoiceOptions& options) {
  return options.device == Device::kCuda ||
         (options.device == Device::kAuto && backend::cuda_status().usable);
}

std::unique_ptr<Voice> open_studio(const OpenVoiceOptions& options) {
  StudioOptions studio;
  studio.threads = options.threads;
  studio.isa = options.isa;
  studio.precision = arithmetic(options.precision);
  studio.device = wants_cuda(options) ? StudioOptions::Device::kCuda : StudioOptions::Device::kCpu;
  return make_studio_voice(studio);
}

std::unique_ptr<Voice> open_flash(const OpenVoiceOptions& options) {
  FlashOptions flash;
  flash.device = wants_cuda(options) ? FlashOptions::Device::kCuda : FlashOptions::Device::kCpu;
  flash.threads = options.threads;
  flash.isa = options.isa;
  flash.precision = arithmetic(options.precision);
  return make_flash_voice(flash);
}

}  // namespace

Tier parse_tier(std::string_view name) {
  if (name == "auto") return Tier::kAuto;
  if (name == "studio") return Tier::kStudio;
  if (name == "flash") return Tier::kFlash;
  throw Error(ErrorCode::kInvalidArgument, "no voice tier is called '" + std::string(name) + "'",
              "use studio, flash or auto");
}

Precision parse_precision(std::string_view name) {
  if (name == "auto") return Precision::kAuto;
  if (name == "fp32") return Precision::kFloat32;
  if (name == "bf16") return Precision::kBfloat16;
  if (name == "int8") return Precision::kInt8;
  throw Error(ErrorCode::kInvalidArgument, "no precision is called '" + std::string(name) + "'",
              "use fp32, bf16, int8 or auto");
}

Device parse_device(std::string_view name) {
  if (name == "auto") return Device::kAuto;
  if (name == "cpu") return Device::kCpu;
  if (name == "cuda") return Device::kCuda;
  throw Error(ErrorCode::kInvalidArgument, "no device is called '" + std::string(name) + "'",
              "use cpu, cuda or auto");
}

std::unique_ptr<Voice> open_voice(const OpenVoiceOptions& options) {
  if (options.tier == Tier::kFlash) return open_flash(options);
  // Flash is no answer to "auto" until its weights pass their gate (docs/models/myna-voice-1.md).
  return open_studio(options);
}

}  // namespace myna::voice
