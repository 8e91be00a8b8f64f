#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "experiences/script/script_json.h"
#include "experiences/script/script_text.h"

namespace myna::script {
namespace {

ShowScript sample() {
  ShowScript script;
  script.title = "My Daily";
  script.date = "2026-11-26";
  script.speakers = {{"anchor", "heart*0.6+bella", 0.93}, {"guest", ""}};
  script.sources = {
      {"s1", "Courier", "Gate opens", "https://c.example/1", "Gate opens\n\nIt opened."}};
  script.problems = {"feed x: not found"};
  ScriptSegment segment;
  segment.kind = SegmentKind::kLead;
  segment.title = "Gate: opens";
  segment.why = "new; 2 publishers";
  segment.sources = {"s1"};
  segment.lines = {{"anchor", "It opened: at noon.", "newscast", 0.8, 700, {{"s1", 12, 22}}},
                   {"guest", "Did it?", "", 1.0, 0, {}}};
  script.segments = {segment};
  return script;
}

TEST(ShowScript, GoesThroughJsonUnchanged) { EXPECT_EQ(from_json(to_json(sample())), sample()); }

TEST(ShowScript, GoesThroughTextUnchanged) {
  std::vector<ScriptProblem> problems;
  ShowScript expected = sample();
  expected.sources[0].text.clear();
  EXPECT_EQ(from_text(to_text(sample()), problems), expected);
  EXPECT_TRUE(problems.empty());
}

TEST(ShowScript, SaysWhereTheTextIsWrong) {
  std::vector<ScriptProblem> problems;
  const ShowScript script = from_text(
      "# T\n@speaker a: heart\na: too early\n== itam: x\na: fine {s9:1-2, pause 99999999}\nb: "
      "hello\nno speech\n@foo bar\na (calm 9): x\n",
      problems);
  std::vector<size_t> lines;
  for (const ScriptProblem& problem : problems) lines.push_back(problem.line);
  EXPECT_EQ(lines, (std::vector<size_t>{3, 4, 5, 5, 7, 8, 9, 6}));
  ASSERT_EQ(script.segments.size(), 1u);
  EXPECT_EQ(script.segments[0].lines.size(), 3u);
}

TEST(ShowScript, SpeedsAreReadWhereTheyCanBeSpoken) {
  std::vector<ScriptProblem> problems;
  const ShowScript script = from_text(
      "@speaker a: heart, speed 0.9\n@speaker b: heart, speed 9\n@speaker c: , fast\n", problems);
  ASSERT_EQ(script.speakers.size(), 3u);
  EXPECT_EQ(script.speakers[0], (ScriptSpeaker{"a", "heart", 0.9}));
  EXPECT_EQ(script.speakers[1], (ScriptSpeaker{"b", "heart", 0}));
  EXPECT_EQ(script.speakers[2], (ScriptSpeaker{"c", "", 0}));
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].line, 2u);
  EXPECT_THROW(from_json(R"({"title":"x","speakers":[{"name":"a","speed":9}],"segments":[]})"),
               Error);
}

TEST(ShowScript, RefusesJsonThatBreaksTheFormat) {
  const char* const stranger =
      R"({"title":"x","speakers":[],"segments":[{"kind":"item","lines":[{"speaker":"a","text":"b"}]}]})";
  for (const char* text :
       {"", "[]", "{}", R"({"title":1,"speakers":[],"segments":[]})",
        R"({"title":"x","speakers":[],"segments":[{"kind":"nope","lines":[]}]})", stranger}) {
    EXPECT_THROW(from_json(text), Error) << text;
  }
}

}  // namespace
}  // namespace myna::script
