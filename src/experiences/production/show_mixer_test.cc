#include "experiences/production/show_mixer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace myna::production {
namespace {

constexpr int kRate = 24000;

SpokenLine tone(double seconds, double level, double hz) {
  SpokenLine line;
  line.samples.resize(static_cast<size_t>(seconds * kRate));
  for (size_t i = 0; i < line.samples.size(); ++i) {
    line.samples[i] = static_cast<float>(
        level * std::sin(2 * std::numbers::pi * hz * static_cast<double>(i) / kRate));
  }
  return line;
}

script::ShowScript news() {
  using script::SegmentKind;
  script::ShowScript script;
  script.speakers = {{"a", "", 0}, {"b", "", 0}};
  const script::ScriptLine one{"a", "x", "", 1, 300, {}};
  const script::ScriptLine other{"b", "x", "", 1, 700, {}};
  script.segments = {{SegmentKind::kOpening, "Welcome", "", {}, {one}},
                     {SegmentKind::kHeadlines, "Headlines", "", {}, {one, one}},
                     {SegmentKind::kLead, "Gate", "", {}, {one, other, one}},
                     {SegmentKind::kItem, "Boats", "", {}, {other}},
                     {SegmentKind::kRecap, "Recap", "", {}, {one}},
                     {SegmentKind::kSignOff, "Goodbye", "", {}, {other}}};
  return script;
}

// A line for each of the script, each speaker always at one level.
std::vector<SpokenLine> spoken_of(const script::ShowScript& script) {
  std::vector<SpokenLine> spoken;
  for (const script::ScriptSegment& segment : script.segments) {
    for (const script::ScriptLine& line : segment.lines) {
      spoken.push_back(line.speaker == "a" ? tone(3, 0.1, 200) : tone(2, 0.3, 310));
    }
  }
  return spoken;
}

struct Heard {
  std::vector<float> samples;
  std::vector<size_t> after_segment;  // samples delivered
  ShowMix mix;
};

Heard listen(const script::ShowScript& script, const std::vector<SpokenLine>& spoken,
             const MixOptions& options) {
  Heard heard;
  ShowMixer mixer(script, options, [&](std::span<const float> samples) {
    heard.samples.insert(heard.samples.end(), samples.begin(), samples.end());
  });
  size_t number = 0;
  for (const script::ScriptSegment& segment : script.segments) {
    mixer.add_segment(std::span(spoken).subspan(number, segment.lines.size()));
    number += segment.lines.size();
    heard.after_segment.push_back(heard.samples.size());
  }
  heard.mix = mixer.finish();
  return heard;
}

void expect_same(std::span<const float> a, std::span<const float> b) {
  ASSERT_EQ(a.size(), b.size());
  float worst = 0;
  for (size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(a[i] - b[i]));
  EXPECT_LT(worst, 1e-4f);
}

TEST(ShowMixer, PlaysWhatTheFileHas) {
  const script::ShowScript script = news();
  const std::vector<SpokenLine> spoken = spoken_of(script);
  for (const bool music : {true, false}) {
    const MixOptions options{.sample_rate = kRate, .music = music, .stretch_s = 1.5};
    const ShowMix file = mix_show(script, spoken, options);
    const Heard heard = listen(script, spoken, options);
    // Levels are measured on fewer lines, which are at the same level here.
    expect_same(heard.samples, file.samples);
    expect_same(heard.mix.samples, file.samples);
    EXPECT_EQ(heard.mix.chapters.size(), file.chapters.size());
    EXPECT_NEAR(heard.mix.bed_rms_dbfs, file.bed_rms_dbfs, 0.01);
    EXPECT_NEAR(heard.mix.speech_rms_dbfs, file.speech_rms_dbfs, 0.01);
  }
}

TEST(ShowMixer, BeginsWithTheFirstSegmentAndStaysCloseBehind) {
  const script::ShowScript script = news();
  const std::vector<SpokenLine> spoken = spoken_of(script);
  const MixOptions options{.sample_rate = kRate};
  const Heard heard = listen(script, spoken, options);
  ASSERT_GE(heard.mix.chapters.size(), 6u);
  for (size_t i = 0; i + 1 < heard.after_segment.size(); ++i) {
    const double delivered_s = static_cast<double>(heard.after_segment[i]) / kRate;
    EXPECT_GT(delivered_s, heard.mix.chapters[i + 1].start_s - 1.6) << i;
    EXPECT_LT(delivered_s, heard.mix.chapters[i + 1].start_s) << i;
    // All that was said in it, as nobody waits in the middle of a word.
    double last_end_s = 0;
    for (const MixedLine& line : heard.mix.lines) {
      if (line.segment == i) last_end_s = line.end_s;
    }
    if (i > 1) {
      EXPECT_GE(delivered_s, last_end_s) << i;
    }
  }
}

TEST(ShowMixer, MeasuresTheSpeechForTheListenersGain) {
  const script::ShowScript script = news();
  const std::vector<SpokenLine> spoken = spoken_of(script);
  ShowMixer mixer(script, {.sample_rate = kRate}, [](std::span<const float>) {});
  EXPECT_FALSE(mixer.speech_lufs());
  mixer.add_segment(std::span(spoken).first(1));
  ASSERT_TRUE(mixer.speech_lufs());
  EXPECT_NEAR(*mixer.speech_lufs(), -21, 3);  // -20 dBFS, weighted
}

TEST(ShowMixer, EndsWhereItIsEnded) {
  const script::ShowScript script = news();
  const std::vector<SpokenLine> spoken = spoken_of(script);
  ShowMixer mixer(script, {.sample_rate = kRate});
  mixer.add_segment(std::span(spoken).first(1));
  const ShowMix mix = mixer.finish();
  ASSERT_EQ(mix.chapters.size(), 1u);
  EXPECT_NEAR(mix.chapters[0].end_s, mix.duration_s(kRate), 1e-6);
}

}  // namespace
}  // namespace myna::production
