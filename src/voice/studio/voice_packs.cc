#include "voice/studio/voice_packs.h"

#include <algorithm>

#include "base/error.h"
#include "voice/speaker_levels.h"

namespace myna::voice::studio {

VoicePacks::VoicePacks(SafetensorsFile file) : file_(std::move(file)) {
  std::vector<std::string> ids = file_.names();
  std::sort(ids.begin(), ids.end());
  for (const std::string& id : ids) {
    speakers_.push_back(speaker_from_id(id, file_.file_name(), "kokoro-82m"));
    packs_.push_back(file_.values<float>(id, {kRows, 2 * kStyle}));
  }
}

Style VoicePacks::style(const SpeakerBlend& blend, size_t phoneme_count) const {
  if (blend.parts.empty()) throw Error(ErrorCode::kInvalidArgument, "no voice was chosen");
  const size_t row = std::min(std::max<size_t>(phoneme_count, 1) - 1, kRows - 1);
  Style style{};
  for (const SpeakerBlend::Part& part : blend.parts) {
    if (part.speaker >= packs_.size()) {
      throw Error(ErrorCode::kInvalidArgument,
                  "there is no voice number " + std::to_string(part.speaker));
    }
    const float* values = packs_[part.speaker].data() + row * 2 * kStyle;
    for (size_t i = 0; i < kStyle; ++i) {
      style.decoder[i] += part.weight * values[i];
      style.prosody[i] += part.weight * values[kStyle + i];
    }
  }
  return style;
}

}  // namespace myna::voice::studio
