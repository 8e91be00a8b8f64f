// A voice that only says how long everything takes: what speaks with it has the length that it
// would have with the voice itself, in a fraction of the time.
#pragma once

#include "voice/voice.h"

namespace myna::voice {

// Its speech has the other voice's durations and a tone instead of sound, silent at pause marks and
// around the whole, so that a Narrator cuts and joins it in nearly the same places. Voices fall
// silent before the frames of their last sound end, by 0.15 to 0.3 s: that is still to be taken
// off. As thread-safe as the other voice, which outlives it.
class ForetellingVoice final : public Voice {
 public:
  explicit ForetellingVoice(Voice& voice) : voice_(voice) {}

  std::string_view tier() const override { return voice_.tier(); }
  int sample_rate() const override { return voice_.sample_rate(); }
  std::span<const Speaker> speakers() const override { return voice_.speakers(); }
  size_t max_phonemes() const override { return voice_.max_phonemes(); }
  bool has_symbol(char32_t symbol) const override { return voice_.has_symbol(symbol); }
  Speech synthesize(const SynthesisRequest& request) override;
  Speech foretell(const SynthesisRequest& request) override { return voice_.foretell(request); }

 private:
  Voice& voice_;
};

}  // namespace myna::voice
