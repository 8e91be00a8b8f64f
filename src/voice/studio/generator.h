// The iSTFTNet generator with a harmonic source (arXiv 2203.02395, 1904.12088): 95 % of the model's
// work. docs/models/studio.md, "Generator".
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "voice/studio/adain.h"
#include "voice/studio/checkpoint.h"
#include "voice/studio/run.h"

namespace myna::voice::studio {

// Three rounds of x += conv2(snake(AdaIN(conv1(snake(AdaIN(x)))))), conv1 dilated by 1, 3, 5.
class SnakeResidualBlock {
 public:
  SnakeResidualBlock(const Checkpoint& checkpoint, const std::string& prefix, size_t channels,
                     size_t kernel);
  // y = (block(x) + addend) * scale, where addend is that of `output` and may be y itself; its
  // residual is not used. moments are those of x. `running` holds the sum between rounds: it may be
  // x, which is lost then, or y, unless y is the addend.
  void apply(Run& run, ops::ConstRows style, ops::ConstRows x, ops::ChannelMoments moments,
             const ops::OutputTransform& output, ops::Rows running, ops::Rows y) const;

 private:
  struct Round {
    AdaIn norm1, norm2;
    std::span<const float> alpha1, alpha2;
    ops::Prepared conv1, conv2;
  };
  size_t channels_;
  std::vector<Round> rounds_;
};

class Generator {
 public:
  static constexpr size_t kSpectrumChannels = 22;  // 11 magnitudes, 11 phases
  static constexpr size_t kSamplesPerCurveValue = 300;
  static constexpr size_t kHop = 5;

  static size_t spectrum_rows(size_t curve_values) {
    return curve_values * (kSamplesPerCurveValue / kHop) + 1;
  }

  explicit Generator(const Checkpoint& checkpoint);

  // f0_hz [n, 1] -> spectrum [n * 60 + 1, kSpectrumChannels] of the harmonic source, with one
  // variation an item.
  void make_source_spectrum(Run& run, ops::ConstRows f0_hz,
                            std::span<const ops::SourceVariation> variations,
                            ops::Rows spectrum) const;
  // x [n, 512], the source's spectrum and style [items, 128] -> samples [n * 300, 1].
  void generate(Run& run, ops::ConstRows style, ops::ConstRows x, ops::ConstRows source_spectrum,
                ops::Rows samples) const;

 private:
  struct Stage {
    Stage(const Checkpoint& checkpoint, size_t index);
    void apply(Run& run, ops::ConstRows style, ops::ConstRows x, ops::ConstRows source_spectrum,
               ops::Rows y) const;

    size_t channels;
    ops::ConvTranspose1dSpec up_spec;
    ops::Prepared up;
    ops::Prepared noise_conv;
    SnakeResidualBlock noise_block;
    std::vector<SnakeResidualBlock> blocks;
  };
  std::vector<Stage> stages_;
  ops::Prepared output_conv_;
  std::span<const float> source_weight_;  // in the file
  float source_bias_;
};

}  // namespace myna::voice::studio
