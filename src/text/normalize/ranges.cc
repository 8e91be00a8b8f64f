// Two numbers with something between them: 10-12 · 1914–1918 · 3-1 · 4x4 · 1-2=5
#include "text/normalize/number_literal.h"

namespace myna::text {
namespace {

bool looks_like_year(std::string_view digits) {
  const long long value = number_value(digits);
  return digits.size() == 4 && value >= 1000 && value <= 2100;
}

// 1914-1918, 1914–18, 10-12, 3-1
size_t match_range(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const auto low = parse_number(tokens, at);
  if (!low) return 0;
  const size_t dash = at + low->count;
  const bool spaced = !tokens.attached(dash) && !tokens.attached(dash + 1);
  if (!is_range_dash(tokens, dash) || tokens.attached(dash) != tokens.attached(dash + 1)) return 0;
  const auto high = parse_number(tokens, dash + 1);
  if (!high) return 0;
  const size_t end = dash + 1 + high->count;
  // More dashes make it a telephone number, a part number or a sum.
  if (tokens.attached_symbol(end, U'-') || tokens.is_symbol(end, U'=') ||
      tokens.is_symbol(at - 1, U'='))
    return 0;
  const bool years =
      looks_like_year(low->integer) && low->is_whole() && high->is_whole() && !low->grouped;
  const bool both_years = years && looks_like_year(high->integer);
  const bool short_years =
      years && high->integer.size() == 2 && low->integer.compare(2, 2, high->integer) < 0;
  if (spaced && !both_years) return 0;
  NumberWords words;
  const bool plain = !both_years && !short_years;
  // A decade at the upper end belongs to match_decade: 1960s-1980s, 1960-1980s.
  const bool plural = tokens.attached(end) && tokens.is_word(end, "s");
  if (plain) {
    append_number(*low, tokens.dialect(), words);
  } else {
    append_year(low->integer, tokens.dialect(), words);
  }
  speak(tokens, at, dash, words, speech);
  speak(tokens, dash, dash + 1, "to", speech);
  if (plural || tokens.attached(end)) {
    if (plural) return dash + 1 - at;
  }
  words.clear();
  if (plain) {
    append_number(*high, tokens.dialect(), words);
  } else if (short_years) {
    append_two_digits(high->integer, words);
  } else {
    append_year(high->integer, tokens.dialect(), words);
  }
  speak(tokens, dash + 1, end, words, speech);
  return end - at;
}

std::string_view operator_word(char32_t symbol) {
  switch (symbol) {
    case U'+':
      return "plus";
    case U'-':
    case U'−':
      return "minus";
    case U'*':
    case U'×':
      return "times";
    case U'/':
    case U'÷':
      return "divided by";
    default:
      return {};
  }
}

// 1-2=5, 2+3, 2*8, 4x4: arithmetic between numbers.
size_t match_arithmetic(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const auto left = parse_number(tokens, at);
  if (!left) return 0;
  const size_t sign = at + left->count;
  if (!tokens.exists(sign + 1) || tokens.attached(sign) != tokens.attached(sign + 1)) return 0;
  std::string_view spoken;
  if (tokens.attached(sign) && tokens.is_word(sign, "x") && tokens.is_number(sign + 1)) {
    spoken = "by";
  } else {
    spoken = operator_word(tokens.at(sign).symbol);
  }
  if (spoken.empty() || !tokens.is_number(sign + 1)) return 0;
  const auto right = parse_number(tokens, sign + 1);
  const size_t end = sign + 1 + right->count;
  const char32_t symbol = tokens.at(sign).symbol;
  const bool equation = tokens.is_symbol(end, U'=') || tokens.is_symbol(at - 1, U'=');
  // Dashes and slashes between numbers mean other things unless an equals sign stands by.
  if ((symbol == U'-' || symbol == U'/') && !equation) return 0;
  NumberWords words;
  append_number(*left, tokens.dialect(), words);
  speak(tokens, at, sign, words, speech);
  speak(tokens, sign, sign + 1, spoken, speech);
  return sign + 1 - at;  // the right number is read by its own rule
}

constexpr RuleExample kRangeExamples[] = {
    {"10-12", "ten to twelve"},
    {"1914-1918", "nineteen fourteen to nineteen eighteen"},
    {"1914–18", "nineteen fourteen to eighteen"},
    {"won 3-1", "won three to one"},
    {"1960s-1980s", "nineteen sixties to nineteen eighties"},
};
constexpr RuleExample kArithmeticExamples[] = {{"1-2=5", "one minus two equals five"},
                                               {"2+3", "two plus three"},
                                               {"2*8", "two times eight"},
                                               {"a 4x4", "a four by four"}};

constexpr Rule kRules[] = {{"arithmetic", match_arithmetic, kArithmeticExamples},
                           {"range", match_range, kRangeExamples}};
constexpr RuleTable kTables[] = {{RuleTrigger::kNumber, kRules}};

}  // namespace

std::span<const RuleTable> range_rules() { return kTables; }

}  // namespace myna::text
