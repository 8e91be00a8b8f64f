#include "experiences/production/show_pace.h"

#include <gtest/gtest.h>

#include <numeric>

namespace myna::production {
namespace {

script::ShowScript talk(size_t lines) {
  script::ShowScript script;
  script.speakers = {{"Ann", "quick", 0}, {"Tom", "slow", 0}};
  script::ScriptSegment segment;
  segment.kind = script::SegmentKind::kTalk;
  for (size_t i = 0; i < lines; ++i) {
    segment.lines.push_back({i % 3 == 2 ? "Tom" : "Ann",
                             "The gate was opened at noon on Monday, three months early.",
                             "",
                             1,
                             0,
                             {}});
  }
  script.segments = {segment};
  return script;
}

PaceRules rules(double words_per_minute) {
  PaceRules rules;
  rules.words_per_minute = words_per_minute;
  rules.phonemes = [](const script::ScriptLine& line, const std::string&) {
    return line.text.size();
  };
  rules.length_s = [](const script::ScriptLine& line, const std::string& voice) {
    return static_cast<double>(line.text.size()) * (voice == "quick" ? 0.060 : 0.080);
  };
  return rules;
}

double pace_of(const ShowPace& pace, const script::ShowScript& script) {
  const std::vector<double> lengths = pace.line_lengths_s(script);
  const double spoken_s = std::accumulate(lengths.begin(), lengths.end(), 0.0) +
                          line_gaps_s(script, MixOptions{}.line_gap_s, MixOptions{}.turn_gap_s);
  return static_cast<double>(script.word_count()) * 60 / spoken_s;
}

TEST(ShowPace, IsTheSameForQuickAndSlowVoices) {
  for (const double words_per_minute : {150.0, 157.0, 165.0}) {
    script::ShowScript script = talk(24);
    ShowPace pace(rules(words_per_minute));
    pace.set_speeds(script);
    EXPECT_NEAR(pace_of(pace, script), words_per_minute, 1);
    EXPECT_NEAR(script.speakers[0].speed / 0.060, script.speakers[1].speed / 0.080, 0.1);
    // And a voice alone, too.
    for (const char* voice : {"quick", "slow"}) {
      script::ShowScript alone = talk(24);
      for (auto& speaker : alone.speakers) speaker.voice = voice;
      ShowPace other(rules(words_per_minute));
      other.set_speeds(alone);
      EXPECT_NEAR(pace_of(other, alone), words_per_minute, 1);
    }
  }
}

TEST(ShowPace, KeepsTheSpeedsOfAShowAndOfAScript) {
  script::ShowScript script = talk(24);
  ShowPace pace(rules(157));
  pace.set_speeds(script);
  script::ShowScript longer = talk(25);
  longer.segments[0].lines[3].text = "No.";
  pace.set_speeds(longer);
  EXPECT_EQ(longer.speakers, script.speakers);
  // What a script says stays, also where it is far from the pace.
  script::ShowScript edited = talk(24);
  edited.speakers[0].speed = 2;
  pace.set_speeds(edited);
  EXPECT_EQ(edited.speakers[0].speed, 2);
  EXPECT_EQ(edited.speakers[1].speed, script.speakers[1].speed);
}

TEST(ShowPace, DrivesNoVoiceTooFar) {
  script::ShowScript script = talk(6);
  for (auto& line : script.segments[0].lines) line.text = "Ah, oh.";
  ShowPace pace(rules(250));
  pace.set_speeds(script);
  for (const auto& speaker : script.speakers) {
    EXPECT_GE(speaker.speed, 0.6);
    EXPECT_LE(speaker.speed, 1.6);
  }
}

TEST(ShowPace, LearnsFromWhatWasSpoken) {
  script::ShowScript script = talk(6);
  ShowPace pace(rules(157));
  pace.set_speeds(script);
  const double before = pace.line_lengths_s(script).front();
  pace.correct(1.1);
  EXPECT_NEAR(pace.line_lengths_s(script).front(), 1.1 * before, 1e-9);
}

}  // namespace
}  // namespace myna::production
