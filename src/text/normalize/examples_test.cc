// Runs the examples that stand beside every rule, and the normaliser's own promises. No dictionary.
#include <gtest/gtest.h>

#include "text/normalize/normalizer.h"
#include "text/normalize/number_words.h"
#include "text/split/sentence_breaker.h"

namespace myna::text {
namespace {

struct Normalized {
  std::string words;
  size_t sentences = 0;
};

Normalized normalize(std::string_view text, Dialect dialect = Dialect::kAmerican) {
  SentenceBreaker breaker;
  std::vector<uint32_t> starts;
  breaker.find(text, starts);
  Normalizer normalizer;
  Normalized result;
  for (const SpeechItem& item : normalizer.normalize(text, starts, dialect).items()) {
    result.sentences += item.sentence_end;
    if (!item.is_word()) continue;
    if (!result.words.empty()) result.words += ' ';
    result.words += item.word;
  }
  return result;
}

TEST(NormalizerRules, EveryExample) {
  size_t examples = 0;
  for (const RuleTable& table : all_rule_tables()) {
    for (const Rule& rule : table.rules) {
      for (const RuleExample& example : rule.examples) {
        EXPECT_EQ(normalize(example.written, example.dialect).words, example.spoken)
            << "rule " << rule.name << ", written: " << example.written;
        ++examples;
      }
    }
  }
  EXPECT_GT(examples, 100u);
}

TEST(NormalizerRules, NewsSentences) {
  EXPECT_EQ(normalize("The £1.2bn deal, signed on 3 March 2024, covers 3,497 homes.").words,
            "The one point two billion pound deal signed on the third of March twenty twenty four "
            "covers three thousand four "
            "hundred ninety seven homes");
  EXPECT_EQ(normalize("Sales rose 4.5% to $20 million in Q3, up from $18.4m in 2007.").words,
            "Sales rose four point five percent to twenty million dollars in Q three up from "
            "eighteen point four million dollars "
            "in two thousand seven");
  EXPECT_EQ(normalize("At 5 p.m. the No. 10 bus left St. James St. for the U.S. embassy.").words,
            "At five PM the number ten bus left saint James street for the US embassy");
}

TEST(NormalizerRules, BritishNews) {
  const auto british = [](std::string_view text) {
    return normalize(text, Dialect::kBritish).words;
  };
  EXPECT_EQ(
      british("Arsenal won 2-0 at 8.15pm on 03/04/2024, watched by 60,105 fans."),
      "Arsenal won two nil at eight fifteen PM on the third of April twenty twenty four watched "
      "by sixty thousand one hundred and five fans");
  EXPECT_EQ(british("The 1.2m-strong crowd drank 5 litres at 20p."),
            "The one point two million strong crowd drank five litres at twenty pence");
}

TEST(Sentences, AbbreviationsDoNotEndThem) {
  EXPECT_EQ(normalize("Dr. Smith met Mrs. Jones. They spoke.").sentences, 2u);
  EXPECT_EQ(normalize("He left at 5 p.m. The train was late.").sentences, 2u);
  EXPECT_EQ(normalize("J. K. Rowling wrote it.").sentences, 1u);
  EXPECT_EQ(normalize("The U.S. economy grew. It shrank later.").sentences, 2u);
  EXPECT_EQ(normalize("Apples, pears, etc. They grow.").sentences, 2u);
  EXPECT_EQ(normalize("“Stop!” he said. “Why?” she asked.").sentences, 2u);
  EXPECT_EQ(normalize("It cost $3.50. Cheap!").sentences, 2u);
  EXPECT_EQ(normalize("See fig. 3 and vol. 2 for e.g. cats.").sentences, 1u);
  EXPECT_EQ(normalize("no end").sentences, 1u);
  EXPECT_EQ(normalize("").sentences, 0u);
}

TEST(NormalizerRules, EmojiBySequence) {
  const auto named = [](std::string_view text) {
    Normalizer normalizer;
    normalizer.set_emoji(EmojiReading::kName);
    std::string words;
    for (const SpeechItem& item : normalizer.normalize(text, {}, Dialect::kAmerican).items())
      words += (words.empty() ? "" : " ") + std::string(item.word);
    return words;
  };
  EXPECT_EQ(named("Good 😀 day"), "Good grinning face day");
  EXPECT_EQ(named("👍🏽"), "thumbs up");  // the skin tone is not said
  EXPECT_EQ(named("🇯🇵"), "flag of Japan");
  EXPECT_EQ(named("👩‍🚀 !"), "woman rocket ");
  EXPECT_EQ(normalize("Good 😀 day 👍🏽 🇯🇵").words, "Good day");
}

// Nothing that a person wrote as a letter or digit may be skipped.
TEST(NormalizerRules, EveryLetterAndDigitIsCovered) {
  for (const std::string_view text : {"a-1.b3_c&-d@gma4i-l.com",
                                      "25/235212-asdg",
                                      "1/2/3/4",
                                      "$-5",
                                      "x²+y₃=½",
                                      "#a1 @b2 5'11\" '90s '45",
                                      "(123)-456",
                                      "1,2,3,4",
                                      "1.2.3.4.5",
                                      "v2.",
                                      "Q3 2Q22 3Q",
                                      "I.II.III",
                                      "A.B.C.d",
                                      "12:3:4",
                                      "1st2nd",
                                      "e.g.i.e.",
                                      "USD EUR 5 GBP",
                                      "May 5 2024 may",
                                      "3-4-5-6-7",
                                      "401(k",
                                      "10%-",
                                      "°C 5°X",
                                      "--5-- 6-",
                                      "w/o w/ x/y"}) {
    SentenceBreaker breaker;
    std::vector<uint32_t> starts;
    breaker.find(text, starts);
    Normalizer normalizer;
    std::vector<bool> covered(text.size(), false);
    for (const SpeechItem& item : normalizer.normalize(text, starts, Dialect::kAmerican).items()) {
      ASSERT_LE(item.end, text.size());
      if (item.is_word()) std::fill(covered.begin() + item.begin, covered.begin() + item.end, true);
    }
    for (size_t i = 0; i < text.size(); ++i) {
      EXPECT_TRUE(covered[i] || !std::isalnum(static_cast<unsigned char>(text[i])))
          << text << " at " << i;
    }
  }
}

std::string join(const NumberWords& words) {
  std::string text;
  for (const auto word : words) text += (text.empty() ? "" : " ") + std::string(word);
  return text;
}

TEST(NumberWords, CardinalsUpToTheLimit) {
  const auto cardinal = [](std::string_view digits, Dialect dialect = Dialect::kAmerican) {
    NumberWords words;
    append_cardinal(digits, dialect, words);
    return join(words);
  };
  EXPECT_EQ(cardinal("0"), "zero");
  EXPECT_EQ(cardinal("1000000"), "one million");
  EXPECT_EQ(cardinal("1001"), "one thousand one");
  EXPECT_EQ(cardinal("1001", Dialect::kBritish), "one thousand and one");
  EXPECT_EQ(cardinal("1100", Dialect::kBritish), "one thousand one hundred");
  EXPECT_EQ(cardinal("1" + std::string(33, '0')), "one decillion");
  EXPECT_EQ(cardinal(std::string(37, '1')).substr(0, 11), "one one one");
}

TEST(NumberWords, Years) {
  const auto year = [](std::string_view digits) {
    NumberWords words;
    append_year(digits, Dialect::kAmerican, words);
    return join(words);
  };
  EXPECT_EQ(year("1984"), "nineteen eighty four");
  EXPECT_EQ(year("1900"), "nineteen hundred");
  EXPECT_EQ(year("1066"), "ten sixty six");
  EXPECT_EQ(year("1003"), "one thousand three");
  EXPECT_EQ(year("2000"), "two thousand");
  EXPECT_EQ(year("2026"), "twenty twenty six");
  EXPECT_EQ(year("476"), "four seventy six");
  EXPECT_EQ(year("44"), "forty four");
}

}  // namespace
}  // namespace myna::text
