#include "voice/speech_output.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "audio/pcm.h"

namespace myna::voice {
namespace {

class CollectingEncoder : public audio::Encoder {
 public:
  CollectingEncoder(std::vector<float>& samples, bool& finished)
      : samples_(samples), finished_(finished) {}

 private:
  void encode(std::span<const float> samples) override {
    samples_.insert(samples_.end(), samples.begin(), samples.end());
  }
  void complete() override { finished_ = true; }
  std::vector<float>& samples_;
  bool& finished_;
};

// Syllables: noise bursts of 150 ms with gaps and uneven levels, about as dynamic as speech.
std::vector<float> syllables(double seconds, float level, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> noise;
  std::vector<float> samples(static_cast<size_t>(seconds * 24000), 0.0f);
  for (size_t i = 600; i < samples.size(); ++i) {  // 25 ms of silence first, as the narrator's
    const double phase = std::fmod(static_cast<double>(i), 4800) / 4800;
    if (phase < 0.75) {
      const auto envelope = static_cast<float>(std::sin(M_PI * phase / 0.75));
      samples[i] = level * envelope * std::tanh(noise(random));
    }
  }
  return samples;
}

struct Output {
  std::vector<float> samples;
  bool finished = false;
};

Output run(const SpeechOutputOptions& options, const std::vector<std::vector<float>>& runs) {
  Output output;
  SpeechOutput speech(std::make_unique<CollectingEncoder>(output.samples, output.finished),
                      options);
  for (const auto& samples : runs) speech.write(samples);
  speech.finish();
  return output;
}

TEST(SpeechOutput, WholeFileHasTheLoudnessAskedFor) {
  const Output output = run({}, {syllables(3, 0.02f, 1), syllables(2, 0.04f, 2)});
  const audio::Loudness loudness = audio::measure_loudness(output.samples, 24000);
  EXPECT_TRUE(output.finished);
  EXPECT_EQ(output.samples.size(), 5u * 24000);
  EXPECT_NEAR(*loudness.integrated_lufs, -16, 0.5);
  EXPECT_LE(loudness.true_peak_dbtp, -1.0);
}

TEST(SpeechOutput, OffLeavesSamplesAsTheyAre) {
  SpeechOutputOptions options;
  options.loudness_lufs.reset();
  const std::vector<float> samples = syllables(1, 0.02f, 1);
  EXPECT_EQ(run(options, {samples}).samples, samples);
}

TEST(SpeechOutput, LiveAudioComesAtOnceAndIsNearItsLoudness) {
  SpeechOutputOptions options;
  options.delivery = Delivery::kLive;
  Output output;
  SpeechOutput speech(std::make_unique<CollectingEncoder>(output.samples, output.finished),
                      options);
  speech.write(syllables(4, 0.02f, 1));
  EXPECT_GT(output.samples.size(), 4u * 24000 - 240);  // all but the limiter's look-ahead
  speech.write(std::vector<float>(12000, 0.0f));
  for (unsigned i = 2; i < 8; ++i) speech.write(syllables(4, 0.02f, i));
  speech.finish();
  EXPECT_EQ(output.samples.size(), 7u * 4 * 24000 + 12000);
  const audio::Loudness loudness = audio::measure_loudness(output.samples, 24000);
  EXPECT_NEAR(*loudness.integrated_lufs, -16, 1.0);
  EXPECT_LE(loudness.true_peak_dbtp, -1.0);
}

TEST(SpeechOutput, LiveHandlesAClickOfSound) {
  SpeechOutputOptions options;
  options.delivery = Delivery::kLive;
  std::vector<float> tick(2400, 0.0f);
  for (size_t i = 1000; i < 1600; ++i) tick[i] = 0.9f * std::sin(0.3f * static_cast<float>(i));
  const Output output = run(options, {tick});
  EXPECT_EQ(output.samples.size(), tick.size());
  EXPECT_LE(audio::measure_loudness(output.samples, 24000).true_peak_dbtp, -1.0);
  EXPECT_GT(audio::sample_peak(output.samples), 0.05f);
}

TEST(SpeechOutput, OtherRateKeepsTheDuration) {
  SpeechOutputOptions options;
  options.output_rate = 44100;
  const Output output = run(options, {syllables(2, 0.05f, 1), syllables(1, 0.05f, 2)});
  EXPECT_EQ(output.samples.size(), 3u * 44100);
  EXPECT_NEAR(*audio::measure_loudness(output.samples, 44100).integrated_lufs, -16, 0.5);
}

TEST(SpeechOutput, LongAudioStreamsAtOneLevel) {
  std::vector<std::vector<float>> runs;
  size_t total = 0;
  for (unsigned i = 0; i < 5; ++i) {
    runs.push_back(syllables(8, 0.03f, i));
    total += runs.back().size();
  }
  SpeechOutputOptions options;
  options.whole_samples = 24000 * 20;
  const Output output = run(options, runs);
  ASSERT_EQ(output.samples.size(), total);
  const std::span<const float> all(output.samples);
  EXPECT_NEAR(*audio::measure_loudness(all.last(24000 * 10), 24000).integrated_lufs, -16, 0.5);
  EXPECT_NEAR(*audio::measure_loudness(all.first(24000 * 10), 24000).integrated_lufs, -16, 0.5);
}

TEST(SpeechOutput, NothingWrittenGivesAnEmptyFile) {
  const Output output = run({}, {});
  EXPECT_TRUE(output.finished);
  EXPECT_TRUE(output.samples.empty());
}

}  // namespace
}  // namespace myna::voice
