// Signals and values of EBU Tech 3341 (version 4, 2023), table 1. Its tones are in two channels;
// the same tone in one channel has half of the power: 3.01 LU less (BS.1770-4, equation 2).
#include "audio/loudness.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "audio/pcm.h"
#include "audio/signal_test_support.h"
#include "base/error.h"

namespace myna::audio {
namespace {

constexpr int kRate = 48000;
constexpr double kOneChannelLu = -3.01;

struct Tone {
  double level_dbfs;
  double duration_s;
};

std::vector<float> tones(std::initializer_list<Tone> parts) {
  std::vector<float> samples;
  for (const Tone& part : parts) {
    const std::vector<float> tone = sine(1000, part.level_dbfs, part.duration_s, kRate);
    samples.insert(samples.end(), tone.begin(), tone.end());
  }
  return samples;
}

double lufs(const std::vector<float>& samples, int rate = kRate) {
  const auto integrated = measure_loudness(samples, rate).integrated_lufs;
  EXPECT_TRUE(integrated.has_value());
  return integrated.value_or(0);
}

TEST(Loudness, SteadyTonesOfTech3341) {
  EXPECT_NEAR(lufs(tones({{-23, 20}})), -23 + kOneChannelLu, 0.1);
  EXPECT_NEAR(lufs(tones({{-33, 20}})), -33 + kOneChannelLu, 0.1);
}

TEST(Loudness, GatedSequencesOfTech3341) {
  EXPECT_NEAR(lufs(tones({{-36, 10}, {-23, 60}, {-36, 10}})), -23 + kOneChannelLu, 0.1);
  // -72 dBFS in one channel lies below the absolute gate, as it does in two.
  EXPECT_NEAR(lufs(tones({{-72, 10}, {-36, 10}, {-23, 60}, {-36, 10}, {-72, 10}})),
              -23 + kOneChannelLu, 0.1);
  EXPECT_NEAR(lufs(tones({{-26, 20}, {-20, 20.1}, {-26, 20}})), -23 + kOneChannelLu, 0.1);
}

TEST(Loudness, FullScaleSineOfBs1770) {
  // "a 0 dB FS 1 kHz (997 Hz) sine wave applied to the left, centre or right channel input": -3.01.
  for (const int rate : {24000, 44100, 48000, 96000}) {
    EXPECT_NEAR(lufs(sine(997, 0, 5, rate), rate), -3.01, 0.05) << rate;
  }
}

TEST(Loudness, TruePeaksOfTech3341) {
  using std::numbers::pi;
  const auto true_peak = [](const std::vector<float>& samples) {
    std::vector<float> faded = samples;
    fade_in(faded, 480);
    fade_out(faded, 480);
    return measure_loudness(faded, kRate).true_peak_dbtp;
  };
  const auto in_tolerance = [](double expected) {
    return ::testing::AllOf(::testing::Ge(expected - 0.4), ::testing::Le(expected + 0.2));
  };
  EXPECT_THAT(true_peak(sine(kRate / 4.0, -6, 1, kRate, 0)), in_tolerance(-6));
  EXPECT_THAT(true_peak(sine(kRate / 4.0, -6, 1, kRate, pi / 4)), in_tolerance(-6));
  EXPECT_THAT(true_peak(sine(kRate / 6.0, -6, 1, kRate, pi / 3)), in_tolerance(-6));
  EXPECT_THAT(true_peak(sine(kRate / 8.0, -6, 1, kRate, 3 * pi / 8)), in_tolerance(-6));
  EXPECT_THAT(true_peak(sine(kRate / 4.0, 3, 1, kRate, pi / 4)), in_tolerance(3));
}

// The meter leaves out what cannot hold the peak; a peak right at a block's edge must count.
TEST(Loudness, FindsTheTruePeakWhereverItIs) {
  for (size_t position = 500; position < 530; ++position) {
    std::vector<float> samples(4000, 0.1f);
    // Two equal neighbours: the true peak lies between them, 2 dB above.
    samples[position] = samples[position + 1] = 0.7f;
    EXPECT_GT(measure_loudness(samples, 24000).true_peak_dbtp, amplitude_to_db(0.7) + 0.5)
        << position;
  }
}

TEST(Loudness, PiecesMeasureLikeTheWhole) {
  const std::vector<float> samples = speech_like(3, 24000);
  LoudnessMeter meter(24000);
  for (size_t begin = 0; begin < samples.size(); begin += 7) {
    meter.add(std::span(samples).subspan(begin, std::min<size_t>(7, samples.size() - begin)));
  }
  const Loudness whole = measure_loudness(samples, 24000);
  EXPECT_DOUBLE_EQ(*meter.result().integrated_lufs, *whole.integrated_lufs);
  EXPECT_DOUBLE_EQ(meter.result().true_peak_dbtp, whole.true_peak_dbtp);
}

TEST(Loudness, SilenceAndShortSignalsHaveNone) {
  EXPECT_FALSE(measure_loudness({}, 24000).integrated_lufs);
  EXPECT_FALSE(measure_loudness(std::vector<float>(48000, 0.0f), 24000).integrated_lufs);
  EXPECT_FALSE(measure_loudness(sine(1000, -20, 0.3, 24000), 24000).integrated_lufs);
  EXPECT_EQ(measure_loudness({}, 24000).true_peak_dbtp, -std::numeric_limits<double>::infinity());
}

TEST(Normalize, SteadySignalsGetOneGain) {
  std::vector<float> samples = sine(440, -40, 3, 24000);
  const std::vector<float> original = samples;
  const NormalizationReport report = normalize_loudness(samples, 24000);
  EXPECT_EQ(report.method, NormalizationMethod::kGain);
  EXPECT_NEAR(lufs(samples, 24000), -16, 0.05);
  const auto factor = static_cast<float>(db_to_amplitude(report.gain_db));
  for (size_t i = 0; i < samples.size(); i += 100) {
    EXPECT_FLOAT_EQ(samples[i], original[i] * factor);
  }
}

TEST(Normalize, SpeechReachesTheTargetUnderTheCeiling) {
  for (const int rate : {24000, 48000}) {
    for (const double level_db : {-15.0, 0.0, 12.0}) {
      for (const double target : {-23.0, -16.0, -14.0}) {
        std::vector<float> samples = speech_like(8, rate);
        apply_gain_db(samples, level_db);
        const size_t count = samples.size();
        const NormalizationReport report =
            normalize_loudness(samples, rate, {.loudness_lufs = target});
        EXPECT_EQ(samples.size(), count);
        const Loudness after = measure_loudness(samples, rate);
        EXPECT_NEAR(*after.integrated_lufs, target, 0.5) << rate << " " << level_db;
        EXPECT_LE(after.true_peak_dbtp, -1.0) << rate << " " << level_db << " " << target;
        EXPECT_DOUBLE_EQ(*report.after.integrated_lufs, *after.integrated_lufs);
        EXPECT_DOUBLE_EQ(report.after.true_peak_dbtp, after.true_peak_dbtp);
      }
    }
  }
}

TEST(Normalize, LeavesSilenceAndNothingAlone) {
  for (const size_t count : {size_t{0}, size_t{1}, size_t{100}, size_t{48000}}) {
    std::vector<float> samples(count, 0.0f);
    EXPECT_EQ(normalize_loudness(samples, 24000).method, NormalizationMethod::kUnchanged);
    EXPECT_EQ(samples, std::vector<float>(count, 0.0f));
  }
  // The noise of an empty room is silence, too.
  std::vector<float> noise = sine(1000, -75, 2, 24000);
  const std::vector<float> original = noise;
  EXPECT_EQ(normalize_loudness(noise, 24000).method, NormalizationMethod::kUnchanged);
  EXPECT_EQ(noise, original);
}

TEST(Normalize, AShortWordIsAsLoudAsALongOne) {
  std::vector<float> samples = sine(1000, -35, 0.25, 24000);
  const NormalizationReport report = normalize_loudness(samples, 24000);
  EXPECT_EQ(report.method, NormalizationMethod::kShortSignal);
  // A steady 1 kHz tone of -13 dBFS is -16 LUFS in one channel.
  EXPECT_NEAR(amplitude_to_db(sample_peak(samples)), -13, 0.5);

  std::vector<float> loud(2400, 0.0f);
  for (size_t i = 1000; i < 1400; ++i) loud[i] = i % 2 == 0 ? 1.5f : -1.5f;
  normalize_loudness(loud, 24000);
  EXPECT_LE(measure_loudness(loud, 24000).true_peak_dbtp, -1.0);
}

TEST(Normalize, AClickInSilenceStaysUnderTheCeiling) {
  std::vector<float> samples(48000, 0.0f);
  samples[24000] = 1.0f;
  normalize_loudness(samples, 24000);
  EXPECT_LE(measure_loudness(samples, 24000).true_peak_dbtp, -1.0);
  EXPECT_EQ(signal_statistics(samples, 24000).non_finite_count, 0u);
}

TEST(Normalize, NonFiniteSamplesDoNotSpread) {
  std::vector<float> samples = speech_like(3, 24000);
  samples[5000] = std::nanf("");
  samples[6000] = std::numeric_limits<float>::infinity();
  normalize_loudness(samples, 24000);
  EXPECT_NEAR(lufs(samples, 24000), -16, 0.5);
  EXPECT_LE(amplitude_to_db(sample_peak(samples)), -1.0);
}

TEST(Normalize, RefusesSenselessTargets) {
  std::vector<float> samples = sine(440, -20, 1, 24000);
  EXPECT_THROW(normalize_loudness(samples, 24000, {.loudness_lufs = 0}), Error);
  EXPECT_THROW(normalize_loudness(samples, 24000, {.loudness_lufs = -100}), Error);
  EXPECT_THROW(normalize_loudness(samples, 24000, {.loudness_lufs = std::nan("")}), Error);
  EXPECT_THROW(normalize_loudness(samples, 24000, {.true_peak_dbtp = 0.5}), Error);
  EXPECT_THROW(normalize_loudness(samples, 100), Error);
}

TEST(Normalize, LossyFormatsGetHeadroom) {
  EXPECT_EQ(true_peak_ceiling_for(AudioFormat::kWav), -1.0);
  EXPECT_EQ(true_peak_ceiling_for(AudioFormat::kFlac), -1.0);
  EXPECT_LT(true_peak_ceiling_for(AudioFormat::kMp3), -1.0);
  EXPECT_LT(true_peak_ceiling_for(AudioFormat::kOpus), -1.0);
}

}  // namespace
}  // namespace myna::audio
