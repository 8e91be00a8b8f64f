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

  // text [tokens, 512] (from PLBERT) -> y [tokens, kEncoded], the style in its last columns.
  void encode(Run& run, std::span<const float> style, ops::ConstRows text, ops::Rows y) const;
  // How many frames each token wants, unrounded: the sum of 50 sigmoids / speed.
  void predict_durations(Run& run, ops::ConstRows encoded, float speed,
                         std::span<float> frames) const;
  // encoded repeated to frames [frames, kEncoded] -> pitch in Hz and energy, [2 * frames] each.
  void predict_curves(Run& run, std::span<const float> style, ops::ConstRows frames,
                      std::span<float> f0_hz, std::span<float> energy) const;

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
  void predict_curve(Run& run, const Curve& curve, std::span<const float> style, ops::ConstRows x,
                     std::span<float> values) const;

  std::vector<EncoderLayer> encoder_;
  ops::Prepared duration_lstm_, duration_projection_;
  ops::Prepared shared_lstm_;
  Curve f0_, energy_;
};

}  // namespace myna::voice::studio
