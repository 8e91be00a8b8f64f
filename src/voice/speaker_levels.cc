#include "voice/speaker_levels.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.h"

namespace myna::voice {
namespace {

// python3 -B tools/eval/measure_voice_loudness.py
constexpr auto kLevels = std::to_array<std::pair<std::string_view, float>>({
    {"af_alloy", -24.5f},   {"af_aoede", -21.0f}, {"af_bella", -24.5f},    {"af_heart", -25.1f},
    {"af_jessica", -25.1f}, {"af_kore", -21.7f},  {"af_nicole", -24.6f},   {"af_nova", -29.5f},
    {"af_river", -24.0f},   {"af_sarah", -23.6f}, {"af_sky", -26.4f},      {"am_adam", -21.0f},
    {"am_echo", -25.0f},    {"am_eric", -24.2f},  {"am_fenrir", -21.5f},   {"am_liam", -24.4f},
    {"am_michael", -26.3f}, {"am_onyx", -25.6f},  {"am_puck", -21.5f},     {"am_santa", -24.9f},
    {"bf_alice", -23.7f},   {"bf_emma", -23.0f},  {"bf_isabella", -20.7f}, {"bf_lily", -24.3f},
    {"bm_daniel", -24.3f},  {"bm_fable", -24.8f}, {"bm_george", -24.5f},   {"bm_lewis", -26.2f},
});

}  // namespace

Speaker speaker_from_id(const std::string& id, const std::string& file_name,
                        const std::string& package) {
  const bool well_formed = id.size() > 3 && (id[0] == 'a' || id[0] == 'b') &&
                           (id[1] == 'f' || id[1] == 'm') && id[2] == '_';
  if (!well_formed) {
    throw Error(ErrorCode::kCorruptData,
                "'" + id + "' in '" + file_name + "' is not the name of an English voice",
                "install the model again: myna models pull " + package);
  }
  return {id.substr(3), id, id[0] == 'a' ? Accent::kAmerican : Accent::kBritish,
          id[1] == 'f' ? Gender::kFemale : Gender::kMale, speaker_loudness_lufs(id)};
}

std::optional<float> speaker_loudness_lufs(std::string_view id) {
  const auto found = std::find_if(kLevels.begin(), kLevels.end(),
                                  [&](const auto& level) { return level.first == id; });
  if (found == kLevels.end()) return std::nullopt;
  return found->second;
}

}  // namespace myna::voice
