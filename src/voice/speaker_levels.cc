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

// Seconds of a phoneme at speed 1, of the Flash and of the Studio voice; 0: not measured.
struct Rate {
  std::string_view id;
  float flash_s;
  float studio_s;
};

// python3 -B tools/eval/measure_voice_rates.py
constexpr auto kRates = std::to_array<Rate>({
    {"af_alloy", 0.0647f, 0},         {"af_aoede", 0.0511f, 0},
    {"af_bella", 0.0529f, 0.0559f},   {"af_heart", 0.0528f, 0.0542f},
    {"af_jessica", 0.0516f, 0},       {"af_kore", 0.0549f, 0},
    {"af_nicole", 0.0768f, 0},        {"af_nova", 0.0604f, 0},
    {"af_river", 0.0529f, 0},         {"af_sarah", 0.0526f, 0},
    {"af_sky", 0.0546f, 0},           {"am_adam", 0.0531f, 0},
    {"am_echo", 0.0598f, 0},          {"am_eric", 0.0524f, 0},
    {"am_fenrir", 0.0522f, 0},        {"am_liam", 0.0530f, 0},
    {"am_michael", 0.0583f, 0.0599f}, {"am_onyx", 0.0627f, 0},
    {"am_puck", 0.0526f, 0},          {"am_santa", 0.0612f, 0},
    {"bf_alice", 0.0569f, 0},         {"bf_emma", 0.0521f, 0.0513f},
    {"bf_isabella", 0.0547f, 0},      {"bf_lily", 0.0586f, 0},
    {"bm_daniel", 0.0563f, 0},        {"bm_fable", 0.0621f, 0},
    {"bm_george", 0.0651f, 0},        {"bm_lewis", 0.0604f, 0},
});
// Of speakers that were measured with one model only: as the others differ, on average.
constexpr float kStudioOfFlash = 1.023f;

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

std::optional<float> speaker_phoneme_s(std::string_view id, std::string_view tier) {
  const auto* const found =
      std::find_if(kRates.begin(), kRates.end(), [&](const Rate& rate) { return rate.id == id; });
  if (found == kRates.end()) return std::nullopt;
  if (tier == "flash") return found->flash_s;
  return found->studio_s > 0 ? found->studio_s : kStudioOfFlash * found->flash_s;
}

std::optional<float> blend_phoneme_s(const SpeakerBlend& blend, const Voice& voice) {
  float seconds = 0;
  for (const SpeakerBlend::Part& part : blend.parts) {
    const auto own = speaker_phoneme_s(voice.speakers()[part.speaker].id, voice.tier());
    if (!own) return std::nullopt;
    seconds += part.weight * *own;
  }
  return seconds;
}

}  // namespace myna::voice
