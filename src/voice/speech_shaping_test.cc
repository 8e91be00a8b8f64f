#include "voice/speech_shaping.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "audio/pcm.h"

namespace myna::voice {
namespace {

constexpr int kRate = 24000;

Speech tone(double hz, size_t frames) {
  Speech speech;
  speech.frame_counts = {static_cast<int>(frames)};
  for (size_t i = 0; i < frames * 600; ++i) {
    speech.samples.push_back(
        0.3f * static_cast<float>(std::sin(2 * M_PI * hz * static_cast<double>(i) / kRate)));
  }
  return speech;
}

// The level of one of two tones after the tilt, relative to before, in dB.
double tilted_db(float tilt, double hz, double reference_hz) {
  Speech speech = tone(hz, 40);
  const Speech reference = tone(reference_hz, 40);
  for (size_t i = 0; i < speech.samples.size(); ++i) speech.samples[i] += reference.samples[i];
  shape_timbre({.tilt_db_per_octave = tilt}, 0, speech);
  const auto level = [&](double at_hz) {
    double real = 0, imaginary = 0;
    for (size_t i = 4800; i < 24000; ++i) {
      const double angle = 2 * M_PI * at_hz * static_cast<double>(i) / kRate;
      real += static_cast<double>(speech.samples[i]) * std::cos(angle);
      imaginary += static_cast<double>(speech.samples[i]) * std::sin(angle);
    }
    return 20 * std::log10(std::hypot(real, imaginary));
  };
  return level(hz) - level(reference_hz);
}

TEST(ShapeTimbre, NeutralLeavesTheSamples) {
  Speech speech = tone(200, 4);
  const std::vector<float> before = speech.samples;
  shape_timbre({}, 7, speech);
  EXPECT_EQ(speech.samples, before);
}

TEST(ShapeTimbre, TheTiltHasItsSlope) {
  for (float tilt : {-3.0f, 1.5f}) {
    EXPECT_NEAR(tilted_db(tilt, 4000, 500), 3 * static_cast<double>(tilt), 1.2) << tilt;
    EXPECT_NEAR(tilted_db(tilt, 1000, 250), 2 * static_cast<double>(tilt), 1.2) << tilt;
  }
}

TEST(ShapeTimbre, TheLevelStays) {
  Speech speech = tone(3000, 40);
  const double before = audio::root_mean_square(speech.samples);
  shape_timbre({.tilt_db_per_octave = -2}, 0, speech);
  EXPECT_NEAR(audio::root_mean_square(speech.samples) / before, 1, 1e-3);
}

TEST(ShapeTimbre, BreathFollowsTheSpeechAndItsSeed) {
  Speech speech = tone(200, 40);
  std::fill(speech.samples.begin() + 12000, speech.samples.end(), 0.0f);
  Speech same = speech, other = speech;
  const Speech dry = speech;
  shape_timbre({.breath = 1}, 5, speech);
  shape_timbre({.breath = 1}, 5, same);
  shape_timbre({.breath = 1}, 6, other);
  EXPECT_EQ(speech.samples, same.samples);
  EXPECT_NE(speech.samples, other.samples);
  std::vector<float> noise;
  for (size_t i = 0; i < dry.samples.size(); ++i) {
    noise.push_back(speech.samples[i] - dry.samples[i]);
  }
  const double under_db =
      20 * std::log10(audio::root_mean_square(std::span(noise).subspan(4800, 4800)) /
                      audio::root_mean_square(std::span(dry.samples).subspan(4800, 4800)));
  EXPECT_NEAR(under_db, -12, 3);
  EXPECT_LT(audio::root_mean_square(std::span(noise).subspan(18000)), 1e-5);
}

TEST(StretchPauses, SilencesAtMarksChangeAndFrameCountsSaySo) {
  // a . b with 8 frames of silence at the mark, 4 of them counted as the end of "a".
  const auto make = [] {
    Speech speech;
    speech.frame_counts = {4, 12, 2, 2, 8, 4};
    speech.samples.assign(32 * 600, 0.0f);
    for (size_t i = 4 * 600; i < 28 * 600; ++i) {
      const size_t frame = i / 600;
      if (frame < 12 || frame >= 20) {
        speech.samples[i] =
            0.3f * static_cast<float>(std::sin(2 * M_PI * 200 * static_cast<double>(i) / kRate));
      }
    }
    return speech;
  };
  for (const auto& [factor, frames] : {std::pair(2.0, 8), std::pair(0.5, -4), std::pair(1.0, 0)}) {
    Speech speech = make();
    stretch_pauses(factor, U"a. b", speech);
    const int total = std::accumulate(speech.frame_counts.begin(), speech.frame_counts.end(), 0);
    EXPECT_EQ(total, 32 + frames) << factor;
    EXPECT_EQ(speech.samples.size(), static_cast<size_t>(total) * 600);
    // The sound itself is as it was.
    const Speech before = make();
    EXPECT_TRUE(std::equal(before.samples.begin(), before.samples.begin() + 12 * 600,
                           speech.samples.begin()));
    EXPECT_TRUE(std::equal(before.samples.end() - 12 * 600, before.samples.end(),
                           speech.samples.end() - 12 * 600));
    EXPECT_EQ(speech.frame_counts[4], 8);
  }
}

TEST(StretchPauses, WithoutASilenceNothingChanges) {
  Speech speech = tone(200, 10);
  speech.frame_counts = {1, 3, 1, 1, 3, 1};
  const std::vector<float> before = speech.samples;
  stretch_pauses(3, U"a, b", speech);
  EXPECT_EQ(speech.samples, before);
}

}  // namespace
}  // namespace myna::voice
