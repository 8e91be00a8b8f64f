// The stages of the Studio voice put together on one backend, apart from threads, packages and
// speakers: what the parity tests hold against the goldens.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "ops/backend.h"
#include "voice/performance.h"
#include "voice/studio/checkpoint.h"
#include "voice/studio/decoder.h"
#include "voice/studio/generator.h"
#include "voice/studio/plbert.h"
#include "voice/studio/prosody.h"
#include "voice/studio/run.h"
#include "voice/studio/text_encoder.h"
#include "voice/studio/voice_packs.h"

namespace myna::voice::studio {

class StudioModel {
 public:
  static constexpr size_t kMaximumPhonemes = Plbert::kMaximumTokens - 2;
  static constexpr int kSampleRate = 24000;
  static constexpr int kSamplesPerFrame = 600;

  // The file must outlive the model.
  explicit StudioModel(const Checkpoint& checkpoint);

  struct Inputs {
    std::span<const int> tokens;  // with padding
    const Style& style;
    float speed = 1.0f;
    ops::SourceVariation source;
    Performance performance;
  };
  // A batch, one item a request of the run; each gets what it would get alone. Thread-safe when
  // each caller has its own Run. `speech` gets samples and frame counts.
  void synthesize(Run& run, std::span<const Inputs> inputs, std::span<Speech> speech) const;
  // The frame counts alone.
  void foretell(Run& run, std::span<const Inputs> inputs, std::span<Speech> speech) const;

  const Generator& generator() const { return generator_; }

 private:
  // What the sound is made of.
  struct TimedText {
    std::vector<int> tokens, frame_counts;  // of all items, one behind another
    std::vector<size_t> frames;             // of each item
    ops::Rows prosody_style, decoder_style, encoded;
  };
  // In memory of the arena's open scope. `speech` gets its frame counts.
  TimedText time_text(Run& run, std::span<const Inputs> inputs, std::span<Speech> speech) const;
  // [items, kStyle] of one half of the styles.
  static ops::Rows upload_styles(Run& run, std::span<const Inputs> inputs,
                                 std::array<float, kStyle> Style::*half);
  void encode_text(Run& run, std::span<const int> tokens, ops::ConstRows style,
                   ops::Rows encoded) const;
  void shape_curves(Run& run, std::span<const Inputs> inputs, std::span<const Speech> speech,
                    ops::Rows f0_hz, ops::Rows energy) const;

  Plbert plbert_;
  ops::Prepared plbert_projection_;
  ProsodyPredictor prosody_;
  TextEncoder text_encoder_;
  Decoder decoder_;
  Generator generator_;
};

}  // namespace myna::voice::studio
