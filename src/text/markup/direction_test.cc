#include "text/markup/direction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/markup/markup_test_support.h"

namespace myna::text {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

SpokenText directed(std::string_view source, TextFormat format = TextFormat::kPlain) {
  return installed_front_end().process(source, markup_options(format));
}

TEST(Direction, Pauses) {
  EXPECT_EQ(summary(directed("One. [pause 2s] Two. [pause 500ms] Three. [pause] Four.")),
            "One. [2000] | Two. [500] | Three. [1000] | Four.");
  EXPECT_EQ(summary(directed("One.\n\n[pause 1.5 seconds]\n\nTwo.")), "One. [1500] | Two.");
  const SpokenText wrong = directed("One [pause -1s] two [pause 2 days] three [pause 1000s].");
  EXPECT_THAT(described(wrong.diagnostics),
              ElementsAre(HasSubstr("1:5 error: a pause cannot be negative"),
                          HasSubstr("error: the pause '2 days' is not understood"),
                          HasSubstr("warning: the pause is shortened to 60 s")));
}

TEST(Direction, StylesOpenAndClose) {
  for (const TextFormat format : {TextFormat::kPlain, TextFormat::kMarkdown}) {
    EXPECT_EQ(summary(directed("Now [whisper]be quiet[/] please.", format)),
              "Now | //whispering: be quiet | please.");
    EXPECT_EQ(summary(directed("[cheerful 1.5]Hi![/cheerful] Bye.", format)),
              "//cheerful 150%: Hi! | Bye.");
  }
}

TEST(Direction, SimpleProsodyAddsUp) {
  const SpokenText text = directed("One [slow][low]two[/] three[/] four.");
  ASSERT_EQ(text.utterances.size(), 1u);
  EXPECT_EQ(words_with_prosody(text.utterances[0]), "two three");
  EXPECT_FLOAT_EQ(prosody_of(text.utterances[0], "two").pitch_semitones, -2.5f);
  EXPECT_FLOAT_EQ(prosody_of(text.utterances[0], "three").pitch_semitones, 0);
  EXPECT_FLOAT_EQ(prosody_of(text.utterances[0], "three").rate, 0.8f);
}

TEST(Direction, AnOpenBracketEndsWithItsParagraph) {
  const SpokenText text = directed("[calm]One.\n\nTwo.");
  EXPECT_EQ(summary(text), "//calm: One. | Two.");
  EXPECT_THAT(described(text.diagnostics),
              ElementsAre(HasSubstr("1:1 warning: [calm] is not closed")));
}

TEST(Direction, EmphasisInPlainTextAndMarkdown) {
  for (const TextFormat format : {TextFormat::kPlain, TextFormat::kMarkdown}) {
    const SpokenText text = directed("It was *really* a **very big** one.", format);
    ASSERT_EQ(text.utterances.size(), 1u);
    EXPECT_EQ(words_with_prosody(text.utterances[0]), "really very big");
    EXPECT_EQ(prosody_of(text.utterances[0], "really").emphasis, Emphasis::kModerate);
    EXPECT_EQ(prosody_of(text.utterances[0], "big").emphasis, Emphasis::kStrong);
  }
  EXPECT_EQ(words_with_prosody(directed("2*3*4 and a * b * c, f**k, *unclosed").utterances[0]), "");
}

TEST(Direction, Pronunciations) {
  for (const TextFormat format : {TextFormat::kPlain, TextFormat::kMarkdown}) {
    const SpokenText text = directed("Say [Kokoro](/kˈOkəɹO/) and [New York](/nuː jɔːk/).", format);
    EXPECT_THAT(text.diagnostics, IsEmpty());
    EXPECT_THAT(text.utterances.at(0).phoneme_text(), HasSubstr("kˈOkəɹO"));
    EXPECT_THAT(text.utterances.at(0).phoneme_text(), HasSubstr("nˈu jˈɔk"));
  }
  const SpokenText wrong = directed("Say [Kokoro](/k8ə/) now.");
  EXPECT_THAT(described(wrong.diagnostics), ElementsAre(HasSubstr("1:16 error: '8' is no IPA")));
  EXPECT_EQ(summary(wrong), "Say Kokoro now.");
}

TEST(Direction, OtherBracketsAreText) {
  EXPECT_EQ(summary(directed("He wrote teh [sic] word.")), "He wrote teh (sic) word.");
  EXPECT_THAT(directed("As shown [1], and [pause for breath] so.").diagnostics, IsEmpty());
  EXPECT_THAT(described(directed("[cheerfull]Hi.").diagnostics),
              ElementsAre(HasSubstr("did you mean [cheerful]?")));
  EXPECT_EQ(summary(directed("Write \\[pause] here.", TextFormat::kMarkdown)),
            "Write (pause) here.");
}

TEST(Direction, LinksOfMarkdownStayLinks) {
  EXPECT_EQ(
      summary(directed("See [about us](/about/) and [x](http://a.b/c).", TextFormat::kMarkdown)),
      "See about us and x.");
}

}  // namespace
}  // namespace myna::text
