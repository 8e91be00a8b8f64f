// Fractions: 1/2 · 31/32 · 2 1/2 · ½ · 2½
#include "text/normalize/number_literal.h"
#include "text/normalize/units.h"
#include "text/normalize/word_list.h"

namespace myna::text {
namespace {

struct VulgarFraction {
  char32_t symbol;
  std::string_view alone, behind_number;
};
constexpr VulgarFraction kVulgar[] = {
    {U'½', "one half", "a half"},
    {U'¼', "one quarter", "a quarter"},
    {U'¾', "three quarters", "three quarters"},
    {U'⅓', "one third", "a third"},
    {U'⅔', "two thirds", "two thirds"},
    {U'⅕', "one fifth", "a fifth"},
    {U'⅖', "two fifths", "two fifths"},
    {U'⅗', "three fifths", "three fifths"},
    {U'⅘', "four fifths", "four fifths"},
    {U'⅙', "one sixth", "a sixth"},
    {U'⅚', "five sixths", "five sixths"},
    {U'⅐', "one seventh", "a seventh"},
    {U'⅛', "one eighth", "an eighth"},
    {U'⅜', "three eighths", "three eighths"},
    {U'⅝', "five eighths", "five eighths"},
    {U'⅞', "seven eighths", "seven eighths"},
    {U'⅑', "one ninth", "a ninth"},
    {U'⅒', "one tenth", "a tenth"},
};

const VulgarFraction* vulgar_at(const Tokens& tokens, size_t at) {
  for (const VulgarFraction& entry : kVulgar) {
    if (tokens.is_symbol(at, entry.symbol)) return &entry;
  }
  return nullptr;
}

size_t match_vulgar_fraction(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const VulgarFraction* fraction = vulgar_at(tokens, at);
  if (fraction == nullptr) return 0;
  speak(tokens, at, at + 1, fraction->alone, speech);
  return 1 + speak_unit(tokens, at + 1, UnitCount::kOne, speech);
}

// 3/4, 31/32, 2 1/2, 2½
size_t match_fraction(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  NumberWords words;
  size_t numerator = at;
  if (const VulgarFraction* vulgar = vulgar_at(tokens, at + 1)) {
    append_cardinal(tokens.text(at), tokens.dialect(), words);
    words.push_back("and");
    speak(tokens, at, at + 2, words, speech);
    speech.words(vulgar->behind_number);
    return 2 + speak_unit(tokens, at + 2, UnitCount::kMany, speech);
  }
  const auto is_fraction = [&](size_t i) {
    return tokens.is_number(i) && tokens.attached_symbol(i + 1, U'/') && tokens.attached(i + 2) &&
           tokens.is_number(i + 2) && number_value(tokens.text(i)) > 0 &&
           number_value(tokens.text(i + 2)) > 1 && tokens.text(i)[0] != '0' &&
           tokens.text(i + 2)[0] != '0' && !tokens.attached_symbol(i + 3, U'/') &&
           !tokens.attached_symbol(i + 3, U'-') &&
           !(i > 0 && tokens.attached(i) &&
             (tokens.is_symbol(i - 1, U'/') ||
              (tokens.is_symbol(i - 1, U'-') && tokens.attached(i - 1)))) &&
           !(tokens.attached(i + 3) && !tokens.ends_before(i + 3) && tokens.is_word(i + 3));
  };
  if (!is_fraction(at)) {
    if (!is_fraction(at + 1) ||
        number_value(tokens.text(at + 1)) >= number_value(tokens.text(at + 3))) {
      return 0;
    }
    append_cardinal(tokens.text(at), tokens.dialect(), words);  // 2 1/2
    words.push_back("and");
    numerator = at + 1;
  }
  const bool plural = number_value(tokens.text(numerator)) != 1;
  if (numerator > at && !plural) {
    const std::string_view below = tokens.text(numerator + 2);
    const bool vowel = below.starts_with("8") || below == "11" || below == "18";
    words.push_back(vowel ? "an" : "a");
  } else {
    append_cardinal(tokens.text(numerator), tokens.dialect(), words);
  }
  append_denominator(tokens.text(numerator + 2), tokens.dialect(), plural, words);
  speak(tokens, at, numerator + 3, words, speech);
  // "1/2 km" is one half kilometer; a mixed number takes the plural.
  const UnitCount count = numerator > at ? UnitCount::kMany : UnitCount::kOne;
  return numerator + 3 - at + speak_unit(tokens, numerator + 3, count, speech);
}

// "BP 140/90", "a blood pressure of 120/80": over; "Step 1/3", "page 2/10": of.
size_t match_over_or_of(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (!tokens.attached_symbol(at + 1, U'/') || !tokens.attached(at + 2) ||
      !tokens.is_number(at + 2) || !tokens.ends_before(at + 3) || tokens.attached(at) || at == 0 ||
      tokens.text(at).size() > 3 || tokens.text(at + 2).size() > 3) {
    return 0;
  }
  static constexpr std::string_view kSteps[] = {"step",    "part",     "page",  "slide", "episode",
                                                "chapter", "question", "tweet", "lesson"};
  const long long above = number_value(tokens.text(at)), below = number_value(tokens.text(at + 2));
  std::string_view between;
  if (tokens.is_word(at - 1) && is_in_list(tokens.text(at - 1), kSteps) && above <= below) {
    between = "of";
  } else if (above >= 70 && above <= 250 && below >= 40 && below <= 150 && above > below) {
    constexpr size_t kReach = 5;
    for (size_t i = at; i > 0 && i + kReach > at; --i) {
      if (tokens.text(i - 1) == "BP" || tokens.is_word(i - 1, "pressure")) between = "over";
    }
  }
  if (between.empty()) return 0;
  NumberWords words;
  append_cardinal(tokens.text(at), tokens.dialect(), words);
  words.push_back(between);
  append_cardinal(tokens.text(at + 2), tokens.dialect(), words);
  speak(tokens, at, at + 3, words, speech);
  return 3;
}

constexpr RuleExample kOverExamples[] = {{"BP 140/90,", "BP one hundred forty over ninety"},
                                         {"Step 1/3", "Step one of three"},
                                         {"a step of 1/3", "a step of one third"}};
constexpr RuleExample kFractionExamples[] = {{"1/2", "one half"},
                                             {"2 1/2 cups", "two and a half cups"},
                                             {"31/32", "thirty one thirty seconds"},
                                             {"2½ hours", "two and a half hours"},
                                             {"2 1/2 hrs", "two and a half hours"},
                                             {"1/2 km", "one half kilometer"},
                                             {"2 1/8", "two and an eighth"},
                                             {"-1/2", "minus one half"},
                                             {"3/4", "three quarters"},
                                             {"a 09/27", "a zero nine slash twenty seven"}};
constexpr RuleExample kVulgarExamples[] = {{"½ cup", "one half cup"}, {"⅔", "two thirds"}};

constexpr Rule kNumberRules[] = {{"over_or_of", match_over_or_of, kOverExamples},
                                 {"fraction", match_fraction, kFractionExamples}};
constexpr Rule kSymbolRules[] = {{"vulgar_fraction", match_vulgar_fraction, kVulgarExamples}};
constexpr RuleTable kTables[] = {{RuleTrigger::kNumber, kNumberRules},
                                 {RuleTrigger::kSymbol, kSymbolRules}};

}  // namespace

std::span<const RuleTable> fraction_rules() { return kTables; }

}  // namespace myna::text
