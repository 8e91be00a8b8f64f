#include "voice/performance.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

namespace myna::voice {
namespace {

std::vector<PhonemeControl> controls_of(size_t count, const PhonemeControl& control) {
  return std::vector<PhonemeControl>(count, control);
}

TEST(RoundDurations, WithoutControlsEachIsRoundedTiesToEven) {
  const std::vector<float> wanted = {13.2f, 0.3f, 2.5f, 3.5f, 1.49f, 6.0f};
  std::vector<int> counts(wanted.size());
  round_durations(wanted, {}, counts);
  EXPECT_EQ(counts, (std::vector<int>{13, 1, 2, 4, 1, 6}));
  std::vector<int> neutral(wanted.size());
  round_durations(wanted, controls_of(4, {}), neutral);
  EXPECT_EQ(neutral, counts);
}

TEST(RoundDurations, SmallChangesOfTheRateAreKeptInSum) {
  std::vector<float> wanted(402, 2.3f);
  std::vector<int> plain(wanted.size()), changed(wanted.size());
  round_durations(wanted, {}, plain);
  for (float factor : {0.95f, 1.03f, 1.4f, 0.7f}) {
    round_durations(wanted, controls_of(400, {.duration = factor}), changed);
    const int difference = std::accumulate(changed.begin(), changed.end(), 0) -
                           std::accumulate(plain.begin(), plain.end(), 0);
    EXPECT_NEAR(difference, 400 * 2.3 * (static_cast<double>(factor) - 1), 2) << factor;
  }
}

TEST(RoundDurations, NothingVanishes) {
  const std::vector<float> wanted(12, 1.2f);
  std::vector<int> counts(wanted.size());
  round_durations(wanted, controls_of(10, {.duration = 0.1f}), counts);
  for (int count : counts) EXPECT_EQ(count, 1);
}

class ShapePitch : public testing::Test {
 protected:
  // 20 phonemes of 4 frames, with a melody around 200 Hz and unvoiced ends.
  ShapePitch() : frame_counts_(22, 4), f0_(22 * 8) {
    for (size_t i = 0; i < f0_.size(); ++i) {
      const bool voiced = i >= 8 && i < f0_.size() - 8;
      f0_[i] = voiced ? 200.0f * std::exp2(std::sin(static_cast<float>(i) * 0.2f) / 4) : 3.0f;
    }
  }
  std::vector<float> shaped(const Performance& performance) {
    std::vector<float> f0 = f0_;
    shape_pitch(performance, frame_counts_, f0, arena_);
    return f0;
  }
  static double semitones(float after, float before) {
    return 12 * std::log2(static_cast<double>(after / before));
  }

  std::u32string phonemes_ = std::u32string(20, U'a');
  std::vector<int> frame_counts_;
  std::vector<float> f0_;
  ops::Arena arena_;
};

TEST_F(ShapePitch, NeutralIsTheSameBits) {
  EXPECT_EQ(shaped({phonemes_, {}, {}}), f0_);
  EXPECT_EQ(shaped({phonemes_, controls_of(20, {.duration = 2, .effort_db = 3}), {}}), f0_);
}

TEST_F(ShapePitch, AShiftMovesVoicedValuesOnly) {
  const auto controls = controls_of(20, {.pitch_semitones = 4});
  const std::vector<float> f0 = shaped({phonemes_, controls, {}});
  for (size_t i = 0; i < f0.size(); ++i) {
    EXPECT_NEAR(semitones(f0[i], f0_[i]), f0_[i] > 50 ? 4 : 0, 1e-3) << i;
  }
}

TEST_F(ShapePitch, TheRangeScalesExcursionsAroundTheMean) {
  const auto controls = controls_of(20, {.pitch_range = 0.5f});
  const std::vector<float> f0 = shaped({phonemes_, controls, {}});
  float low = 1e9f, high = 0, low_before = 1e9f, high_before = 0;
  for (size_t i = 8; i < f0.size() - 8; ++i) {
    low = std::min(low, f0[i]);
    high = std::max(high, f0[i]);
    low_before = std::min(low_before, f0_[i]);
    high_before = std::max(high_before, f0_[i]);
  }
  EXPECT_NEAR(semitones(high, low), semitones(high_before, low_before) / 2, 0.01);
}

TEST_F(ShapePitch, AStepBetweenPhonemesGlides) {
  std::vector<PhonemeControl> controls = controls_of(20, {});
  for (size_t i = 10; i < 20; ++i) controls[i].pitch_semitones = 6;
  const std::vector<float> f0 = shaped({phonemes_, controls, {}});
  double largest = 0;
  for (size_t i = 9; i < f0.size() - 8; ++i) {
    largest =
        std::max(largest, std::abs(semitones(f0[i], f0_[i]) - semitones(f0[i - 1], f0_[i - 1])));
  }
  EXPECT_LT(largest, 0.7);
  EXPECT_NEAR(semitones(f0[40], f0_[40]), 0, 1e-3);
  EXPECT_NEAR(semitones(f0[140], f0_[140]), 6, 1e-3);
}

TEST_F(ShapePitch, DeclinationStartsAgainWithEachSentence) {
  phonemes_[9] = U'.';
  UtteranceControl control;
  control.declination_semitones_per_s = -2;
  const std::vector<float> f0 = shaped({phonemes_, {}, control});
  // Sentences are the values 0 to 88 and 88 to 176: 1.1 s each, so 1.1 semitones up and down.
  EXPECT_NEAR(semitones(f0[10], f0_[10]), 0.85, 0.05);
  EXPECT_NEAR(semitones(f0[86], f0_[86]), -1.06, 0.05);
  EXPECT_NEAR(semitones(f0[89], f0_[89]), 1.06, 0.05);
  EXPECT_NEAR(semitones(f0[44], f0_[44]), 0, 0.05);
}

TEST_F(ShapePitch, StaysWithinSaneBounds) {
  for (float shift : {-24.0f, 24.0f}) {
    const auto controls = controls_of(20, {.pitch_semitones = shift, .pitch_range = 4});
    for (float value : shaped({phonemes_, controls, {}})) {
      EXPECT_LE(value, 600.0f);
      EXPECT_TRUE(value >= 50.0f || value == 3.0f) << value;
    }
  }
}

TEST(ShapeEnergy, DecibelsAreAddedToALogarithm) {
  ops::Arena arena;
  const std::vector<int> frame_counts(12, 4);
  std::vector<float> energy(12 * 8, 0.5f);
  const auto controls = controls_of(10, {.effort_db = 6.0206f});
  const std::u32string phonemes(10, U'a');
  shape_energy({phonemes, controls, {}}, frame_counts, energy, arena);
  for (float value : energy) EXPECT_NEAR(value, 0.5f + std::log(2.0f), 1e-4);
}

}  // namespace
}  // namespace myna::voice
