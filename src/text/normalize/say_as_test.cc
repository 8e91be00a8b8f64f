// say-as: what each kind reads, what it refuses, and that nothing written is lost.
#include "text/normalize/say_as.h"

#include <gtest/gtest.h>

#include "text/normalize/normalizer.h"

namespace myna::text {
namespace {

struct Spoken {
  std::string words;
  std::string problem;
};

Spoken say(std::string_view interpret_as, std::string_view text, std::string format = {},
           Dialect dialect = Dialect::kAmerican) {
  const auto kind = parse_say_as(interpret_as);
  EXPECT_TRUE(kind) << interpret_as;
  SpeechBuilder speech;
  Spoken result;
  result.problem = read_as(text, 0, static_cast<uint32_t>(text.size()),
                           {kind.value_or(SayAsKind::kText), std::move(format)}, dialect, speech)
                       .value_or("");
  for (const SpeechItem& item : speech.items()) {
    if (!item.is_word()) continue;
    if (!result.words.empty()) result.words += ' ';
    result.words += item.word;
  }
  return result;
}

struct Case {
  std::string_view interpret_as, text, format, words;
  Dialect dialect = Dialect::kAmerican;
};

TEST(SayAs, ReadsWhatItIsTold) {
  for (const Case& example : std::initializer_list<Case>{
           {"cardinal", "1984", "", "one thousand nine hundred eighty four"},
           {"cardinal", "-3,497.5", "",
            "minus three thousand four hundred ninety seven point five"},
           {"number", "XIV", "", "fourteen"},
           {"cardinal", "12 345", "", "twelve thousand three hundred forty five"},
           {"cardinal", "007", "", "seven"},
           {"ordinal", "3", "", "third"},
           {"ordinal", "22nd", "", "twenty second"},
           {"ordinal", "VIII", "", "eighth"},
           {"digits", "2024", "", "two zero two four"},
           {"number_digit", "1-2-3", "", "one two three"},
           {"fraction", "3/4", "", "three quarters"},
           {"fraction", "3+1/2", "", "three and a half"},
           {"fraction", "2½", "", "two and a half"},
           {"characters", "Ab1", "", "A b one"},
           {"spell-out", "a.b@c", "", "a dot b at c"},
           {"characters", "é", "", "e acute"},
           {"acronym", "nasa", "", "nasa"},
           {"date", "3/4/2024", "mdy", "March fourth twenty twenty four"},
           {"date", "3/4/2024", "dmy", "April third twenty twenty four"},
           {"date", "3/4/2024", "dmy", "the third of April twenty twenty four", Dialect::kBritish},
           {"date", "20240304", "ymd", "March fourth twenty twenty four"},
           {"date", "2024-03-04", "", "March fourth twenty twenty four"},
           {"date", "4.3.", "dm", "March fourth"},
           {"date", "March 2024", "", "March twenty twenty four"},
           {"date", "5 May 1999", "", "May fifth nineteen ninety nine"},
           {"date", "3", "m", "March"},
           {"time", "2:30pm", "hms12", "two thirty PM"},
           {"time", "14:30", "hms24", "fourteen thirty"},
           {"time", "14:30:05", "hms24", "fourteen thirty and five seconds"},
           {"time", "0730a", "", "seven thirty AM"},
           {"duration", "1:18:30", "hms", "one hour eighteen minutes and thirty seconds"},
           {"duration", "01:30", "", "one minute and thirty seconds"},
           {"duration", "1:30", "hm", "one hour and thirty minutes"},
           {"duration", "2h30m", "", "two hours thirty minutes"},
           {"duration", "PT1H5M", "", "one hour five minutes"},
           {"telephone", "+1 (425) 555-0100", "",
            "plus one four two five five five five zero one zero zero"},
           {"telephone", "1-800-FLOWERS x5", "", "one eight zero zero flowers extension five"},
           {"currency", "$42.01", "", "forty two dollars one cent"},
           {"vxml:currency", "EUR3.20", "", "three euros twenty cents"},
           {"unit", "5'11\"", "", "five feet eleven inches"},
           {"unit", "-20°C", "", "minus twenty degrees Celsius"},
           {"address", "150th Ct NE, Redmond, WA 98052", "",
            "one hundred fiftieth court Northeast Redmond Washington nine eight zero five two"},
           {"name", "ED Dr. SMITH", "", "Ed doctor Smith"},
           {"expletive", "darn it", "", "bleep"},
           {"net:email", "a.b@example.com", "", "a dot b at example dot com"},
           {"net:uri", "example.com/x", "", "example dot com slash x"},
           {"vxml:boolean", "true", "", "yes"},
           {"interjection", "5 apples", "", "five apples"},
       }) {
    const Spoken spoken =
        say(example.interpret_as, example.text, std::string(example.format), example.dialect);
    EXPECT_EQ(spoken.words, example.words) << example.interpret_as << ": " << example.text;
    EXPECT_EQ(spoken.problem, "") << example.interpret_as << ": " << example.text;
  }
}

TEST(SayAs, ReadsAsWrittenAndSaysWhyWhenTheTextDoesNotFit) {
  EXPECT_EQ(say("date", "abc").problem, "'abc' cannot be read as a date");
  EXPECT_EQ(say("date", "abc def").words, "abc def");
  for (const auto& [kind, text, format] :
       std::initializer_list<std::tuple<std::string_view, std::string_view, std::string>>{
           {"date", "31/31/2024", ""},
           {"date", "30/2/2024", "dmy"},
           {"date", "13/13", "md"},
           {"time", "25:00", ""},
           {"time", "14:30", "hms12"},
           {"time", "noon", ""},
           {"cardinal", "five", ""},
           {"ordinal", "3.5", ""},
           {"fraction", "half", ""},
           {"currency", "free", ""},
           {"telephone", "call me", ""},
           {"unit", "tall", ""},
           {"digits", "none", ""},
           {"duration", "soon", ""},
           {"vxml:boolean", "maybe", ""}}) {
    EXPECT_NE(say(kind, text, format).problem, "") << kind << ": " << text;
    EXPECT_NE(say(kind, text, format).words, "") << kind << ": " << text;
  }
}

TEST(SayAs, KnowsItsNamesAndFormats) {
  EXPECT_EQ(parse_say_as("Spell-Out"), SayAsKind::kCharacters);
  EXPECT_FALSE(parse_say_as("spellout"));
  EXPECT_FALSE(parse_say_as(""));
  for (const std::string_view name : say_as_names()) EXPECT_TRUE(parse_say_as(name)) << name;
  EXPECT_TRUE(say_as_knows_format(SayAsKind::kDate, "dmy"));
  EXPECT_TRUE(say_as_knows_format(SayAsKind::kDate, ""));
  EXPECT_FALSE(say_as_knows_format(SayAsKind::kDate, "dm y"));
  EXPECT_FALSE(say_as_knows_format(SayAsKind::kCardinal, "dmy"));
}

TEST(SayAs, StretchesKeepTheirPlacesInTheText) {
  const std::string_view text = "Born in 1984, paid 1984. Fine.";
  const std::vector<uint32_t> starts = {25};
  const std::vector<SayAsStretch> stretches = {{19, 23, {SayAsKind::kCardinal, ""}}};
  Normalizer normalizer;
  std::string words;
  size_t sentences = 0;
  for (const SpeechItem& item :
       normalizer.normalize(text, starts, Dialect::kAmerican, stretches).items()) {
    sentences += item.sentence_end;
    if (!item.is_word()) continue;
    words += std::string(item.word) + " ";
    if (item.word == "thousand") {
      EXPECT_EQ(item.begin, 19u);
      EXPECT_EQ(item.end, 23u);
    }
  }
  EXPECT_EQ(words, "Born in nineteen eighty four paid one thousand nine hundred eighty four Fine ");
  EXPECT_EQ(sentences, 2u);
  EXPECT_TRUE(normalizer.problems().empty());
  const std::vector<SayAsStretch> misfit = {{0, 4, {SayAsKind::kDate, ""}}};
  normalizer.normalize(text, starts, Dialect::kAmerican, misfit);
  ASSERT_EQ(normalizer.problems().size(), 1u);
  EXPECT_EQ(normalizer.problems()[0].message, "'Born' cannot be read as a date");
}

// Whatever the text and the kind: no letter and no digit is lost, except to a bleep.
TEST(SayAs, EveryLetterAndDigitIsCovered) {
  for (const std::string_view text :
       {"a1-b2",   "0:00:00",  "1:00:00",   "00:05", "P1DT",   "20240230",  "3 1/2 x",
        "+-5",     "(425) x",  "12 345 67", "é1",    "5.",     "1/2/3/4/5", "IVIV",
        "12:30 a", "WA 98052", "St St",     "A.B.",  "5 ft 3", "$",         "half past 3",
        "MMXXIV",  "1h2h3h",   "0",         "00",    "?",      "1e5",       "the 3rd of May"}) {
    for (const std::string_view name : say_as_names()) {
      const auto kind = parse_say_as(name);
      if (kind == SayAsKind::kExpletive) continue;
      SpeechBuilder speech;
      read_as(text, 0, static_cast<uint32_t>(text.size()), {*kind, ""}, Dialect::kBritish, speech);
      std::vector<bool> covered(text.size(), false);
      for (const SpeechItem& item : speech.items()) {
        ASSERT_LE(item.begin, item.end);
        ASSERT_LE(item.end, text.size());
        if (item.is_word())
          std::fill(covered.begin() + item.begin, covered.begin() + item.end, true);
      }
      for (size_t i = 0; i < text.size(); ++i) {
        EXPECT_TRUE(covered[i] || !std::isalnum(static_cast<unsigned char>(text[i])))
            << name << ": " << text << " at " << i;
      }
    }
  }
}

}  // namespace
}  // namespace myna::text
