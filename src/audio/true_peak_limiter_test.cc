#include "audio/true_peak_limiter.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "audio/pcm.h"
#include "audio/resampler.h"
#include "audio/signal_test_support.h"
#include "base/error.h"

namespace myna::audio {
namespace {

// By sixteenfold resampling, four times as fine as the limiter looks.
double fine_true_peak_dbtp(const std::vector<float>& samples, int rate) {
  const int factor = std::min(16, 768000 / rate);
  return amplitude_to_db(sample_peak(resample(samples, rate, rate * factor)));
}

std::vector<float> limited(const std::vector<float>& samples, int rate,
                           const LimiterOptions& options) {
  TruePeakLimiter limiter(rate, options);
  std::vector<float> out;
  limiter.process(samples, out);
  limiter.flush(out);
  return out;
}

TEST(TruePeakLimiter, LeavesWhatIsBelowTheCeilingAsItIs) {
  const std::vector<float> samples = sine(440, -3, 0.5, 24000);
  EXPECT_EQ(limited(samples, 24000, {}), samples);
}

TEST(TruePeakLimiter, AppliesItsGain) {
  const std::vector<float> out = limited(sine(440, -20, 0.5, 24000), 24000, {.gain_db = 6});
  EXPECT_NEAR(tone_level_dbfs(out, 440, 24000), -14, 0.01);
}

TEST(TruePeakLimiter, KeepsTheCeilingBetweenTheSamples) {
  for (const int rate : {8000, 24000, 48000}) {
    for (const double ceiling : {-1.0, -6.0}) {
      const LimiterOptions options{.gain_db = 15, .ceiling_dbtp = ceiling};
      EXPECT_LE(fine_true_peak_dbtp(limited(speech_like(5, rate), rate, options), rate), ceiling)
          << rate;
    }
    // A quarter of the rate at 45 degrees: its samples stay 3 dB below its peaks.
    const std::vector<float> hidden = sine(rate / 4.0, 0, 0.5, rate, std::numbers::pi / 4);
    const std::vector<float> out = limited(hidden, rate, {});
    const std::vector<float> steady(out.begin() + rate / 10, out.end() - rate / 10);
    EXPECT_LE(fine_true_peak_dbtp(steady, rate), -1.0) << rate;
    EXPECT_GE(fine_true_peak_dbtp(steady, rate), -1.4) << rate;
  }
}

TEST(TruePeakLimiter, ASinglePeakIsTurnedDownWithoutAStep) {
  // A slow wave with one loud cycle: the output never jumps more than the input does.
  std::vector<float> samples = sine(200, -12, 0.5, 24000);
  for (size_t i = 6000; i < 6120; ++i) samples[i] *= 8.0f;
  const std::vector<float> out = limited(samples, 24000, {});
  EXPECT_LE(fine_true_peak_dbtp(out, 24000), -1.0);
  float steepest = 0;
  for (size_t i = 1; i < out.size(); ++i) {
    steepest = std::max(steepest, std::abs(out[i] - out[i - 1]));
  }
  // The loud cycle's own slope is 8 * 0.25 * 2 pi 200 / 24000 = 0.105 before limiting.
  EXPECT_LT(steepest, 0.105f);
  // Long before and long after it, nothing changes.
  EXPECT_EQ(out[5000], samples[5000]);
  EXPECT_NEAR(out.back(), samples.back(), 0.02f);
}

TEST(TruePeakLimiter, ASteadyToneIsNotBent) {
  // Held down by a constant gain, it must stay a sine: harmonics 50 dB below.
  const std::vector<float> out = limited(sine(500, -6, 2, 24000), 24000, {.gain_db = 12});
  const std::vector<float> steady(out.begin() + 12000, out.end() - 2400);
  EXPECT_NEAR(tone_level_dbfs(steady, 500, 24000), -1.2, 0.2);
  for (const double harmonic : {1000.0, 1500.0, 2500.0}) {
    EXPECT_LT(tone_level_dbfs(steady, harmonic, 24000), -51) << harmonic;
  }
}

TEST(TruePeakLimiter, KeepsLengthAndCutDoesNotMatter) {
  for (const size_t count : {size_t{0}, size_t{1}, size_t{50}, size_t{131}, size_t{24001}}) {
    std::vector<float> samples = speech_like(1.1, 24000);
    samples.resize(count);
    const LimiterOptions options{.gain_db = 18};
    const std::vector<float> whole = limited(samples, 24000, options);
    EXPECT_EQ(whole.size(), count);
    TruePeakLimiter limiter(24000, options);
    std::vector<float> out;
    for (size_t begin = 0; begin < count; begin += 37) {
      limiter.process(std::span(samples).subspan(begin, std::min<size_t>(37, count - begin)), out);
    }
    limiter.flush(out);
    EXPECT_EQ(out, whole);
  }
}

TEST(TruePeakLimiter, NonFiniteSamplesBecomeSilence) {
  std::vector<float> samples = sine(440, 6, 0.2, 24000);
  samples[500] = std::nanf("");
  samples[501] = -std::numeric_limits<float>::infinity();
  const std::vector<float> out = limited(samples, 24000, {});
  EXPECT_EQ(out[500], 0.0f);
  EXPECT_EQ(signal_statistics(out, 24000).non_finite_count, 0u);
  EXPECT_LE(fine_true_peak_dbtp(out, 24000), -1.0);
}

TEST(TruePeakLimiter, ReportsItsReduction) {
  TruePeakLimiter limiter(24000, {.ceiling_dbtp = -7});
  std::vector<float> out;
  EXPECT_EQ(limiter.max_reduction_db(), 0);
  limiter.process(sine(440, 0, 0.5, 24000), out);
  limiter.flush(out);
  EXPECT_NEAR(limiter.max_reduction_db(), 7.2, 0.1);
}

TEST(TruePeakLimiter, RefusesSenselessOptions) {
  EXPECT_THROW(TruePeakLimiter(100, {}), Error);
  EXPECT_THROW(TruePeakLimiter(24000, {.ceiling_dbtp = 1}), Error);
  EXPECT_THROW(TruePeakLimiter(24000, {.gain_db = std::nan("")}), Error);
  EXPECT_THROW(TruePeakLimiter(24000, {.look_ahead_ms = 1e9}), Error);
}

}  // namespace
}  // namespace myna::audio
