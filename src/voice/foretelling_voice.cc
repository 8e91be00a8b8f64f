#include "voice/foretelling_voice.h"

#include <algorithm>

#include "voice/speech_shaping.h"

namespace myna::voice {
namespace {

constexpr float kTone = 0.1f;
// The last sound before a closing mark is over so long before the mark's frames begin: 0.18 s for
// Flash and 0.23 s for Studio, with a deviation of 0.03 and 0.05 s over 85 lines of examples/daily.
constexpr double kClosing_s = 0.2;

}  // namespace

Speech ForetellingVoice::synthesize(const SynthesisRequest& request) {
  Speech speech = voice_.foretell(request);
  if (request.phonemes.empty()) return speech;
  for (size_t token = 0; token < speech.frame_counts.size(); ++token) {
    const bool silent =
        token == 0 || token > request.phonemes.size() || is_pause_mark(request.phonemes[token - 1]);
    const auto count = static_cast<size_t>(speech.frame_counts[token] * speech.samples_per_frame);
    speech.samples.insert(speech.samples.end(), count, silent ? 0.0f : kTone);
  }
  const auto sounds = [](float sample) { return sample != 0; };
  const auto first = std::find_if(speech.samples.begin(), speech.samples.end(), sounds);
  const auto last = std::find_if(speech.samples.rbegin(), speech.samples.rend(), sounds);
  const ptrdiff_t length = last.base() - first;  // negative where nothing sounds
  const auto closing = static_cast<ptrdiff_t>(kClosing_s * speech.sample_rate);
  std::fill_n(last, std::max<ptrdiff_t>(0, std::min(closing, length / 2)), 0.0f);
  // The sound of a phoneme comes before its frames.
  const size_t lead =
      std::min(static_cast<size_t>(std::max(0, speech.sound_lead_samples)), speech.samples.size());
  std::rotate(speech.samples.begin(), speech.samples.begin() + static_cast<ptrdiff_t>(lead),
              speech.samples.end());
  for (size_t i = 0; i < speech.samples.size(); i += 2) speech.samples[i] = -speech.samples[i];
  return speech;
}

}  // namespace myna::voice
