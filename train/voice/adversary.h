// Discriminators for the sound of the voice model: nets that learn to tell the audio from what the
// model makes of it, and by that what no distance between spectra says: that a hum which is right
// on the average is not a voice. Only for training.
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "train/core/optimizer.h"
#include "train/core/parameters.h"
#include "train/core/processes.h"

namespace myna::train {

struct AdversarySettings {
  // How many of each kind; all 0: none, as is the default.
  int64_t resolutions = 0;  // of 1024, 512, 256, 2048 points
  int64_t periods = 0;      // of 2, 3, 5, 7, 11 samples
  int64_t scales = 0;       // of every sample, every second, every fourth
  int64_t channels = 16;
  // They hear what lies below, a multiple of 40 up to 12000: the less, the cheaper. Samples of
  // periods and scales are at twice this rate.
  int64_t top_hz = 12000;
  // Where not 0, each resolution has a twin of its own weights for what lies from top_hz up to
  // here: a multiple of 40, at least 1000 above top_hz, at most 12000.
  int64_t upper_hz = 0;
  int64_t upper_channels = 16;
  bool phases = true;         // resolutions see them; false: magnitudes alone
  int64_t frames = 64;        // of 12.5 ms that they hear of each item, at a place drawn for a step
  int64_t quiet_steps = 200;  // in which they learn and the model does not hear of it
  double learning_rate = 2e-4;

  bool on() const { return resolutions + periods + scales > 0; }
};

// Of a sound of B items: what it thinks of it, and what it saw on the way.
struct Verdict {
  Tensor score;                  // [B, …]: 1 for the audio, 0 for the model's
  std::vector<Tensor> features;  // of each layer [B, channels, …]
};

// Convolutions with leaky rectifiers between them; names are <name>.<layer>.weight and .bias.
class ConvolutionStack {
 public:
  struct Layer {
    int64_t in, out;
    std::array<int64_t, 2> kernel, stride, padding, dilation = {1, 1};  // rows, columns
    int64_t groups = 1;
  };
  ConvolutionStack(Parameters& parameters, const std::string& name, std::vector<Layer> layers);
  // [B, in, rows, columns]; the last layer's output is the score, those before it are the features.
  Verdict operator()(Tensor x) const;

 private:
  std::vector<Layer> layers_;
  std::vector<Tensor> weights_, biases_;
};

// On the complex short-time spectrum, magnitudes to the power of 0.3 so that weak bands are seen,
// with their logarithms and the frequency beside it (after EnCodec, arXiv 2210.13438, section 3.4);
// without phases, on the latter two (after arXiv 2106.07889).
class ResolutionDiscriminator {
 public:
  struct Band {
    int64_t low_hz, high_hz, channels;
  };
  ResolutionDiscriminator(Parameters& parameters, const std::string& name, int64_t fft, Band band,
                          bool phases);
  // [B, samples]
  Verdict operator()(const Tensor& sound) const;

 private:
  int64_t fft_, first_, bins_;
  bool phases_;
  Tensor window_;
  ConvolutionStack stack_;
};

// On samples that lie a period apart (HiFi-GAN, arXiv 2010.05646, section 2.3).
class PeriodDiscriminator {
 public:
  PeriodDiscriminator(Parameters& parameters, const std::string& name, int64_t period,
                      int64_t channels);
  Verdict operator()(const Tensor& sound) const;

 private:
  int64_t period_;
  ConvolutionStack stack_;
};

// On the samples themselves (MelGAN, arXiv 1910.06711, section 2.2, with fewer layers).
class ScaleDiscriminator {
 public:
  ScaleDiscriminator(Parameters& parameters, const std::string& name, int64_t channels);
  Verdict operator()(const Tensor& sound) const;

 private:
  ConvolutionStack stack_;
};

// What of a sound [B, samples] at 24 kHz lies below top_hz, at twice that rate. The number of
// samples is a multiple of 300, top_hz of 40.
Tensor low_band(const Tensor& sound, int64_t top_hz);

// All of them with their optimiser and their checkpoints, in <run>/adversary. Losses are means over
// items, discriminators and places: least squares (arXiv 1611.04076), and the mean absolute
// difference of features. Not thread-safe.
class Adversary {
 public:
  // Throws Error kInvalidArgument for settings out of their range.
  Adversary(const AdversarySettings& settings, uint64_t seed, at::Device device, bool bfloat16);

  struct Heard {
    Tensor discriminator;          // what they are to minimise
    Tensor adversarial, features;  // what the model is to minimise
  };
  // audio and made [A, samples] of the same places; `made` with the model's graph. A place of it is
  // drawn from seed and step.
  Heard hear(const Tensor& audio, const Tensor& made, int64_t step) const;

  // One step towards less of heard.discriminator, at `rate` times the learning rate. Leaves the
  // model's gradients alone. Returns the gradients' norm; when it is not finite nothing is changed.
  double learn(const Heard& heard, Processes& processes, int64_t step, double rate);
  // Whether the model is to hear of it.
  bool speaks(int64_t step) const { return step >= began_ + settings_.quiet_steps; }

  // Goes on from their checkpoint of this step; false: there is none, and they begin at it.
  bool load(const std::filesystem::path& run, int64_t step, std::vector<std::string>& problems);
  void save(const std::filesystem::path& run, int64_t step) const;

  const Parameters& parameters() const { return parameters_; }

 private:
  std::vector<Verdict> verdicts(const Tensor& sound) const;

  AdversarySettings settings_;
  uint64_t seed_;
  bool bfloat16_;
  Parameters parameters_;
  std::vector<ResolutionDiscriminator> resolutions_;
  std::vector<PeriodDiscriminator> periods_;
  std::vector<ScaleDiscriminator> scales_;
  std::unique_ptr<Optimizer> optimizer_;  // of all parameters, when there are all
  int64_t began_ = 0;
};

}  // namespace myna::train
