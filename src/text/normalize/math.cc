// Arithmetic, powers, roots and functions: 1-2=5 · 2*8 · 4x4 · y = x - 1 · 10^6 · x² · 10⁻³ · √2 ·
// 5! · f(x)
#include "text/normalize/number_literal.h"
#include "text/normalize/word_list.h"

namespace myna::text {
namespace {

std::string_view operator_word(char32_t symbol) {
  switch (symbol) {
    case U'+':
      return "plus";
    case U'-':
    case U'–':
    case U'−':
      return "minus";
    case U'*':
    case U'×':
    case U'⋅':
    case U'·':
      return "times";
    case U'/':
    case U'÷':
      return "divided by";
    default:
      return {};
  }
}

bool is_relation(const Tokens& tokens, size_t at) {
  static constexpr std::u32string_view kRelations[] = {U"=<>≤≥≠≈"};
  return tokens.exists(at) && tokens.at(at).kind == TokenKind::kSymbol &&
         kRelations[0].find(tokens.at(at).symbol) != std::u32string_view::npos;
}

// A number, or a variable: one letter.
bool is_operand(const Tokens& tokens, size_t at) {
  return tokens.is_number(at) || (tokens.is_word(at) && tokens.text(at).size() == 1) ||
         tokens.is_symbol(at, U')') || tokens.is_symbol(at, U'(') || tokens.is_symbol(at, U'²') ||
         tokens.is_symbol(at, U'³');
}

// An equals sign or its kin within a few tokens, with nothing but operands and operators between.
bool in_equation(const Tokens& tokens, size_t at) {
  constexpr size_t kReach = 8;
  const auto belongs = [&](size_t i) {
    return is_operand(tokens, i) || (tokens.exists(i) && tokens.at(i).kind == TokenKind::kSymbol &&
                                     !operator_word(tokens.at(i).symbol).empty());
  };
  for (size_t i = at + 1; i < at + kReach; ++i) {
    if (is_relation(tokens, i)) return true;
    if (!belongs(i)) break;
  }
  for (size_t i = at; i > 0 && i + kReach > at; --i) {
    if (is_relation(tokens, i - 1)) return true;
    if (!belongs(i - 1)) break;
  }
  return false;
}

// 1-2=5, 2+3, 2*8, 4x4: the left number and the sign; the right number is read by its own rule.
size_t match_arithmetic(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const auto left = parse_number(tokens, at);
  if (!left) return 0;
  const size_t sign = at + left->count;
  if (!tokens.exists(sign + 1) || tokens.attached(sign) != tokens.attached(sign + 1)) return 0;
  std::string_view spoken;
  if (tokens.is_word(sign, "x") && tokens.is_number(sign + 1)) {
    spoken = in_equation(tokens, sign) ? "times" : "by";
  } else {
    spoken = operator_word(tokens.at(sign).symbol);
  }
  if (spoken.empty() || !tokens.is_number(sign + 1)) return 0;
  const char32_t symbol = tokens.at(sign).symbol;
  // Dashes and slashes between numbers mean other things unless an equals sign stands by.
  if ((symbol == U'-' || symbol == U'–' || symbol == U'/') && !in_equation(tokens, sign)) return 0;
  NumberWords words;
  append_number(*left, tokens.dialect(), words);
  speak(tokens, at, sign, words, speech);
  speak(tokens, sign, sign + 1, spoken, speech);
  return sign + 1 - at;
}

// 2.5e6, 1e-5: a power of ten.
size_t match_scientific(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const auto number = parse_number(tokens, at);
  if (!number || tokens.attached(at)) return 0;
  const size_t letter = at + number->count;
  if (!tokens.attached(letter) || !tokens.is_word(letter, "e")) return 0;
  size_t next = letter + 1;
  const bool minus = tokens.attached_symbol(next, U'-') || tokens.attached_symbol(next, U'−');
  if (minus || tokens.attached_symbol(next, U'+')) ++next;
  if (!tokens.attached(next) || !tokens.is_number(next) || tokens.text(next).size() > 3 ||
      !tokens.ends_before(next + 1)) {
    return 0;
  }
  NumberWords words;
  append_number(*number, tokens.dialect(), words);
  speak(tokens, at, letter, words, speech);
  words = {"times", "ten", "to", "the"};
  if (minus) {
    words.push_back("minus");
    append_cardinal(tokens.text(next), tokens.dialect(), words);
  } else {
    append_ordinal(tokens.text(next), tokens.dialect(), words);
  }
  speak(tokens, letter, next + 1, words, speech);
  return next + 1 - at;
}

// 1/f, 1/x: a number over a variable.
size_t match_over(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (!tokens.attached_symbol(at + 1, U'/') || !tokens.attached(at + 2) ||
      !tokens.is_word(at + 2) || tokens.text(at + 2).size() != 1 || tokens.attached(at) ||
      !(tokens.ends_before(at + 3) || tokens.attached_symbol(at + 3, U'²'))) {
    return 0;
  }
  NumberWords words;
  append_cardinal(tokens.text(at), tokens.dialect(), words);
  speak(tokens, at, at + 1, words, speech);
  speak(tokens, at + 1, at + 2, "over", speech);
  set_source(tokens, at + 2, at + 3, speech);
  speech.word(tokens.text(at + 2), Reading::kLetters);
  return 3;
}

// x - 1 = y: a sign beside a variable.
size_t match_operator(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const std::string_view spoken = operator_word(tokens.at(at).symbol);
  if (spoken.empty() || at == 0 || !is_operand(tokens, at - 1) || !is_operand(tokens, at + 1))
    return 0;
  if (!in_equation(tokens, at)) return 0;
  speak(tokens, at, at + 1, spoken, speech);
  return 1;
}

// The digits of ⁰ to ⁹ and the sign before them; 0 tokens when there are none.
struct Superscript {
  std::string digits;
  bool minus = false;
  bool variable = false;  // ⁿ
  size_t count = 0;
};
Superscript superscript_at(const Tokens& tokens, size_t at) {
  static constexpr std::u32string_view kDigits = U"⁰¹²³⁴⁵⁶⁷⁸⁹";
  constexpr size_t kMostDigits = 6;
  Superscript power;
  size_t next = at;
  if (tokens.attached_symbol(next, U'⁻') || tokens.attached_symbol(next, U'⁺')) {
    power.minus = tokens.is_symbol(next, U'⁻');
    ++next;
  }
  while (power.digits.size() < kMostDigits && tokens.attached(next) && tokens.exists(next) &&
         tokens.at(next).kind == TokenKind::kSymbol) {
    const size_t digit = kDigits.find(tokens.at(next).symbol);
    if (digit == std::u32string_view::npos) break;
    power.digits += static_cast<char>('0' + digit);
    ++next;
  }
  // Fe³⁺ is an ion.
  if (tokens.attached_symbol(next, U'⁺') || tokens.attached_symbol(next, U'⁻')) return {};
  if (!power.digits.empty()) power.count = next - at;
  return power;
}

void speak_power(const Tokens& tokens, size_t begin, size_t end, const Superscript& power,
                 SpeechBuilder& speech) {
  NumberWords words;
  if (!power.minus && power.digits == "2") {
    words = {"squared"};
  } else if (!power.minus && power.digits == "3") {
    words = {"cubed"};
  } else {
    words = {"to", "the"};
    if (power.minus) {
      words.push_back("minus");
      append_cardinal(power.digits, tokens.dialect(), words);
    } else if (power.digits == "0") {
      words.push_back("zero");
    } else {
      append_ordinal(power.digits, tokens.dialect(), words);
    }
  }
  speak(tokens, begin, end, words, speech);
}

// The power behind a number or a letter: ², ⁻³, ^6, ^-3, ^n
size_t match_power(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (!tokens.attached(at)) return 0;
  if (const Superscript power = superscript_at(tokens, at); power.count != 0) {
    // A footnote's mark behind a word is no power: "the end²".
    if (at > 0 && tokens.is_word(at - 1) && tokens.text(at - 1).size() > 2) return 0;
    speak_power(tokens, at, at + power.count, power, speech);
    return power.count;
  }
  if (!tokens.is_symbol(at, U'^') || !tokens.attached(at + 1)) return 0;
  size_t next = at + 1;
  Superscript power;
  power.minus = tokens.is_symbol(next, U'-') || tokens.is_symbol(next, U'−');
  if (power.minus) ++next;
  if (tokens.attached(next) && tokens.is_number(next)) {
    power.digits = tokens.text(next);
    speak_power(tokens, at, next + 1, power, speech);
    return next + 1 - at;
  }
  if (tokens.attached(next) && tokens.is_word(next) && tokens.text(next).size() == 1) {
    speak(tokens, at, next, power.minus ? "to the minus" : "to the", speech);
    set_source(tokens, next, next + 1, speech);
    speech.word(tokens.text(next), Reading::kLetters);
    return next + 1 - at;
  }
  return 0;
}

// 5! and n!: only in a formula; elsewhere somebody is excited.
size_t match_factorial(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (!tokens.is_symbol(at, U'!') || !tokens.attached(at) || at == 0) return 0;
  if (!tokens.is_number(at - 1) && tokens.text(at - 1).size() != 1) return 0;
  const bool formula = is_relation(tokens, at + 1) ||
                       (tokens.exists(at + 1) && !operator_word(tokens.at(at + 1).symbol).empty() &&
                        tokens.at(at + 1).kind == TokenKind::kSymbol && is_operand(tokens, at + 2));
  if (!formula) return 0;
  speak(tokens, at, at + 1, "factorial", speech);
  return 1;
}

// f(x) "f of x", sin(x) "sine of x"
size_t match_function(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  struct Function {
    std::string_view written, spoken;
  };
  static constexpr Function kFunctions[] = {
      {"sin", "sine"},       {"cos", "cosine"},      {"tan", "tangent"},     {"log", "log"},
      {"ln", "natural log"}, {"exp", "exponential"}, {"sqrt", "square root"}};
  if (!tokens.attached_symbol(at + 1, U'(') || !tokens.attached(at + 2)) return 0;
  std::string_view spoken;
  for (const Function& function : kFunctions) {
    if (tokens.text(at) == function.written) spoken = function.spoken;
  }
  if (!spoken.empty()) {
    speak(tokens, at, at + 1, spoken, speech);
    speech.word("of");
    return 1;
  }
  static constexpr std::string_view kLetters[] = {"f", "g", "h", "F", "G", "P"};
  bool letter = false;
  for (const std::string_view name : kLetters) letter |= tokens.text(at) == name;
  const bool one = tokens.attached_symbol(at + 3, U')') &&
                   (tokens.is_number(at + 2) || tokens.text(at + 2).size() == 1);
  if (!letter || !one || tokens.attached(at)) return 0;
  set_source(tokens, at, at + 1, speech);
  speech.word(tokens.text(at), Reading::kLetters);
  speak(tokens, at + 1, at + 2, "of", speech);
  return 2;
}

// !=, ==, <=, >=, ->: signs of two characters.
size_t match_double_sign(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  struct Sign {
    char32_t first, second;
    std::string_view spoken;
  };
  static constexpr Sign kSigns[] = {{U'!', U'=', "is not equal to"},
                                    {U'=', U'=', "equals"},
                                    {U'<', U'=', "is less than or equal to"},
                                    {U'>', U'=', "is greater than or equal to"},
                                    {U'+', U'/', "plus or minus"},
                                    {U'-', U'>', ""},
                                    {U'=', U'>', ""}};
  for (const Sign& sign : kSigns) {
    if (!tokens.is_symbol(at, sign.first) || !tokens.attached_symbol(at + 1, sign.second)) continue;
    size_t end = at + 2;
    if (sign.second == U'/') {
      if (!tokens.attached_symbol(end, U'-')) continue;
      ++end;
    }
    while (sign.first == U'=' && tokens.attached_symbol(end, U'=')) ++end;
    speak(tokens, at, end, sign.spoken, speech);
    return end - at;
  }
  return 0;
}

constexpr RuleExample kDoubleExamples[] = {{"x != y", "x is not equal to y"},
                                           {"a == b", "a equals b"},
                                           {"5 +/- 1", "five plus or minus one"}};
constexpr RuleExample kArithmeticExamples[] = {{"1-2=5", "one minus two equals five"},
                                               {"2+3", "two plus three"},
                                               {"2*8", "two times eight"},
                                               {"2 + 2 = 4", "two plus two equals four"},
                                               {"6/3=2", "six divided by three equals two"},
                                               {"3 x 5 = 15", "three times five equals fifteen"},
                                               {"a 4x4", "a four by four"}};
constexpr RuleExample kOperatorExamples[] = {{"y = x - 1", "y equals x minus one"},
                                             {"a-b=c", "a minus b equals c"},
                                             {"plan a - b", "plan a b"}};
constexpr RuleExample kPowerExamples[] = {{"10^6", "ten to the sixth"},
                                          {"10⁻³", "ten to the minus three"},
                                          {"x² + 1", "x squared plus one"},
                                          {"2^n", "two to the n"},
                                          {"e^-5", "e to the minus five"}};
constexpr RuleExample kFactorialExamples[] = {
    {"5! = 120", "five factorial equals one hundred twenty"},
    {"I have 5! Great", "I have five Great"}};
constexpr RuleExample kFunctionExamples[] = {{"f(x) = 2", "f of x equals two"},
                                             {"sin(x)", "sine of x"}};

constexpr RuleExample kScientificExamples[] = {{"2.5e6", "two point five times ten to the sixth"},
                                               {"1e-5", "one times ten to the minus five"}};
constexpr RuleExample kOverExamples[] = {{"1/f noise", "one over f noise"}};
constexpr Rule kNumberRules[] = {{"scientific", match_scientific, kScientificExamples},
                                 {"over", match_over, kOverExamples},
                                 {"arithmetic", match_arithmetic, kArithmeticExamples}};
constexpr Rule kSymbolRules[] = {{"double_sign", match_double_sign, kDoubleExamples},
                                 {"power", match_power, kPowerExamples},
                                 {"factorial", match_factorial, kFactorialExamples},
                                 {"operator", match_operator, kOperatorExamples}};
constexpr Rule kWordRules[] = {{"function", match_function, kFunctionExamples}};
constexpr RuleTable kTables[] = {{RuleTrigger::kNumber, kNumberRules},
                                 {RuleTrigger::kSymbol, kSymbolRules},
                                 {RuleTrigger::kWord, kWordRules}};

}  // namespace

std::span<const RuleTable> math_rules() { return kTables; }

}  // namespace myna::text
