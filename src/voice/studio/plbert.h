// PLBERT: an ALBERT encoder over phoneme tokens (arXiv 2301.08810, 1909.11942), one layer's weights
// used twelve times. docs/models/studio.md, "PLBERT".
#pragma once

#include <span>
#include <string>

#include "voice/studio/checkpoint.h"
#include "voice/studio/run.h"

namespace myna::voice::studio {

class Plbert {
 public:
  static constexpr size_t kHidden = 768;
  static constexpr size_t kMaximumTokens = 512;

  explicit Plbert(const Checkpoint& checkpoint);
  // tokens (with padding, at most kMaximumTokens an item) -> y [tokens, kHidden].
  void encode(Run& run, std::span<const int> tokens, ops::Rows y) const;

 private:
  void layer(Run& run, ops::Rows x) const;

  ops::Prepared word_embeddings_;      // [178, 128], with that of type 0 added
  ops::Prepared position_embeddings_;  // [512, 128]
  std::span<const float> embedding_scale_, embedding_shift_;
  ops::Prepared embedding_projection_;
  ops::Prepared query_, key_, value_, attention_output_;
  std::span<const float> attention_scale_, attention_shift_;
  ops::Prepared feed_forward_, feed_forward_output_;
  std::span<const float> output_scale_, output_shift_;
};

}  // namespace myna::voice::studio
