// What the voice model is trained to: the teacher's audio from the teacher's prosody, and the
// teacher's prosody from the text.
#pragma once

#include <string>
#include <vector>

#include "train/core/spectral_losses.h"
#include "train/voice/model.h"

namespace myna::train {

struct LossWeights {
  double spectral = 1;  // generalised energy distance
  // What the distance between two draws counts in it where voiced, up to spread_top_hz (at least
  // 1000, at most 12000) and ever less up to twice that. Less than 1: what cannot be foretold there
  // is said by harmonics rather than by noise.
  double voiced_spread = 1;
  int64_t spread_top_hz = 4000;
  int64_t spectral_items = 0;  // of each process, whose spectra are compared; 0: all
  bool erb_weights = false;    // bins count by the ear's bandwidths
  double complex = 2;  // of the harmonic part alone to the audio's spectrum, phases included
  double phase = 0;    // of the harmonic part up to phase_top_hz (at most 8000), angles alone
  int64_t phase_top_hz = 1200;
  double duration = 0.5, log_f0 = 1, voiced = 0.2, energy = 0.2;
  double adversarial = 0.15, features = 0.3;  // of the adversary, where there is one
};

struct NamedLoss {
  std::string name;
  Tensor value;  // a scalar, unweighted
};
struct Losses {
  Tensor total;
  std::vector<NamedLoss> parts;
  Tensor audio, made;  // [items, samples] of the same places, `made` with its graph

  void add(const char* name, double weight, const Tensor& value);
};

class VoiceObjective {
 public:
  enum class Arithmetic : uint8_t { kFloat32, kBfloat16 };

  VoiceObjective(const VoiceModel& model, const LossWeights& weights, Arithmetic arithmetic,
                 at::Device device);

  // noise: two draws [2, A, W, kBins], complex, for the A items with audio. Every loss is a mean
  // over items of means over one item, so that the mean over equal parts of a batch is that of the
  // batch.
  Losses operator()(const VoiceBatch& batch, const Tensor& noise) const;

  const SpectralViews& views() const { return views_; }

 private:
  const VoiceModel& model_;
  LossWeights weights_;
  Arithmetic arithmetic_;
  SpectralViews views_;
};

// Two draws of complex normal noise for items [first, first + items) of a step's batch.
Tensor draw_noise(uint64_t seed, int64_t step, int64_t first, int64_t items, int64_t frames);

}  // namespace myna::train
