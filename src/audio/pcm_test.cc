#include "audio/pcm.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "audio/signal_test_support.h"

namespace myna::audio {
namespace {

constexpr int kRate = 24000;

std::vector<float> tone_between_silences(double before_ms, double tone_ms, double after_ms) {
  std::vector<float> samples;
  append_silence(samples, before_ms, kRate);
  const std::vector<float> tone = sine(440, -6, tone_ms / 1000, kRate, 1.0);
  samples.insert(samples.end(), tone.begin(), tone.end());
  append_silence(samples, after_ms, kRate);
  return samples;
}

TEST(Pcm, DecibelsBothWays) {
  EXPECT_NEAR(amplitude_to_db(0.5), -6.0206, 1e-4);
  EXPECT_NEAR(db_to_amplitude(-20), 0.1, 1e-12);
  EXPECT_EQ(amplitude_to_db(0), -std::numeric_limits<double>::infinity());
}

TEST(Pcm, DurationsInSamples) {
  EXPECT_EQ(samples_for_ms(10, 24000), 240u);
  EXPECT_EQ(samples_for_ms(0.02, 44100), 1u);
  EXPECT_EQ(samples_for_ms(-5, 24000), 0u);
  EXPECT_EQ(samples_for_ms(std::nan(""), 24000), 0u);
}

TEST(Pcm, LevelsOfASine) {
  const std::vector<float> samples = sine(997, -12, 1, kRate);
  EXPECT_NEAR(amplitude_to_db(sample_peak(samples)), -12, 0.01);
  EXPECT_NEAR(amplitude_to_db(root_mean_square(samples)), -15.01, 0.01);
}

TEST(Pcm, FadesRunFromSilenceToFullLevelWithoutAStep) {
  std::vector<float> samples(1000, 1.0f);
  fade_in(samples, 100);
  fade_out(samples, 100);
  EXPECT_LT(samples.front(), 0.001f);
  EXPECT_LT(samples.back(), 0.001f);
  EXPECT_EQ(samples[100], 1.0f);
  EXPECT_EQ(samples[899], 1.0f);
  for (size_t i = 1; i < samples.size(); ++i) {
    EXPECT_LT(std::abs(samples[i] - samples[i - 1]), 0.017f) << i;
  }
}

TEST(Pcm, FadesLongerThanTheSignalStayInIt) {
  std::vector<float> samples(10, 1.0f);
  fade_in(samples, 1000);
  fade_out(samples, 1000);
  EXPECT_LT(sample_peak(samples), 0.6f);
  std::vector<float> none;
  fade_in(none, 10);
  fade_out(none, 10);
}

TEST(Pcm, TrimmingKeepsTheSoundAndItsMargin) {
  std::vector<float> samples = tone_between_silences(300, 500, 200);
  const SampleRange sound = find_sound(samples, kRate);
  EXPECT_EQ(sound.begin, 7200u);
  EXPECT_EQ(sound.end, 19200u);
  trim_silence(samples, kRate, {}, 20);
  EXPECT_EQ(samples.size(), 12000u + 2 * 480u);
  EXPECT_EQ(samples[479], 0.0f);
  EXPECT_NE(samples[480], 0.0f);
}

TEST(Pcm, TrimmingSilenceLeavesNothing) {
  std::vector<float> samples(5000, 0.0001f);
  trim_silence(samples, kRate);
  EXPECT_TRUE(samples.empty());
  trim_silence(samples, kRate);
  EXPECT_TRUE(samples.empty());
}

TEST(Pcm, StatisticsFindWhatIsWrong) {
  std::vector<float> samples = tone_between_silences(250, 500, 1500);
  samples[8000] = std::nanf("");
  for (size_t i = 9000; i < 9005; ++i) samples[i] = 1.0f;
  samples[9010] = -1.2f;
  const SignalStatistics statistics = signal_statistics(samples, kRate);
  EXPECT_EQ(statistics.sample_count, 54000u);
  EXPECT_EQ(statistics.non_finite_count, 1u);
  EXPECT_EQ(statistics.clipped_count, 6u);
  EXPECT_EQ(statistics.longest_clipped_run, 5u);
  EXPECT_NEAR(statistics.peak_dbfs, 1.58, 0.01);
  EXPECT_NEAR(statistics.duration_s, 2.25, 1e-9);
  EXPECT_NEAR(statistics.leading_silence_s, 0.25, 0.011);
  EXPECT_NEAR(statistics.trailing_silence_s, 1.5, 0.011);
  EXPECT_NEAR(statistics.longest_silence_s, 1.5, 0.011);
}

TEST(Pcm, StatisticsOfSilenceAndOfNothing) {
  const SignalStatistics silence = signal_statistics(std::vector<float>(24000, 0.0f), kRate);
  EXPECT_NEAR(silence.leading_silence_s, 1, 1e-9);
  EXPECT_EQ(silence.trailing_silence_s, 0);
  EXPECT_NEAR(silence.longest_silence_s, 1, 1e-9);
  EXPECT_EQ(silence.peak_dbfs, -std::numeric_limits<double>::infinity());
  EXPECT_EQ(signal_statistics({}, kRate).longest_silence_s, 0);
}

TEST(Pcm, StatisticsFindAPauseInTheMiddleAndAnOffset) {
  std::vector<float> samples = tone_between_silences(0, 300, 700);
  const std::vector<float> more = tone_between_silences(0, 300, 0);
  samples.insert(samples.end(), more.begin(), more.end());
  for (float& sample : samples) sample += 0.001f;
  const SignalStatistics statistics = signal_statistics(samples, kRate);
  EXPECT_NEAR(statistics.longest_silence_s, 0.7, 0.011);
  EXPECT_EQ(statistics.leading_silence_s, 0);
  EXPECT_NEAR(statistics.dc_offset, 0.001, 1e-5);
}

}  // namespace
}  // namespace myna::audio
