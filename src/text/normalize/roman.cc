// Roman numerals where nothing else is meant: Henry VIII, World War II, Chapter IV.
#include "text/normalize/roman.h"

#include <array>

#include "text/normalize/number_literal.h"

namespace myna::text {
namespace {

template <size_t N>
bool contains(const std::array<std::string_view, N>& list, std::string_view word) {
  for (const std::string_view entry : list) {
    if (equals_ignoring_case(word, entry)) return true;
  }
  return false;
}

// "Chapter IV" -> four
constexpr auto kCounted = std::to_array<std::string_view>(
    {"chapter",  "part",      "act",     "scene",  "book",     "volume",  "vol",      "section",
     "article",  "type",      "phase",   "class",  "bowl",     "title",   "appendix", "figure",
     "table",    "grade",     "stage",   "level",  "mark",     "war",     "step",     "unit",
     "lesson",   "canto",     "verse",   "number", "apollo",   "rocky",   "division", "group",
     "schedule", "amendment", "session", "series", "symphony", "fantasy", "episode"});
// "Henry VIII" -> the eighth
constexpr auto kRulers = std::to_array<std::string_view>(
    {"henry",     "louis",   "elizabeth", "charles",  "george",    "william",  "edward",
     "richard",   "james",   "philip",    "benedict", "paul",      "pius",     "leo",
     "francis",   "gregory", "innocent",  "napoleon", "catherine", "nicholas", "alexander",
     "frederick", "wilhelm", "ferdinand", "ramses",   "ramesses",  "john",     "mary",
     "victoria",  "peter",   "ivan",      "otto",     "clement",   "urban",    "boniface",
     "alfonso",   "juan",    "carlos",    "philippe", "albert",    "leopold",  "christian",
     "gustav",    "haakon",  "ptolemy",   "darius",   "xerxes",    "cyrus",    "thutmose",
     "mehmed",    "murad",   "selim",     "sixtus",   "julius"});

size_t match_roman(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const std::string_view numeral = tokens.text(at);
  if (at == 0 || !is_all_upper(numeral) || !tokens.is_word(at - 1) || !tokens.ends_before(at + 1))
    return 0;
  const std::string_view before = tokens.text(at - 1);
  if (!is_capitalized(before) && !contains(kCounted, before)) return 0;
  const int value = roman_value(numeral);
  if (value == 0) return 0;
  NumberWords words;
  const std::string digits = std::to_string(value);
  if (contains(kCounted, before)) {
    // "part I" in lower case may be the pronoun: "the part I like".
    if (numeral == "I" && !is_capitalized(before)) return 0;
    if (numeral == "I" && tokens.is_word(at + 1) && !is_capitalized(tokens.text(at + 1))) return 0;
    append_cardinal(digits, tokens.dialect(), words);
  } else if (contains(kRulers, before)) {
    // "Henry I" only where no verb of the pronoun can follow.
    if (numeral == "I" && tokens.is_word(at + 1) && !is_capitalized(tokens.text(at + 1)) &&
        !tokens.is_word(at + 1, "of") && !tokens.is_word(at + 1, "and")) {
      return 0;
    }
    if (value > 30) return 0;
    words.push_back("the");
    append_ordinal(digits, tokens.dialect(), words);
  } else {
    return 0;
  }
  speak(tokens, at, at + 1, words, speech);
  return 1;
}

constexpr RuleExample kExamples[] = {
    {"Henry VIII married", "Henry the eighth married"},
    {"World War II", "World War two"},
    {"Chapter IV", "Chapter four"},
    {"PART XL", "PART forty"},
    {"Sam and I", "Sam and I"},
    {"the part I like", "the part I like"},
};
constexpr Rule kRules[] = {{"roman", match_roman, kExamples}};
constexpr RuleTable kTables[] = {{RuleTrigger::kWord, kRules}};

}  // namespace

int roman_value(std::string_view numeral) {
  struct Digit {
    std::string_view letters;
    int value;
  };
  static constexpr Digit kDigits[] = {{"M", 1000}, {"CM", 900}, {"D", 500}, {"CD", 400}, {"C", 100},
                                      {"XC", 90},  {"L", 50},   {"XL", 40}, {"X", 10},   {"IX", 9},
                                      {"V", 5},    {"IV", 4},   {"I", 1}};
  int value = 0;
  for (const Digit& digit : kDigits) {
    const int limit =
        digit.letters.size() == 2 || digit.value == 5 || digit.value == 50 || digit.value == 500
            ? 1
            : 3;
    for (int repeat = 0; repeat < limit && numeral.starts_with(digit.letters); ++repeat) {
      value += digit.value;
      numeral.remove_prefix(digit.letters.size());
    }
  }
  return numeral.empty() ? value : 0;
}

std::span<const RuleTable> roman_rules() { return kTables; }

}  // namespace myna::text
