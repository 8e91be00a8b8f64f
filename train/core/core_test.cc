// The parts of the trainer against formulas.
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "tests/support/temporary_directory.h"
#include "train/core/checkpoint.h"
#include "train/core/layers.h"
#include "train/core/optimizer.h"
#include "train/core/spectral_losses.h"
#include "train/voice/batch.h"
#include "train/voice/model.h"

namespace myna::train {
namespace {

double largest_difference(const Tensor& a, const Tensor& b) {
  return (a - b).abs().max().item<double>();
}

TEST(Optimizer, OrthogonalizedMatrixHasSingularValuesNearOne) {
  const Tensor matrix = at::rand({24, 60}) - 0.5;
  const Tensor singular = at::linalg_svdvals(orthogonalize(matrix));
  EXPECT_GT(singular.min().item<double>(), 0.5);
  EXPECT_LT(singular.max().item<double>(), 1.3);
}

TEST(Optimizer, AdamWFollowsItsFormula) {
  Parameters parameters(1, at::kCPU);
  Tensor x = parameters.constant("x", {2, 1}, 2);
  OptimizerSettings settings;
  settings.learning_rate = 0.1;
  settings.weight_decay = 0.5;
  settings.clip_norm = 0;
  Optimizer optimizer(parameters, settings);
  (x.sum() * 3).backward();
  optimizer.step(0, 1);
  // m / (1 - beta1) = 3 and sqrt(v / (1 - beta2)) = 3 in the first step.
  EXPECT_NEAR(x[0].item<double>(), 2 * (1 - 0.1 * 0.5) - 0.1, 1e-5);
}

TEST(Optimizer, StepsDownARosenbrockValley) {
  Parameters parameters(1, at::kCPU);
  Tensor x = parameters.constant("x", {2}, -1);
  OptimizerSettings settings;
  settings.learning_rate = 0.02;
  settings.weight_decay = 0;
  Optimizer optimizer(parameters, settings);
  const auto loss = [&] { return (1 - x[0]).square() + 100 * (x[1] - x[0].square()).square(); };
  const double before = loss().item<double>();
  for (int64_t step = 0; step < 800; ++step) {
    loss().backward();
    optimizer.step(step, 1);
  }
  EXPECT_LT(loss().item<double>(), before / 100);
}

// A layer that begins at zero can be added to a model in training; one that does not, cannot.
TEST(Checkpoint, OfAnOlderModelLeavesWhatIsNewAtZero) {
  const test_support::TemporaryDirectory directory;
  Parameters old(1, at::kCPU);
  old.normal("x", {2, 3}, 1);
  save_checkpoint(directory.path(), old, Optimizer(old, {}), {7, "{}", {}});

  Parameters grown(2, at::kCPU);
  grown.normal("x", {2, 3}, 1);
  grown.normal("y", {4}, 0);
  Optimizer optimizer(grown, {});
  std::vector<std::string> problems;
  const auto info = load_checkpoint(directory.path(), grown, optimizer, problems);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->step, 7);
  EXPECT_EQ(largest_difference(grown.find("x").value, old.find("x").value), 0);
  EXPECT_EQ(grown.find("y").value.abs().max().item<double>(), 0);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_NE(problems[0].find("'y'"), std::string::npos) << problems[0];
  load_weights(info->file, grown, true);

  Parameters other(2, at::kCPU);
  other.normal("x", {2, 3}, 1);
  other.normal("y", {4}, 1);
  Optimizer of_other(other, {});
  EXPECT_THROW(load_checkpoint(directory.path(), other, of_other, problems), Error);
  EXPECT_THROW(load_weights(info->file, other, true), Error);
}

TEST(Schedule, RisesStaysAndFalls) {
  const Schedule schedule{1000, 10, 500, Cooldown::kLinear, 0.0};
  EXPECT_DOUBLE_EQ(schedule.factor(0), 0.1);
  EXPECT_DOUBLE_EQ(schedule.factor(400), 1);
  EXPECT_DOUBLE_EQ(schedule.factor(750), 0.5);
  const Schedule cosine{1000, 0, 500, Cooldown::kCosine, 0.1};
  EXPECT_NEAR(cosine.factor(750), 0.1 + 0.9 * 0.5, 1e-12);
}

TEST(Layers, DepthwiseConvolutionIsAGroupedOne) {
  Parameters parameters(3, at::kCPU);
  const DepthwiseConvolution layer(parameters, "d", 5, 7, 5);
  const Tensor x = at::rand({2, 11, 5});
  const Tensor weight = parameters.find("d.weight").value.t().unsqueeze(1);
  const Tensor padded = at::constant_pad_nd(x.transpose(1, 2), {5, 1});
  const Tensor expected = at::conv1d(padded, weight, {}, {1}, c10::IntArrayRef{0}, {1}, 5);
  EXPECT_LT(largest_difference(layer(x), expected.transpose(1, 2)), 1e-5);
}

TEST(Layers, BlockLooksAheadAsFarAsItSays) {
  Parameters parameters(3, at::kCPU);
  const ConvNextBlock block(parameters, "b", {6, 12, 7, 5, 3, 1});
  const Tensor condition = at::rand({1, 3});
  Tensor x = at::rand({1, 20, 6});
  const Tensor before = block(x, condition);
  x[0][12] += 1;
  const Tensor changed = (block(x, condition) - before).abs().sum(2)[0];
  for (int64_t t = 0; t < 20; ++t) {
    EXPECT_EQ(changed[t].item<float>() > 0, t >= 11 && t <= 17) << t;
  }
}

TEST(Spectra, EnergyDistanceWantsTheRightNoise) {
  const SpectralViews views({}, at::kCPU);
  const auto noise = [&] { return views(at::randn({4, 24000})); };
  const auto x = noise();
  const auto at_level = [&](double level) {
    return energy_distance(x, views(at::randn({4, 24000}) * level),
                           views(at::randn({4, 24000}) * level))
        .item<double>();
  };
  EXPECT_LT(at_level(1), at_level(0.8));
  EXPECT_LT(at_level(1), at_level(1.25));
}

// Without d(y1, y2) what is most likely is better than one more draw of the same noise.
TEST(Spectra, WithoutSpreadTheMiddleIsBetterThanNoise) {
  const std::vector<Tensor> x = {at::randn({4, 50, 20})}, none = {at::zeros({4, 50, 20})};
  const std::vector<Tensor> y1 = {at::randn({4, 50, 20})}, y2 = {at::randn({4, 50, 20})};
  const auto better = [&](double share) {
    const std::vector<Tensor> spread = {at::full({1, 1, 1}, share)};
    return energy_distance(x, none, none, spread).item<double>() <
           energy_distance(x, y1, y2, spread).item<double>();
  };
  EXPECT_TRUE(better(0));
  EXPECT_FALSE(better(1));
  EXPECT_NEAR(energy_distance(x, y1, y2, {at::ones({1})}).item<double>(),
              energy_distance(x, y1, y2).item<double>(), 1e-5);
}

TEST(Spectra, SpreadIsLessOnlyWhereVoicedAndLow) {
  const SpectralViews views({.fft_sizes = {2048, 1024, 512}}, at::kCPU);
  // 20 frames of 300 samples, voiced from the tenth on.
  Tensor voiced = at::zeros({2, 20});
  voiced[1].slice(0, 10).fill_(1);
  constexpr int64_t kBegin = 150, kSamples = 5700;
  const std::vector<Tensor> spread = views.spread(voiced, 300, kBegin, kSamples, 0.25, 4000);
  const std::vector<Tensor> seen = views(at::rand({2, kSamples}));
  ASSERT_EQ(spread.size(), seen.size());
  for (size_t i = 0; i < seen.size(); ++i) {
    EXPECT_EQ(spread[i].sizes(), seen[i].sizes()) << i;
    EXPECT_EQ(spread[i][0].min().item<float>(), 1) << i;
    EXPECT_EQ(spread[i][1][0].min().item<float>(), 1) << i;  // before the tenth
  }
  const Tensor last = spread[0][1][-1];  // of 2048: bins of 11.7 Hz
  EXPECT_EQ(last[0].item<float>(), 0.25F);
  EXPECT_EQ(last[341].item<float>(), 0.25F);
  EXPECT_NEAR(last[512].item<float>(), 0.625, 1e-4);  // 6 kHz
  EXPECT_EQ(last[-1].item<float>(), 1);
  // The change is where the middle of a window is: of 512, sample 256 + 128 t + 150 is 3,000.
  const Tensor short_windows = spread[3][1].select(1, 0);
  EXPECT_EQ(short_windows[20].item<float>(), 1);
  EXPECT_EQ(short_windows[21].item<float>(), 0.25F);
}

TEST(Spectra, BandwidthsOfTheEarMakeLowTonesCount) {
  const auto difference = [](bool erb_weights, double hz) {
    const SpectralViews views({.mel_fft = 0, .erb_weights = erb_weights}, at::kCPU);
    const Tensor noise = at::linspace(0, 1, 24000).unsqueeze(0).mul(7919).sin().mul(1e-3);
    const Tensor tone = at::arange(24000, at::kFloat).unsqueeze(0).mul(2 * M_PI * hz / 24000).sin();
    return distance(views(noise), views(noise + 0.1 * tone)).item<double>();
  };
  EXPECT_GT(difference(true, 400), 2 * difference(false, 400));
  EXPECT_LT(difference(true, 10000), difference(false, 10000) / 2);
}

TEST(Spectra, MelTrianglesAreMeans) {
  const Tensor sums = mel_triangles(80, 1024, 24000).sum(1);
  EXPECT_LT(largest_difference(sums, at::ones({80})), 1e-5);
}

TEST(VoiceModel, FramesAndOverlapAddAreInverse) {
  const Tensor sound = at::rand({1, 20 * 300 + 900}) - 0.5;
  const Tensor again = overlap_add(framed_spectrum(sound));
  EXPECT_LT(largest_difference(again.narrow(1, 900, 20 * 300 - 900),
                               sound.narrow(1, 900, 20 * 300 - 900)),
            1e-5);
}

TEST(VoiceModel, ASpeakerChangesWithEveryDoublingOfTheLength) {
  Parameters parameters(3, at::kCPU);
  const VoiceModel model(parameters, {.speakers = 3});
  Tensor lengths = parameters.find("speaker_lengths").value;
  EXPECT_EQ(lengths.abs().max().item<double>(), 0);
  at::NoGradGuard no_grad;
  lengths.copy_(at::rand(lengths.sizes()));
  const Tensor speaker = at::full({1}, 2, at::kLong), controls = at::zeros({1, 4});
  const auto at_length = [&](double doublings) {
    return model.condition(speaker, at::full({1, 1}, doublings), controls);
  };
  EXPECT_LT(largest_difference((at_length(1.5) - at_length(0)).narrow(1, 0, 64),
                               1.5 * lengths.narrow(0, 2, 1)),
            1e-6);
}

TEST(VoiceBatch, PulsesAreASumOfCosines) {
  std::vector<float> f0(30, 123.0f);
  f0[20] = 0;
  const std::vector<float> pulses = voiced_pulses(f0, 0, 30 * 300);
  // At the middle of frame 0 the phase is one frame's turns.
  for (const int64_t n : {150, 1000, 2345}) {
    const double phase = 123.0 / 80 * ((static_cast<double>(n) + 0.5) / 300 - 0.5 + 1);
    double sum = 0;
    for (int h = 1; h <= 65; ++h) sum += std::cos(2 * M_PI * h * phase);
    EXPECT_NEAR(pulses[static_cast<size_t>(n)], sum, 2e-2) << n;
  }
  EXPECT_EQ(pulses[20 * 300 + 150], 0.0f);
  const std::vector<float> part = voiced_pulses(f0, -100, 1000);
  EXPECT_EQ(part[50], 0.0f);
  EXPECT_EQ(part[100 + 700], pulses[700]);
}

// The phases that the decoder reads are those whose pulses it shapes.
TEST(VoiceBatch, PhasesAreThoseOfThePulses) {
  const std::vector<int32_t> tokens = {0, 5, 0}, durations = {2, 6, 2};
  const std::vector<float> f0 = {0, 0, 110, 123, 140, 133, 0, 101, 0, 0};
  const std::vector<float> energy(10, 1.0f), controls = {1, 0, 1, 0};
  VoiceUtterance utterance;
  utterance.tokens = tokens;
  utterance.durations = durations;
  utterance.f0_hz = f0;
  utterance.energy = energy;
  utterance.controls = controls;
  const Segment segment{&utterance, 1, 8};
  const VoiceBatch batch = make_batch({&segment, 1}, 0);
  ASSERT_EQ(batch.curves().size(2), VoiceBatch::kCurves);
  const std::vector<float> pulses = voiced_pulses(f0, 0, 3000);
  for (size_t t = 1; t < 9; ++t) {
    for (size_t window = 0; window < 3; ++window) {
      const Tensor pair = batch.phase[0][static_cast<int64_t>(t) - 1].narrow(
          0, 2 * static_cast<int64_t>(window), 2);
      const auto cosine = pair[0].item<double>(), sine = pair[1].item<double>();
      if (f0[t] == 0) {
        EXPECT_EQ(cosine, 0) << t;
        EXPECT_EQ(sine, 0) << t;
        continue;
      }
      // The window's middle is half a sample behind this one, and the phase linear there.
      const size_t sample = t * 300 + 49 + 100 * window;
      const float slope = window == 2 ? f0[t + 1] : f0[t];
      const double angle = std::atan2(sine, cosine) - M_PI * static_cast<double>(slope) / 24000;
      double sum = 0;
      for (int h = 1; h <= static_cast<int>(8000 / f0[t]); ++h) sum += std::cos(h * angle);
      EXPECT_NEAR(pulses[sample], sum, 0.05) << t << ' ' << window;
    }
  }
}

}  // namespace
}  // namespace myna::train
