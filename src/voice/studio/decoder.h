// The decoder of StyleTTS 2: from phoneme features, pitch and energy at 40 Hz to the generator's
// input at 80 Hz. docs/models/studio.md, "Decoder".
#pragma once

#include <vector>

#include "voice/studio/adain.h"
#include "voice/studio/checkpoint.h"
#include "voice/studio/run.h"

namespace myna::voice::studio {

class Decoder {
 public:
  static constexpr size_t kTextChannels = 512;
  static constexpr size_t kOutputChannels = 512;

  explicit Decoder(const Checkpoint& checkpoint);
  // text [frames, 512], f0_hz and energy [2 * frames, 1], style [items, 128] -> y [2 * frames,
  // 512].
  void decode(Run& run, ops::ConstRows style, ops::ConstRows text, ops::ConstRows f0_hz,
              ops::ConstRows energy, ops::Rows y) const;

 private:
  ops::Prepared f0_conv_, energy_conv_, text_residual_;
  AdaInResidualBlock encode_;
  std::vector<AdaInResidualBlock> blocks_;
};

}  // namespace myna::voice::studio
