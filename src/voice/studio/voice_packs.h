// The speakers of the Studio voice and their style vectors. A pack has one row for each number of
// phonemes; a row is [decoder style (timbre), prosody style], 128 each.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "voice/studio/adain.h"
#include "voice/voice.h"
#include "weights/safetensors.h"

namespace myna::voice::studio {

struct Style {
  std::array<float, kStyle> decoder;
  std::array<float, kStyle> prosody;
};

// Immutable; safe from many threads.
class VoicePacks {
 public:
  static constexpr size_t kRows = 510;

  // Every tensor of the file is a pack named as af_heart: accent, gender, name. Throws Error
  // kCorruptData otherwise.
  explicit VoicePacks(SafetensorsFile file);

  std::span<const Speaker> speakers() const { return speakers_; }
  // The weighted mean of the speakers' rows for an utterance of that many phonemes. Throws Error
  // kInvalidArgument for a blend without parts or with an unknown speaker.
  Style style(const SpeakerBlend& blend, size_t phoneme_count) const;

 private:
  SafetensorsFile file_;
  std::vector<Speaker> speakers_;
  std::vector<std::span<const float>> packs_;  // [kRows, 2 * kStyle]
};

}  // namespace myna::voice::studio
