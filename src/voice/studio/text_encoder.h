// The acoustic text encoder of StyleTTS 2 (arXiv 2306.07691): what the decoder is told about the
// phonemes. docs/models/studio.md, "Text encoder".
#pragma once

#include <span>
#include <vector>

#include "voice/studio/checkpoint.h"
#include "voice/studio/run.h"

namespace myna::voice::studio {

class TextEncoder {
 public:
  static constexpr size_t kChannels = 512;

  explicit TextEncoder(const Checkpoint& checkpoint);
  // tokens (with padding) -> y [tokens, kChannels].
  void encode(Run& run, std::span<const int> tokens, ops::Rows y) const;

 private:
  struct Layer {
    ops::Prepared conv;
    std::span<const float> scale, shift;
  };
  ops::Prepared embedding_;  // [178, kChannels]
  std::vector<Layer> layers_;
  ops::Prepared lstm_;
};

}  // namespace myna::voice::studio
