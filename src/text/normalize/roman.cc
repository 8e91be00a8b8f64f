// Roman numerals where nothing else is meant: Henry VIII, World War II, Chapter IV.
#include "text/normalize/roman.h"

#include <algorithm>
#include <array>

#include "base/plain_text.h"
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
    {"chapter",  "part",      "act",     "scene",    "book",     "volume",   "vol",      "section",
     "article",  "type",      "phase",   "class",    "bowl",     "title",    "appendix", "figure",
     "table",    "grade",     "stage",   "level",    "mark",     "war",      "step",     "unit",
     "lesson",   "canto",     "verse",   "number",   "apollo",   "rocky",    "division", "group",
     "schedule", "amendment", "session", "series",   "symphony", "fantasy",  "episode",  "sonata",
     "opus",     "corps",     "vatican", "olympiad", "pages",    "pp",       "page",     "sections",
     "chapters", "quarto",    "psalm",   "wars",     "factor",   "category", "tier",     "ch",
     "pt",       "bk",        "fig",     "sec"});
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

// First names that carry a numeral as a person's: "John Smith III" is the third of the name.
constexpr auto kGivenNames = std::to_array<std::string_view>(
    {"john",      "james",   "william", "robert", "george",  "charles", "thomas", "henry",
     "edward",    "richard", "joseph",  "david",  "michael", "walter",  "arthur", "frank",
     "daniel",    "samuel",  "harold",  "albert", "howard",  "martin",  "alfred", "theodore",
     "cornelius", "davis",   "griffin", "earl",   "lewis",   "francis", "hugh",   "oliver"});
// Numerals that are hardly ever anything else, behind a name of their own: Gladiator II.
constexpr auto kSafe = std::to_array<std::string_view>(
    {"II", "III", "VII", "VIII", "XII", "XIII", "XIV", "XVI", "XVII", "XVIII", "XXI", "XXII"});

// VIII and VIII's: the numeral alone.
std::string_view without_possessive(std::string_view word) {
  return word.ends_with("'s") || word.ends_with("'S") ? word.substr(0, word.size() - 2) : word;
}

// A chapter's iv in small letters.
std::string upper_case(std::string_view word) {
  std::string upper(word);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return upper;
}

bool is_person(const Tokens& tokens, size_t at) {
  for (size_t back = 1; back <= 3 && back <= at && tokens.is_word(at - back); ++back) {
    if (contains(kGivenNames, tokens.text(at - back))) return back > 1;
  }
  return false;
}

size_t match_roman(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const std::string_view written = tokens.text(at);
  const std::string_view numeral = without_possessive(written);
  if (numeral.find_first_not_of("IVXLCDMivxlcdm") != std::string_view::npos) return 0;
  const bool upper = is_all_upper(numeral);
  // "ch. IV": the word is before the period.
  const size_t name = at > 1 && tokens.attached_symbol(at - 1, U'.') ? at - 2 : at - 1;
  if (at == 0 || numeral.size() > 15 || !tokens.is_word(name) || tokens.attached(at) ||
      (!tokens.ends_before(at + 1) && !is_range_dash(tokens, at + 1))) {
    return 0;
  }
  const std::string_view before = tokens.text(name);
  // The second of "Wars I and II", "Chapters IV to VI".
  // the 1st XI
  const bool team =
      at > 1 && name + 1 == at && tokens.is_number(at - 2) && tokens.attached(at - 1) &&
      (before == "st" || before == "nd" || before == "rd" || before == "th") && numeral.size() > 1;
  const bool second = at > 2 && name + 1 == at &&
                      (before == "and" || before == "or" || before == "to") &&
                      is_all_upper(tokens.text(at - 2)) && roman_value(tokens.text(at - 2)) != 0 &&
                      tokens.is_word(at - 3) && contains(kCounted, tokens.text(at - 3));
  const bool counted = second || team || contains(kCounted, before);
  if (name + 1 < at && !counted) return 0;
  // "Class C", "Type D" and "Series X" are letters.
  static constexpr std::string_view kLetters = "CDLM";
  if (counted && written.size() == 1 &&
      (kLetters.find(written[0]) != std::string_view::npos ||
       (written == "X" && equals_ignoring_case(before, "series")))) {
    return 0;
  }
  if (!upper && !(counted && numeral.size() > 1 && numeral == ascii_lower(numeral))) return 0;
  if (!is_capitalized(before) && !counted) return 0;
  const int value = roman_value(upper ? std::string(numeral) : upper_case(numeral));
  if (value == 0) return 0;
  NumberWords words;
  const std::string digits = std::to_string(value);
  const auto pronoun_may_follow = [&] {
    // "Queen Elizabeth I reigned", "Part I ends": a title before, a third person behind.
    static constexpr auto kTitles = std::to_array<std::string_view>(
        {"king", "queen", "pope", "emperor", "empress", "tsar", "czar", "prince", "kaiser"});
    if (name > 0 && tokens.is_word(name - 1) && contains(kTitles, tokens.text(name - 1)))
      return false;
    const std::string_view verb = tokens.text(at + 1);
    if (verb.size() > 3 && verb.ends_with("s") && !verb.ends_with("ss") && verb != "always" &&
        verb != "perhaps" && verb != "sometimes") {
      return false;
    }
    // "World War I began", "Wars I and II"
    if (equals_ignoring_case(before, "war") && tokens.is_word(name - 1, "world")) return false;
    if (tokens.is_word(at + 2) && roman_value(tokens.text(at + 2)) > 1) return false;
    return numeral == "I" && tokens.is_word(at + 1) && !is_capitalized(tokens.text(at + 1));
  };
  if (counted) {
    // "part I" in lower case may be the pronoun: "the part I like". Mix and civil are words.
    if (numeral == "I" && !is_capitalized(before)) return 0;
    if (pronoun_may_follow() || (!upper && value > 100)) return 0;
    append_cardinal(digits, tokens.dialect(), words);
  } else if (contains(kRulers, before) || is_person(tokens, at)) {
    // "Henry I" only where no verb of the pronoun can follow.
    if (pronoun_may_follow() && !tokens.is_word(at + 1, "of") && !tokens.is_word(at + 1, "and"))
      return 0;
    if (value > 30 || (numeral == "I" && !contains(kRulers, before))) return 0;
    words.push_back("the");
    append_ordinal(digits, tokens.dialect(), words);
  } else if (std::find(kSafe.begin(), kSafe.end(), numeral) != kSafe.end() && before.size() > 2 &&
             !tokens.sentence_may_start(at - 1) && at > 1) {
    append_cardinal(digits, tokens.dialect(), words);
  } else {
    return 0;
  }
  set_source(tokens, at, at + 1, speech);
  for (const auto word : words) speech.word(word);
  if (numeral.size() != written.size()) {
    speech.items().pop_back();
    speech.own_word(std::string(words.back()) + "'s");
  }
  return 1;
}

// the XXXIII Olympiad, the XIX century
size_t match_roman_ordinal(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const std::string_view numeral = tokens.text(at);
  static constexpr auto kNouns = std::to_array<std::string_view>(
      {"olympiad", "century", "corps", "congress", "dynasty", "legion", "army", "olympic"});
  if (numeral.size() < 2 || numeral.size() > 8 || !is_all_upper(numeral) || tokens.attached(at) ||
      !tokens.is_word(at + 1) || tokens.attached(at + 1) ||
      !contains(kNouns, tokens.text(at + 1))) {
    return 0;
  }
  const int value = roman_value(numeral);
  if (value == 0 || value > 99) return 0;
  NumberWords words;
  append_ordinal(std::to_string(value), tokens.dialect(), words);
  speak(tokens, at, at + 1, words, speech);
  return 1;
}

// II. Methods: the number of a heading.
size_t match_heading(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const std::string_view numeral = tokens.text(at);
  if (at != 0 || numeral.size() < 2 || numeral.size() > 6 || !is_all_upper(numeral)) return 0;
  if (!tokens.attached_symbol(at + 1, U'.') || !tokens.is_word(at + 2) || tokens.attached(at + 2) ||
      !is_capitalized(tokens.text(at + 2))) {
    return 0;
  }
  const int value = roman_value(numeral);
  if (value == 0 || value > 50) return 0;
  NumberWords words;
  append_cardinal(std::to_string(value), tokens.dialect(), words);
  speak(tokens, at, at + 1, words, speech);
  return 1;
}

constexpr RuleExample kExamples[] = {
    {"Henry VIII married", "Henry the eighth married"},
    {"World War II", "World War two"},
    {"World War I began", "World War one began"},
    {"Queen Elizabeth I reigned", "Queen Elizabeth the first reigned"},
    {"Part I ends", "Part one ends"},
    {"the 1st XI won", "the first eleven won"},
    {"the XXXIII Olympiad", "the thirty third Olympiad"},
    {"the XIX century", "the nineteenth century"},
    {"a Class C stock", "a Class C stock"},
    {"the Xbox Series X", "the Xbox Series X"},
    {"Chapter IV", "Chapter four"},
    {"PART XL", "PART forty"},
    {"Sam and I", "Sam and I"},
    {"the part I like", "the part I like"},
    {"Elizabeth II's reign", "Elizabeth the second's reign"},
    {"see chapter iv", "see chapter four"},
    {"World Wars I and II", "World Wars one and two"},
    {"watch Gladiator II", "watch Gladiator two"},
    {"with John Smith III", "with John Smith the third"},
    {"The IV drip", "The IV drip"},
};
constexpr RuleExample kHeadingExamples[] = {{"IV. Results", "four Results"}, {"MIX. It", "MIX It"}};
constexpr Rule kRules[] = {{"roman_ordinal", match_roman_ordinal, {}},
                           {"roman", match_roman, kExamples},
                           {"heading_numeral", match_heading, kHeadingExamples}};
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
