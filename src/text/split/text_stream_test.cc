#include "text/split/text_stream.h"

#include <gmock/gmock.h>

#include <random>
#include <utility>

#include "text/text_test_support.h"

namespace myna::text {
namespace {

using Place = TextStream::Place;
using ::testing::ElementsAre;

// "word@begin-end" of each word, in the order in which they are spoken.
std::vector<std::string> words_of(const SpokenText& spoken, size_t offset = 0) {
  std::vector<std::string> words;
  for (const Utterance& utterance : spoken.utterances) {
    for (const Word& word : utterance.words) {
      words.push_back(word.text + "@" + std::to_string(word.source.begin + offset) + "-" +
                      std::to_string(word.source.end + offset));
    }
  }
  return words;
}

std::string plain_words(const SpokenText& spoken) {
  std::string text;
  for (const Utterance& utterance : spoken.utterances) {
    for (const Word& word : utterance.words) text += (text.empty() ? "" : " ") + word.text;
  }
  return text;
}

struct Spoken {
  std::vector<std::string> words;
  std::vector<std::string> parts;
  std::string phonemes;
  std::vector<Diagnostic> diagnostics;
};

// Feeds the pieces, taking what is ready after each.
Spoken speak(const std::vector<std::string>& pieces, FrontEndOptions options = {},
             Place place = Place::kClause) {
  TextStream stream(installed_front_end(), std::move(options));
  Spoken result;
  size_t reached = 0;
  const auto take = [&] {
    for (;;) {
      const TextStream::Part part = stream.take({.place = place});
      if (part.source_end == reached) break;
      reached = part.source_end;
      const auto words = words_of(part.spoken, part.source_offset);
      result.words.insert(result.words.end(), words.begin(), words.end());
      if (!words.empty()) result.parts.push_back(plain_words(part.spoken));
      for (const Utterance& utterance : part.spoken.utterances) {
        if (utterance.phonemes.empty()) continue;
        result.phonemes += (result.phonemes.empty() ? "" : " ") + utterance.phoneme_text();
      }
      result.diagnostics.insert(result.diagnostics.end(), part.spoken.diagnostics.begin(),
                                part.spoken.diagnostics.end());
    }
  };
  for (const std::string& piece : pieces) {
    stream.append(piece);
    take();
  }
  stream.finish();
  take();
  EXPECT_TRUE(stream.done());
  return result;
}

std::vector<std::string> bytes_of(const std::string& text, size_t step) {
  std::vector<std::string> pieces;
  for (size_t at = 0; at < text.size(); at += step) pieces.push_back(text.substr(at, step));
  return pieces;
}

constexpr const char* kProse =
    "Dr. Smith paid $3.50 on May 3, 2024, and left. \"Really?\" asked Bob & Co.; he read it, "
    "e.g. at 5 p.m., in the U.S. Army's own book.\n\nIt weighs 3,497 kg. That is heavy\xE2\x80\x94"
    "very heavy. Mr. J. R. Brown agrees!\n";
constexpr const char* kMarkdown =
    "# The plan, in short\n\nHere is **a bold, brave idea** that works. See [the page, "
    "here](http://example.com/a,b. c), please.\n\n- first item, with a comma\n- second item\n\n"
    "```python\nx = 1. y = 2.\n\nprint(x, y)\n```\n\n| A | B |\n|---|---|\n| one, two | three |\n"
    "\nThe *end*, at last.\n";

TEST(TextStream, WhateverTheCutsTheWordsAndPlacesAreThoseOfTheWholeText) {
  for (const char* text : {kProse, kMarkdown}) {
    const SpokenText whole = installed_front_end().process(text);
    for (const size_t step : {size_t{1}, size_t{2}, size_t{3}, size_t{7}, size_t{40}}) {
      const Spoken found = speak(bytes_of(text, step));
      EXPECT_EQ(found.words, words_of(whole)) << step;
      EXPECT_GE(found.parts.size(), 4u) << step;
    }
  }
}

TEST(TextStream, PhonemesAreThoseOfTheWholeText) {
  FrontEndOptions uncut;
  uncut.target_phonemes = uncut.max_phonemes = 10'000;
  std::string whole;
  for (const Utterance& utterance : installed_front_end().process(kProse, uncut).utterances)
    whole += utterance.phoneme_text();
  std::string found = speak(bytes_of(kProse, 5), uncut).phonemes;
  // A part begins without the space that stood before it.
  std::erase(whole, ' ');
  std::erase(found, ' ');
  EXPECT_EQ(found, whole);
}

TEST(TextStream, EachClauseComesAsSoonAsItIsCertain) {
  TextStream stream(installed_front_end(), {});
  const auto add = [&](const char* text) {
    stream.append(text);
    return plain_words(stream.take({.place = Place::kClause}).spoken);
  };
  EXPECT_EQ(add("Dr."), "");
  EXPECT_EQ(add(" Smith"), "");
  EXPECT_EQ(add(" paid $3"), "");
  EXPECT_EQ(add("."), "");
  EXPECT_EQ(add("50,"), "");
  EXPECT_EQ(add(" and"), "doctor Smith paid three dollars fifty cents");
  EXPECT_EQ(add(" left."), "");
  EXPECT_EQ(add(" The"), "");
  EXPECT_EQ(add(" old"), "and left");
  EXPECT_EQ(add(" clock! B"), "The old clock");
  EXPECT_EQ(add("ye.\n\n"), "Bye");
}

TEST(TextStream, SentencesWaitForTheirEnd) {
  TextStream stream(installed_front_end(), {});
  stream.append("One clause, another clause, and the end. Next");
  EXPECT_EQ(stream.take({.place = Place::kSentence}).source_end, 0u);
  stream.append(" one");
  EXPECT_EQ(plain_words(stream.take({.place = Place::kSentence, .min_phonemes = 500}).spoken), "");
  stream.append(" ");
  EXPECT_EQ(plain_words(stream.take({.place = Place::kSentence}).spoken),
            "One clause another clause and the end");
}

TEST(TextStream, APauseOfTheWriterNeverCutsAWordANumberOrAnAbbreviation) {
  const auto after_pause = [](const char* text) {
    TextStream stream(installed_front_end(), {});
    stream.append(text);
    return plain_words(stream.take({.place = Place::kWord}).spoken);
  };
  EXPECT_EQ(after_pause("I think that wor"), "I think that");
  EXPECT_EQ(after_pause("I think that "), "I think that");
  EXPECT_EQ(after_pause("Hello there."), "Hello there");
  EXPECT_EQ(after_pause("I saw Dr."), "I saw");
  EXPECT_EQ(after_pause("I saw Dr. "), "I saw");
  EXPECT_EQ(after_pause("It costs $3"), "It costs");
  EXPECT_EQ(after_pause("It costs $3."), "It costs");
  EXPECT_EQ(after_pause("It costs 3 "), "It costs");
  EXPECT_EQ(after_pause("says J."), "says");
  EXPECT_EQ(after_pause("in the U.S."), "in the");
  EXPECT_EQ(after_pause("this **bold id"), "this");
  EXPECT_EQ(after_pause("wor"), "");
}

TEST(TextStream, ABreakThatComesLateIsStillAskedFor) {
  TextStream stream(installed_front_end(), {});
  stream.append("Hello there.");
  const auto first = stream.take({.place = Place::kWord}).spoken;
  ASSERT_EQ(first.utterances.size(), 1u);
  EXPECT_EQ(first.utterances[0].break_after, Break::kSentence);
  stream.append("\n\nNew paragraph. It");
  stream.append(" goes on.");
  const auto second = stream.take({.place = Place::kClause}).spoken;
  ASSERT_EQ(second.utterances.size(), 2u);
  EXPECT_TRUE(second.utterances[0].phonemes.empty());
  EXPECT_EQ(second.utterances[0].break_after, Break::kParagraph);
}

TEST(TextStream, DiagnosticsComeOnceWithTheirLines) {
  const Spoken found =
      speak(bytes_of("First line.\nGood \xff\xfe words, and more. Then\nthe end.", 4));
  ASSERT_EQ(found.diagnostics.size(), 1u);
  EXPECT_EQ(found.diagnostics[0].line, 2u);
}

TEST(TextStream, ALongTextComesInParts) {
  std::string text;
  for (int i = 0; i < 400; ++i) text += "The river went on, as rivers do, past mills.\n";
  const SpokenText whole = installed_front_end().process(text);
  const Spoken found = speak({text});
  EXPECT_EQ(found.words, words_of(whole));
  ASSERT_GE(found.parts.size(), 3u);
  EXPECT_LT(found.parts[0].size(), 600u) << "little is read before the first sound";
}

TEST(TextStream, SsmlIsTakenWhole) {
  const std::string text = "<speak>Hello, <break time=\"1s\"/> you. And more, of it.</speak>";
  const Spoken found = speak(bytes_of(text, 6));
  EXPECT_EQ(found.parts.size(), 1u);
  EXPECT_EQ(found.words, words_of(installed_front_end().process(text)));
}

TEST(TextStream, NothingAndBlanksAreDone) {
  EXPECT_TRUE(speak({}).words.empty());
  EXPECT_TRUE(speak({" ", "\n\n", " "}).words.empty());
  EXPECT_THAT(speak({"Yes"}).parts, ElementsAre("Yes"));
}

TEST(TextStream, AnyBytesAreTakenToTheEnd) {
  std::mt19937 random(3);
  const std::string alphabet = "ab .,!?*_[]()`#|-\n\n\"0193$\xE2\x80\x94\xFF";
  for (int round = 0; round < 60; ++round) {
    std::string text;
    for (int i = 0; i < 80; ++i) text += alphabet[random() % alphabet.size()];
    const auto place = static_cast<Place>(random() % 3);
    speak(bytes_of(text, 1 + random() % 9), {}, place);  // checks that it is done
  }
}

}  // namespace
}  // namespace myna::text
