// Cardinals, decimals, ordinals, magnitudes, signs and numbers with readings of their own.
#include "text/normalize/number_literal.h"
#include "text/normalize/word_list.h"

namespace myna::text {
namespace {

// 4th, 22nd, 101st: the suffix must fit the number.
bool is_ordinal_suffix(std::string_view digits, std::string_view suffix) {
  const char last = digits.back();
  const bool teen = digits.size() > 1 && digits[digits.size() - 2] == '1';
  if (equals_ignoring_case(suffix, "th")) return teen || last == '0' || last >= '4';
  if (teen) return false;
  if (equals_ignoring_case(suffix, "st")) return last == '1';
  if (equals_ignoring_case(suffix, "nd")) return last == '2';
  return equals_ignoring_case(suffix, "rd") && last == '3';
}

size_t match_ordinal(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const auto number = parse_number(tokens, at);
  if (!number || !number->is_whole()) return 0;
  const size_t suffix = at + number->count;
  if (!tokens.attached(suffix) || !tokens.is_word(suffix)) return 0;
  if (!is_ordinal_suffix(number->integer, tokens.text(suffix))) return 0;
  NumberWords words;
  append_ordinal(number->integer, tokens.dialect(), words);
  speak(tokens, at, suffix + 1, words, speech);
  return number->count + 1;
}

// 9 million, 2.5m, 300k
size_t match_magnitude(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const auto number = parse_number(tokens, at);
  if (!number) return 0;
  const size_t magnitude = at + number->count;
  const std::string_view spoken = magnitude_at(tokens, magnitude, MagnitudeContext::kPlain);
  if (spoken.empty() || !tokens.ends_before(magnitude + 1)) return 0;
  // 4K, 8K: pictures; 5K, 10K: runs.
  if (tokens.text(magnitude) == "K" && number->integer.size() <= 2) return 0;
  const bool counts = tokens.is_word(magnitude + 1) && tokens.text(magnitude + 1).ends_with("s");
  if (tokens.text(magnitude) == "k" && !counts &&
      (number->integer == "5" || number->integer == "10")) {
    return 0;
  }
  // The company
  if (tokens.text(magnitude) == "M" && number->is_whole() && number->integer == "3" && !counts)
    return 0;
  NumberWords words;
  append_number(*number, tokens.dialect(), words);
  speak(tokens, at, at + number->count, words, speech);
  speak(tokens, magnitude, magnitude + 1, spoken, speech);
  return number->count + 1;
}

// Five digits and more without separators name something (an account, a code) unless the words
// around them count: "45190", but "about 45190", "45190 people", "15000".
bool reads_as_digits(const Tokens& tokens, size_t at) {
  const std::string_view digits = tokens.text(at);
  if (digits.size() < 5) return false;
  if (digits.size() > 9) return true;
  if (digits.ends_with("0000") || (digits.size() == 5 && digits.ends_with("000"))) return false;
  static constexpr std::string_view kCounting[] = {
      "about",  "over",    "than",  "nearly", "almost",    "roughly", "approximately", "some",
      "only",   "exactly", "least", "most",   "all",       "under",   "above",         "below",
      "around", "another", "total", "by",     "to",        "from",    "between",       "population",
      "times",  "plus",    "minus", "equals", "estimated", "least",   "maximum",       "minimum"};
  if (at > 0 && tokens.is_word(at - 1) && is_in_list(tokens.text(at - 1), kCounting)) return false;
  if (at > 0 && (tokens.is_symbol(at - 1, U'=') || tokens.is_symbol(at - 1, U'+') ||
                 tokens.is_symbol(at - 1, U'×') || tokens.is_symbol(at - 1, U'÷'))) {
    return false;
  }
  // A lower-case word that is none of grammar's small ones is counted.
  static constexpr std::string_view kSmall[] = {
      "is",  "was",    "and",  "or",   "for",  "in",      "on",    "at",     "to",
      "of",  "has",    "had",  "are",  "were", "as",      "by",    "with",   "from",
      "but", "if",     "when", "then", "will", "that",    "which", "who",    "can",
      "may", "should", "the",  "a",    "an",   "because", "not",   "before", "after"};
  if (tokens.is_word(at + 1) && !tokens.attached(at + 1) && !is_capitalized(tokens.text(at + 1)))
    return is_in_list(tokens.text(at + 1), kSmall);
  return true;
}

// Everything else that starts with a digit.
size_t match_cardinal(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const auto number = parse_number(tokens, at);
  if (!number) return 0;
  NumberWords words;
  if (!number->grouped && number->is_whole() && reads_as_digits(tokens, at)) {
    append_digits(number->integer, words);
  } else {
    append_number(*number, tokens.dialect(), words);
  }
  size_t count = number->count;
  // The 1st's kin: "7s" is a plural only for whole tens; otherwise the s is its own word.
  if (number->is_whole() && tokens.attached_symbol(at + count, U'\'') &&
      tokens.attached(at + count + 1) && tokens.is_word(at + count + 1, "s")) {
    make_plural(words);  // 12's
    count += 2;
  }
  speak(tokens, at, at + count, words, speech);
  // 76ers, 49ers
  if (number->is_whole() && count == number->count && tokens.attached(at + count) &&
      tokens.is_word(at + count, "ers")) {
    const std::string last(words.back());
    speech.items().pop_back();
    speech.set_source(tokens.at(at).begin, tokens.at(at + count).end);
    speech.own_word(last + (last.ends_with('e') ? "rs" : "ers"));
    ++count;
  }
  return count;
}

// The sign of a number: -5, −5, +5, -$5, −.5
size_t match_sign(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const Token& sign = tokens.at(at);
  const bool minus = sign.symbol == U'-' || sign.symbol == U'−';
  if (!minus && sign.symbol != U'+') return 0;
  if (!tokens.attached(at + 1)) return 0;
  const char32_t next = tokens.at(at + 1).symbol;
  const bool number_follows =
      tokens.is_number(at + 1) ||
      (next == U'.' && tokens.attached(at + 2) && tokens.is_number(at + 2)) ||
      ((next == U'$' || next == U'£' || next == U'€') && tokens.attached(at + 2) &&
       tokens.is_number(at + 2));
  if (!number_follows) return 0;
  if (sign.symbol == U'-' && tokens.attached(at)) {
    const Token& before = tokens.at(at - 1);
    static constexpr std::u32string_view kOpeners = U"([{\"“=<>,?!/*:;";
    if (before.kind != TokenKind::kSymbol ||
        kOpeners.find(before.symbol) == std::u32string_view::npos)
      return 0;
  }
  speak(tokens, at, at + 1, minus ? "minus" : "plus", speech);
  return 1;
}

constexpr RuleExample kOrdinalExamples[] = {{"the 1st of 23rd", "the first of twenty third"},
                                            {"1,000th", "one thousandth"},
                                            {"112th", "one hundred twelfth"}};
constexpr RuleExample kMagnitudeExamples[] = {{"100 million", "one hundred million"},
                                              {"0.1 billion", "zero point one billion"},
                                              {"300k users", "three hundred thousand users"},
                                              {"a 4K screen", "a four K screen"}};
constexpr RuleExample kCardinalExamples[] = {
    {"3,497", "three thousand four hundred ninety seven"},
    {"3497", "three thousand four hundred ninety seven"},
    {"0.004", "zero point zero zero four"},
    {"004", "zero zero four"},
    {"the 76ers", "the seventy sixers"},
    {"250000", "two hundred fifty thousand"},
    {"45190", "four five one nine zero"},
    {"45190 people", "forty five thousand one hundred ninety people"},
    {"sold 15000", "sold fifteen thousand"},
    {"105", "one hundred and five", Dialect::kBritish},
    {"1,005", "one thousand and five", Dialect::kBritish},
    {"1234567890123124",
     "one two three four five six seven eight nine zero one two three one two four"}};
constexpr RuleExample kSignExamples[] = {
    {"-2", "minus two"}, {"+5", "plus five"}, {"it was −3", "it was minus three"}};
constexpr RuleExample kPointExamples[] = {{".1665", "point one six six five"}};

constexpr Rule kNumberRules[] = {
    {"ordinal", match_ordinal, kOrdinalExamples},
    {"magnitude", match_magnitude, kMagnitudeExamples},
    {"cardinal", match_cardinal, kCardinalExamples},
};
constexpr Rule kNumberSymbolRules[] = {
    {"sign", match_sign, kSignExamples},
    {"point", match_cardinal, kPointExamples},
};
constexpr RuleTable kTables[] = {{RuleTrigger::kNumber, kNumberRules},
                                 {RuleTrigger::kSymbol, kNumberSymbolRules}};

}  // namespace

std::span<const RuleTable> number_rules() { return kTables; }

}  // namespace myna::text
