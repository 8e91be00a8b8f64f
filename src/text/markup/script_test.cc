#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/markup/markup_test_support.h"
#include "text/markup/script_reader.h"

namespace myna::text {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

SpokenText script(std::string_view source) {
  return installed_front_end().process(source, markup_options(TextFormat::kScript));
}

constexpr const char* kScript =
    "---\n"
    "title: A talk\n"
    "cast:\n"
    "  Anna: emma, cheerful\n"
    "  Ben: michael\n"
    "---\n"
    "# a comment\n"
    "Anna: Hello, Ben. Did you see it?\n"
    "BEN (whispering 0.5): I did—\n"
    "[anna] And?\n"
    "\n"
    "It was big...\n"
    "Ben: Mm-hm.\n";

TEST(Script, AHeaderCastsVoicesAndStyles) {
  EXPECT_EQ(detect_format(kScript), TextFormat::kScript);
  const SpokenText text = script(kScript);
  EXPECT_THAT(described(text.diagnostics), IsEmpty());
  EXPECT_EQ(summary(text),
            "Anna/emma/cheerful: Hello, Ben. Did you see it? | Ben/michael/whispering 50%: I did | "
            "Anna/emma/cheerful: And? | Anna/emma/cheerful: It was big… | Ben/michael/: Mm hm.");
}

TEST(Script, TurnsSayHowTheyBeginAndEnd) {
  const SpokenText text = script(kScript);
  std::vector<std::pair<TurnStart, TurnEnd>> turns;
  for (const Utterance& utterance : text.utterances)
    turns.emplace_back(utterance.turn_start, utterance.turn_end);
  EXPECT_THAT(turns, ElementsAre(std::pair(TurnStart::kTurn, TurnEnd::kQuestion),
                                 std::pair(TurnStart::kTurn, TurnEnd::kInterrupted),
                                 std::pair(TurnStart::kTurn, TurnEnd::kNone),
                                 std::pair(TurnStart::kNone, TurnEnd::kTrailingOff),
                                 std::pair(TurnStart::kBackchannel, TurnEnd::kStatement)));
}

TEST(Script, ATurnWithoutASoundEndsNothing) {
  for (const char* silent : {"(", "[pause 1s]", "\x01"}) {
    const SpokenText text =
        script("[calm]It rains.[/]\nBen: " + std::string(silent) + "\nAnna: Hi.");
    bool in_turn = false;
    for (const Utterance& utterance : text.utterances) {
      in_turn |= utterance.turn_start != TurnStart::kNone;
      EXPECT_TRUE(in_turn || utterance.turn_end == TurnEnd::kNone) << silent;
    }
    EXPECT_TRUE(in_turn);
  }
}

TEST(Script, SpeakersWithoutAVoiceGetOneEach) {
  const SpokenText text = script("Anna: Hi.\nBen: Hi.\nCarl: Hi.\nDora: Hi.\nAnna: Bye.");
  EXPECT_EQ(summary(text),
            "Anna/heart/: Hi. | Ben/michael/: Hi. | Carl/emma/: Hi. | Dora/heart/: Hi. | "
            "Anna/heart/: Bye.");
  EXPECT_EQ(text.diagnostics.size(), 4u);
  EXPECT_THAT(described(text.diagnostics)[1],
              "2:1 warning: 'Ben' is not in the cast and speaks with the voice 'michael'");
}

TEST(Script, WrongCastsAreErrorsWithSuggestions) {
  const SpokenText text =
      script("---\ncast:\n  Anna: hart\n  Ben: michael, cheerfull\n---\nAnna: Hi.");
  EXPECT_THAT(described(text.diagnostics),
              ElementsAre(HasSubstr("3:9 error: there is no voice 'hart'; did you mean 'heart'?"),
                          HasSubstr("4:17 error: there is no style 'cheerfull'")));
  EXPECT_THAT(described(script("---\ncast:\n  Anna: heart\n\nAnna: Hi.").diagnostics),
              testing::Contains(HasSubstr("the header is not closed")));
}

TEST(Script, DirectionWorksInsideOfTurns) {
  EXPECT_EQ(
      summary(script("---\ncast:\n Anna: heart\n---\nAnna: One [pause 1s] [calm]two[/] three.")),
      "Anna/heart/: One [1000] | Anna/heart/calm: two | Anna/heart/: three.");
}

TEST(Script, IsToldFromProse) {
  EXPECT_EQ(detect_format("Anna: Hello.\nBen: Hello.\nAnna: Bye."), TextFormat::kScript);
  EXPECT_EQ(detect_format("[anna] Hello.\n\n[ben] Hello.\n\n[anna] Bye."), TextFormat::kScript);
  EXPECT_EQ(detect_format("**Anna:** Hello.\n\n**Ben:** Hi.\n\n**Anna:** Bye."),
            TextFormat::kScript);
  EXPECT_NE(detect_format("Note: this is prose.\n\nNote: so is this.\n\nWarning: and this."),
            TextFormat::kScript);
  EXPECT_NE(detect_format("Ingredients: flour, water.\nMethod: mix.\nServes: 4\nTime: an hour"),
            TextFormat::kScript);
  EXPECT_NE(detect_format("He said three things.\nFirst: go. Then: stay.\nIt is 12:30.\nEnd: now."),
            TextFormat::kScript);
  EXPECT_NE(detect_format("---\ntitle: A post\ndate: today\n---\n# Heading\n\nText."),
            TextFormat::kScript);
  EXPECT_NE(detect_format("[1] A. Author. A title.\n[2] B. Author. A title.\n[1] again"),
            TextFormat::kScript);
}

TEST(Script, ReactionsAreShortAndStandAlone) {
  const auto starts = [](std::string_view turn) {
    const SpokenText text = script("Anna: Well.\nBen: " + std::string(turn) + "\nAnna: So.");
    return text.utterances.at(1).turn_start;
  };
  for (const char* reaction : {"Right!", "Yeah.", "Oh, really?", "I see.", "Uh-huh.", "No way!"})
    EXPECT_EQ(starts(reaction), TurnStart::kBackchannel) << reaction;
  for (const char* turn : {"Right, so the next thing is this.", "It is.", "Go home.", "Yes, 5."})
    EXPECT_EQ(starts(turn), TurnStart::kTurn) << turn;
}

}  // namespace
}  // namespace myna::text
