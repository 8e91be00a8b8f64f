#include "voice/voice_levels.h"

#include <algorithm>

#include "audio/pcm.h"

namespace myna::voice {
namespace {

// Where Kokoro's voices lie before normalisation; for a recording that comes before any speech.
constexpr double kUsualSpeech_lufs = -23;

}  // namespace

VoiceLevels::VoiceLevels(int sample_rate, double measure_s)
    : sample_rate_(sample_rate), enough_samples_(static_cast<size_t>(measure_s * sample_rate)) {}

void VoiceLevels::hear(size_t voice, std::span<const float> samples) {
  // The yardstick may be measured while it already speaks: its gain is known.
  if (settled(voice) || (has_gain(voice) && voice != yardstick_)) return;
  Heard& heard = heard_.try_emplace(voice, sample_rate_).first->second;
  heard.waiting.insert(heard.waiting.end(), samples.begin(), samples.end());
  heard.sample_count += samples.size();
}

bool VoiceLevels::settled(size_t voice) const {
  const auto heard = heard_.find(voice);
  return heard != heard_.end() && heard->second.sample_count >= enough_samples_;
}

std::optional<double> VoiceLevels::loudness(size_t voice) {
  const auto found = heard_.find(voice);
  if (found == heard_.end()) return std::nullopt;
  Heard& heard = found->second;
  heard.meter.add(heard.waiting);
  heard.waiting = {};
  return heard.meter.result().integrated_lufs;
}

double VoiceLevels::gain_db(size_t voice) {
  const auto known = gains_db_.find(voice);
  if (known != gains_db_.end()) return known->second;
  double gain = 0;
  if (!yardstick_) {
    yardstick_ = voice;
  } else {
    const std::optional<double> wanted = loudness(*yardstick_);
    const std::optional<double> own = loudness(voice);
    if (wanted && own) gain = std::clamp(*wanted - *own, -kMaxGain_db, kMaxGain_db);
  }
  gains_db_[voice] = gain;
  return gain;
}

double VoiceLevels::recording_gain_db(std::span<const float> samples) {
  const audio::Loudness own = audio::measure_loudness(samples, sample_rate_);
  if (!own.integrated_lufs) return 0;
  const double wanted =
      yardstick_ ? loudness(*yardstick_).value_or(kUsualSpeech_lufs) : kUsualSpeech_lufs;
  return std::clamp(wanted - *own.integrated_lufs, -2 * kMaxGain_db, kMaxGain_db);
}

}  // namespace myna::voice
