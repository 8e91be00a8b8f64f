#include "audio/pcm16.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <vector>

#include "audio/pcm.h"
#include "audio/signal_test_support.h"

namespace myna::audio {
namespace {

using ::testing::ElementsAre;

std::vector<int16_t> convert(Pcm16Converter& converter, const std::vector<float>& samples) {
  std::vector<int16_t> out(samples.size());
  converter.convert(samples, out);
  return out;
}

TEST(Pcm16, EveryValueComesBack) {
  std::vector<float> samples;
  std::vector<int16_t> expected;
  for (int value = -32768; value <= 32767; ++value) {
    samples.push_back(static_cast<float>(value) / 32768.0f);
    expected.push_back(static_cast<int16_t>(value));
  }
  Pcm16Converter converter;
  EXPECT_EQ(convert(converter, samples), expected);
  EXPECT_EQ(converter.clipped_count(), 0u);
}

TEST(Pcm16, RoundsToNearest) {
  Pcm16Converter converter;
  EXPECT_THAT(convert(converter, {0.4f / 32768, 0.6f / 32768, -0.4f / 32768, -0.6f / 32768,
                                  1.5f / 32768, 2.5f / 32768}),
              ElementsAre(0, 1, 0, -1, 2, 2));
}

TEST(Pcm16, SaturatesAndCounts) {
  Pcm16Converter converter;
  EXPECT_THAT(convert(converter, {1.0f, 1.01f, -1.0f, -1.01f, 1e30f, -1e30f}),
              ElementsAre(32767, 32767, -32768, -32768, 32767, -32768));
  EXPECT_EQ(converter.clipped_count(), 4u);
}

TEST(Pcm16, NonFiniteIsSilence) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  Pcm16Converter converter(Dither::kTriangular);
  EXPECT_THAT(convert(converter, {std::nanf(""), kInfinity, -kInfinity}), ElementsAre(0, 0, 0));
  EXPECT_EQ(converter.non_finite_count(), 3u);
}

// A tone of a third of a step is lost without dither and kept with it.
TEST(Pcm16, DitherKeepsWhatIsBelowOneStep) {
  const double level = amplitude_to_db(0.33 / 32768);
  const std::vector<float> tone = sine(1000, level, 4, 24000);
  for (const Dither dither : {Dither::kNone, Dither::kTriangular}) {
    Pcm16Converter converter(dither);
    std::vector<float> back;
    for (const int16_t value : convert(converter, tone)) {
      back.push_back(static_cast<float>(value) / 32768.0f);
    }
    if (dither == Dither::kNone) {
      EXPECT_EQ(sample_peak(back), 0.0f);
    } else {
      EXPECT_NEAR(tone_level_dbfs(back, 1000, 24000), level, 0.5);
      // TPDF noise of 1/6 and rounding noise of 1/12 step squared: half a step RMS.
      EXPECT_NEAR(root_mean_square(back) * 32768, std::sqrt(0.25 + 0.33 * 0.33 / 2), 0.02);
    }
  }
}

}  // namespace
}  // namespace myna::audio
