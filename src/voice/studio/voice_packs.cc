#include "voice/studio/voice_packs.h"

#include <algorithm>

#include "base/error.h"
#include "voice/studio/speaker_levels.h"

namespace myna::voice::studio {
namespace {

Speaker speaker_from_id(const std::string& id, const std::string& file_name) {
  const bool well_formed = id.size() > 3 && (id[0] == 'a' || id[0] == 'b') &&
                           (id[1] == 'f' || id[1] == 'm') && id[2] == '_';
  if (!well_formed) {
    throw Error(ErrorCode::kCorruptData,
                "'" + id + "' in '" + file_name + "' is not the name of an English voice",
                "install the model again: myna models pull kokoro-82m");
  }
  return {id.substr(3), id, id[0] == 'a' ? Accent::kAmerican : Accent::kBritish,
          id[1] == 'f' ? Gender::kFemale : Gender::kMale, speaker_loudness_lufs(id)};
}

}  // namespace

VoicePacks::VoicePacks(SafetensorsFile file) : file_(std::move(file)) {
  std::vector<std::string> ids = file_.names();
  std::sort(ids.begin(), ids.end());
  for (const std::string& id : ids) {
    speakers_.push_back(speaker_from_id(id, file_.file_name()));
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
