// The prosody predictor of StyleTTS 2: how long each phoneme lasts, and pitch and energy over time.
// docs/models/studio.md, "Prosody".
#pragma once

#include <span>
#include <vector>

#include "voice/studio/adain.h"
#include "voice/studio/checkpoint.h"
#include "voice/studio/run.h"

namespace myna::voice::studio {

class ProsodyPredictor {
 public:
  static constexpr size_t kEncoded = 512 + kStyle;

  explicit ProsodyPredictor(const Checkpoint& checkpoint);

  // style is [items, kStyle] throughout.
  // text [tokens, 512] (from PLBERT) -> y [tokens, kEncoded], the style in its last columns.
  void encode(Run& run, ops::ConstRows style, ops::ConstRows text, ops::Rows y) const;
  // How many frames each token wants at the model's own speed, unrounded: the sum of 50 sigmoids.
  // To the host: lengths are what memory and loops depend on.
  void predict_durations(Run& run, ops::ConstRows encoded, std::span<float> frames) const;
  // encoded repeated to frames [frames, kEncoded] -> pitch in Hz and energy, [2 * frames, 1] each.
  void predict_curves(Run& run, ops::ConstRows style, ops::ConstRows frames, ops::Rows f0_hz,
                      ops::Rows energy) const;

 private:
  struct EncoderLayer {
    ops::Prepared lstm;
    ops::Prepared projection;  // style -> [gamma, beta] of the layer norm
  };
  struct Curve {
    std::vector<AdaInResidualBlock> blocks;
    ops::Prepared projection;
  };
  static Curve make_curve(const Checkpoint& checkpoint, const std::string& name);
  void predict_curve(Run& run, const Curve& curve, ops::ConstRows style, ops::ConstRows x,
                     ops::Rows values) const;

  std::vector<EncoderLayer> encoder_;
  ops::Prepared duration_lstm_, duration_projection_;
  ops::Prepared shared_lstm_;
  Curve f0_, energy_;
};

}  // namespace myna::voice::studio
