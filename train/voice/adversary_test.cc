#include "train/voice/adversary.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "train/core/draw.h"

namespace myna::train {
namespace {

// Tones with their harmonics, or noise of the same power.
Tensor tones(int64_t items, int64_t samples, uint64_t seed) {
  Draw draw(seed);
  std::vector<Tensor> all;
  const Tensor time = at::arange(samples, at::kFloat) / 24000;
  for (int64_t i = 0; i < items; ++i) {
    const double hz = 100 + 150 * draw.uniform();
    Tensor sum = at::zeros({samples});
    for (int h = 1; h < 10; ++h) sum = sum + at::sin(time * (6.2831853 * hz * h)) * 0.05;
    all.push_back(sum);
  }
  return at::stack(all);
}

Tensor noise(int64_t items, int64_t samples, uint64_t seed) {
  Draw draw(seed);
  Tensor sound = at::empty({items, samples});
  float* values = sound.data_ptr<float>();
  for (int64_t i = 0; i < sound.numel(); ++i)
    values[i] = static_cast<float>(0.106 * draw.gaussian());
  return sound;
}

struct Kind {
  const char* name;
  AdversarySettings settings;
};

class AdversaryTest : public testing::TestWithParam<Kind> {};

TEST_P(AdversaryTest, LearnsToTellAndTellsTheModelHowToChange) {
  AdversarySettings settings = GetParam().settings;
  settings.channels = settings.upper_channels = 4;
  settings.frames = 16;
  settings.learning_rate = 3e-3;
  Processes alone{Launch()};
  Adversary adversary(settings, 1, at::kCPU, false);
  const auto loss_of = [&](uint64_t seed, const Tensor& made) {
    return adversary.hear(tones(4, 6000, seed), made, static_cast<int64_t>(seed));
  };
  double before = 0, after = 0;
  constexpr int kSteps = 60;
  for (int step = 0; step < kSteps; ++step) {
    const auto seed = static_cast<uint64_t>(step);
    const auto heard = loss_of(seed, noise(4, 6000, seed));
    if (step == 0) before = heard.discriminator.item<double>();
    after = heard.discriminator.item<double>();
    adversary.learn(heard, alone, step, 1);
  }
  EXPECT_LT(after, 0.2);  // what cannot tell has 0.5
  EXPECT_LT(after, before / 2);
  // A step down the adversarial loss makes noise less of a noise to it, and leaves its own weights
  // without gradients.
  Tensor made = noise(4, 6000, 99).set_requires_grad(true);
  const auto heard = loss_of(99, made);
  const auto gradient = torch::autograd::grad({heard.adversarial}, {made})[0];
  for (const Parameter& parameter : adversary.parameters().all()) {
    EXPECT_FALSE(parameter.value.grad().defined()) << parameter.name;
  }
  at::NoGradGuard no_grad;
  const Tensor moved = made - gradient / gradient.norm() * 0.3;
  EXPECT_LT(loss_of(99, moved).adversarial.item<double>(), heard.adversarial.item<double>());
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, AdversaryTest,
    testing::Values(Kind{"Resolutions", {.resolutions = 2}}, Kind{"Periods", {.periods = 3}},
                    Kind{"Scales", {.scales = 2}},
                    Kind{"Magnitudes", {.resolutions = 2, .phases = false}},
                    Kind{"TwoBands", {.resolutions = 1, .top_hz = 4000, .upper_hz = 8000}},
                    Kind{"LowBand", {.resolutions = 1, .periods = 1, .scales = 1, .top_hz = 4000}}),
    [](const auto& kind) { return std::string(kind.param.name); });

// 1 kHz passes, 6 kHz does not.
TEST(Adversary, TheLowBandIsWhatLiesBelow) {
  constexpr int64_t kSamples = 6000;
  const auto tone = [](int64_t samples, double rate, double hz) {
    return at::sin(at::arange(samples, at::kDouble) * (6.283185307179586 * hz / rate)).unsqueeze(0);
  };
  const Tensor sound = tone(kSamples, 24000, 1000) + tone(kSamples, 24000, 6000);
  const Tensor low = low_band(sound, 4000);
  EXPECT_EQ(low.size(1), kSamples / 3);
  EXPECT_LT((low - tone(kSamples / 3, 8000, 1000)).abs().max().item<double>(), 1e-9);
  EXPECT_TRUE(low_band(sound, 12000).equal(sound));
}

TEST(Adversary, WhatLiesAboveIsNotHeard) {
  AdversarySettings settings = {.resolutions = 1, .scales = 1, .channels = 4, .top_hz = 4000};
  settings.frames = 20;
  const Tensor sound = tones(2, 6000, 1);
  const auto with_tone = [&](double hz) {
    const Adversary adversary(settings, 1, at::kCPU, false);
    const Tensor tone = at::sin(at::arange(6000, at::kFloat) * (6.2831853 * hz / 24000)) * 0.1;
    return adversary.hear(sound, sound + tone, 0).features.item<double>();
  };
  EXPECT_GT(with_tone(3000), 0.01);
  EXPECT_LT(with_tone(6000), 0.001);
  settings.upper_hz = 8000;
  EXPECT_GT(with_tone(6000), 0.01);
  EXPECT_LT(with_tone(10000), 0.001);
}

TEST(Adversary, FeaturesOfTheSameSoundDoNotDiffer) {
  const Adversary adversary({.resolutions = 4, .periods = 5, .scales = 3, .channels = 4}, 1,
                            at::kCPU, false);
  const Tensor sound = tones(2, 24000, 1);
  EXPECT_EQ(adversary.hear(sound, sound, 0).features.item<double>(), 0);
  EXPECT_GT(adversary.hear(sound, noise(2, 24000, 2), 0).features.item<double>(), 0.01);
}

TEST(Adversary, TooManyOfThemAreRefused) {
  AdversarySettings settings;
  settings.resolutions = 5;
  EXPECT_THROW(Adversary(settings, 1, at::kCPU, false), Error);
  settings.resolutions = 0;
  settings.periods = -1;
  EXPECT_THROW(Adversary(settings, 1, at::kCPU, false), Error);
  settings.periods = 1;
  settings.frames = 6;  // less than a spectrum
  EXPECT_THROW(Adversary(settings, 1, at::kCPU, false), Error);
  settings.frames = 7;
  settings.channels = 0;
  EXPECT_THROW(Adversary(settings, 1, at::kCPU, false), Error);
  settings.channels = 4;
  settings.scales = 4;
  EXPECT_THROW(Adversary(settings, 1, at::kCPU, false), Error);
  settings.scales = 1;
  settings.top_hz = 4001;  // 6,668.3 samples of 20,000
  EXPECT_THROW(Adversary(settings, 1, at::kCPU, false), Error);
  settings.top_hz = 12040;
  EXPECT_THROW(Adversary(settings, 1, at::kCPU, false), Error);
  settings.top_hz = 4000;
  for (const int64_t upper : {int64_t{4000}, int64_t{6001}, int64_t{12040}}) {
    settings.upper_hz = upper;
    EXPECT_THROW(Adversary(settings, 1, at::kCPU, false), Error) << upper;
  }
  settings.upper_hz = 8000;
  settings.upper_channels = 0;
  EXPECT_THROW(Adversary(settings, 1, at::kCPU, false), Error);
  settings.upper_channels = 4;
  settings.resolutions = 0;  // nothing would hear it
  EXPECT_THROW(Adversary(settings, 1, at::kCPU, false), Error);
}

}  // namespace
}  // namespace myna::train
