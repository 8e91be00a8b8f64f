#include "audio/resampler.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "audio/pcm.h"
#include "audio/signal_test_support.h"
#include "base/error.h"

namespace myna::audio {
namespace {

std::vector<float> middle(const std::vector<float>& samples) {
  const auto edge = static_cast<std::ptrdiff_t>(samples.size() / 10);
  return {samples.begin() + edge, samples.end() - edge};
}

TEST(Resampler, LengthIsExactForEveryRateAndCut) {
  for (const int rate : {8000, 11025, 16000, 22050, 44100, 48000, 96000, 192000}) {
    for (const size_t count : {size_t{0}, size_t{1}, size_t{7}, size_t{2399}, size_t{24000}}) {
      const std::vector<float> samples(count, 0.25f);
      const std::vector<float> out = resample(samples, 24000, rate);
      const double exact = static_cast<double>(count) * rate / 24000;
      EXPECT_LE(std::abs(static_cast<double>(out.size()) - exact), 0.5) << rate << " " << count;
    }
  }
  EXPECT_EQ(resampled_length(size_t{1} << 60, 48000, 24000), size_t{1} << 59);
}

TEST(Resampler, TheCutOfTheInputDoesNotMatter) {
  const std::vector<float> samples = speech_like(1.3, 24000);
  const std::vector<float> whole = resample(samples, 24000, 44100);
  Resampler resampler(24000, 44100);
  for (int round = 0; round < 2; ++round) {  // the second after flush() starts anew
    std::vector<float> out;
    std::vector<float> piece;
    size_t length = 1;
    for (size_t begin = 0; begin < samples.size(); begin += length, length = length * 3 % 1009) {
      const size_t count = std::min(length, samples.size() - begin);
      piece.clear();  // a caller that passes each piece on
      resampler.process(std::span(samples).subspan(begin, count), piece);
      out.insert(out.end(), piece.begin(), piece.end());
    }
    piece.clear();
    resampler.flush(piece);
    out.insert(out.end(), piece.begin(), piece.end());
    EXPECT_EQ(out, whole);
  }
}

TEST(Resampler, TonesKeepLevelAndTime) {
  for (const int rate : {16000, 44100, 48000}) {
    for (const double frequency : {100.0, 1000.0, 7000.0}) {
      const std::vector<float> out = middle(resample(sine(frequency, -6, 1, 24000), 24000, rate));
      EXPECT_NEAR(tone_level_dbfs(out, frequency, rate), -6, 0.05) << rate << " " << frequency;
    }
  }
  // No delay: an impulse stays where it was.
  std::vector<float> impulse(2400, 0.0f);
  impulse[1200] = 1.0f;
  const std::vector<float> out = resample(impulse, 24000, 48000);
  const auto loudest = std::max_element(out.begin(), out.end());
  EXPECT_EQ(loudest - out.begin(), 2400);
}

TEST(Resampler, PassbandIsFlatAndAliasesAreGone) {
  // Down to 16 kHz: flat to 7.2 kHz, and what lies above 8 kHz would come back below it.
  EXPECT_NEAR(
      tone_level_dbfs(middle(resample(sine(7200, -6, 1, 48000), 48000, 16000)), 7200, 16000), -6,
      0.1);
  for (const double frequency : {9000.0, 11000.0, 15000.0, 20000.0}) {
    const std::vector<float> out = middle(resample(sine(frequency, -6, 1, 48000), 48000, 16000));
    EXPECT_LT(amplitude_to_db(root_mean_square(out)), -106) << frequency;
  }
  // Up from 24 kHz: the image of 5 kHz would be at 19 kHz.
  const std::vector<float> up = middle(resample(sine(5000, -6, 1, 24000), 24000, 48000));
  EXPECT_LT(tone_level_dbfs(up, 19000, 48000), -106);
}

TEST(Resampler, EqualRatesChangeNothing) {
  const std::vector<float> samples = speech_like(0.2, 24000);
  EXPECT_EQ(resample(samples, 24000, 24000), samples);
}

TEST(Resampler, NonFiniteSamplesDoNotSpread) {
  std::vector<float> samples = sine(1000, -6, 0.5, 24000);
  samples[100] = std::nanf("");
  samples[200] = std::numeric_limits<float>::infinity();
  EXPECT_EQ(signal_statistics(resample(samples, 24000, 48000), 48000).non_finite_count, 0u);
}

TEST(Resampler, RefusesSenselessRates) {
  EXPECT_THROW(Resampler(0, 24000), Error);
  EXPECT_THROW(Resampler(24000, -1), Error);
  EXPECT_THROW(Resampler(24000, 2000000000), Error);
}

}  // namespace
}  // namespace myna::audio
