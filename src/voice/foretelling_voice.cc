#include "voice/foretelling_voice.h"

#include <algorithm>

#include "voice/speech_shaping.h"

namespace myna::voice {
namespace {

constexpr float kTone = 0.1f;

}  // namespace

Speech ForetellingVoice::synthesize(const SynthesisRequest& request) {
  Speech speech = voice_.foretell(request);
  if (request.phonemes.empty()) return speech;
  for (size_t token = 0; token < speech.frame_counts.size(); ++token) {
    const bool silent =
        token == 0 || token > request.phonemes.size() || is_pause_mark(request.phonemes[token - 1]);
    const size_t count = static_cast<size_t>(speech.frame_counts[token]) *
                         static_cast<size_t>(speech.samples_per_frame);
    speech.samples.insert(speech.samples.end(), count, silent ? 0.0f : kTone);
  }
  // The sound of a phoneme comes before its frames.
  const size_t lead =
      std::min(static_cast<size_t>(std::max(0, speech.sound_lead_samples)), speech.samples.size());
  std::rotate(speech.samples.begin(), speech.samples.begin() + static_cast<ptrdiff_t>(lead),
              speech.samples.end());
  for (size_t i = 0; i < speech.samples.size(); i += 2) speech.samples[i] = -speech.samples[i];
  return speech;
}

}  // namespace myna::voice
