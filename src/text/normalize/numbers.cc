// Cardinals, decimals, ordinals, fractions, years, decades, signs; numbers glued to letters.
#include "text/normalize/number_literal.h"
#include "text/normalize/units.h"

namespace myna::text {
namespace {

constexpr bool is_one_of(std::string_view word, std::span<const std::string_view> list) {
  for (const std::string_view entry : list) {
    if (entry == word) return true;
  }
  return false;
}

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

// 1980s, 1980's, 80s, '90s, mid-1980s, the 2000s, "1980 s".
size_t match_decade(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  size_t number = at;
  if (tokens.is_symbol(at, U'\'')) {
    number = at + 1;
    if (!tokens.attached(number)) return 0;
  }
  if (!tokens.is_number(number)) return 0;
  const std::string_view digits = tokens.text(number);
  size_t end = number + 1;
  if (tokens.attached_symbol(end, U'\'') && tokens.attached(end + 1)) ++end;
  if (!tokens.is_word(end, "s")) return 0;
  const bool is_four_digits = digits.size() == 4 && digits[3] == '0';
  if (!tokens.attached(end) && !is_four_digits) return 0;
  NumberWords words;
  if (is_four_digits) {
    append_year(digits, Dialect::kAmerican, words);
  } else if (digits.size() == 2) {
    append_cardinal(digits, tokens.dialect(), words);
  } else {
    return 0;
  }
  make_plural(words);
  speak(tokens, at, end + 1, words, speech);
  ++end;
  if (is_range_dash(tokens, end) && tokens.is_number(end + 1) &&
      tokens.attached(end) == tokens.attached(end + 1)) {
    speak(tokens, end, end + 1, "to", speech);  // 1960s-1980s
    ++end;
  }
  return end - at;
}

// '45 -> "forty five", as in the class of '45.
size_t match_short_year(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (!tokens.is_symbol(at, U'\'') || !tokens.attached(at + 1) || !tokens.is_number(at + 1))
    return 0;
  if (tokens.text(at + 1).size() != 2 || !tokens.ends_before(at + 2)) return 0;
  if (tokens.is_symbol(at + 2, U'\'')) return 0;  // a quoted number
  NumberWords words;
  append_two_digits(tokens.text(at + 1), words);
  if (words.empty()) words = {"two", "thousand"};
  speak(tokens, at, at + 2, words, speech);
  return 2;
}

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
  return 1;
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
    return 2 + speak_unit(tokens, at + 2, speech);
  }
  const auto is_fraction = [&](size_t i) {
    return tokens.is_number(i) && tokens.attached_symbol(i + 1, U'/') && tokens.attached(i + 2) &&
           tokens.is_number(i + 2) && number_value(tokens.text(i)) > 0 &&
           number_value(tokens.text(i + 2)) > 1 && !tokens.attached_symbol(i + 3, U'/') &&
           !tokens.attached_symbol(i + 3, U'-') &&
           !(i > 0 && tokens.attached(i) &&
             (tokens.is_symbol(i - 1, U'/') || tokens.is_symbol(i - 1, U'-'))) &&
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
    words.push_back("a");
  } else {
    append_cardinal(tokens.text(numerator), tokens.dialect(), words);
  }
  append_denominator(tokens.text(numerator + 2), tokens.dialect(), plural, words);
  speak(tokens, at, numerator + 3, words, speech);
  // "1/2 km" stays a half kilometer; a mixed number takes the plural.
  return numerator + 3 - at + (numerator > at ? speak_unit(tokens, numerator + 3, speech) : 0);
}

// Four digits are a year only where the context says so, or at least does not speak against it:
// "in 1984", "1984 was", but "1984 people", "about 1500", "3497".
bool reads_as_year(const Tokens& tokens, size_t at) {
  const std::string_view digits = tokens.text(at);
  if (digits.size() != 4) return false;
  const long long value = number_value(digits);
  if (value < 1000 || value > 2099) return false;
  static constexpr std::string_view kQuantityBefore[] = {
      "about", "over",  "than",    "nearly",  "almost", "roughly", "approximately",
      "some",  "only",  "exactly", "least",   "most",   "total",   "all",
      "under", "above", "below",   "another", "every"};
  static constexpr std::string_view kYearBefore[] = {
      "in",    "since",   "by",     "until",  "till",   "of",   "during",
      "year",  "circa",   "from",   "early",  "late",   "mid",  "before",
      "after", "between", "spring", "summer", "autumn", "fall", "winter"};
  if (at > 0 && tokens.is_word(at - 1)) {
    const std::string before = ascii_lower(tokens.text(at - 1));
    if (is_one_of(before, kQuantityBefore)) return false;
    if (is_one_of(before, kYearBefore) && tokens.ends_before(at + 1)) {
      const std::string next = ascii_lower(tokens.text(at + 1));
      static constexpr std::string_view kCounted[] = {"people", "men", "women", "children",
                                                      "miles"};
      return !is_one_of(next, kCounted);
    }
  }
  if (value < 1100) return false;  // 1066 only with such a word before it
  if (tokens.attached(at + 1) && tokens.is_symbol(at + 1, U'%')) return false;
  if (tokens.is_word(at + 1) && tokens.at(at + 1).space_before) {
    const std::string_view next = tokens.text(at + 1);
    static constexpr std::string_view kPeople[] = {"people",   "men",     "women",   "children",
                                                   "feet",     "percent", "million", "billion",
                                                   "thousand", "or",      "more"};
    static constexpr std::string_view kVerbs[] = {"was",       "is",       "has",  "as", "its",
                                                  "his",       "this",     "does", "us", "series",
                                                  "elections", "olympics", "games"};
    if (is_one_of(next, kPeople)) return false;
    // A lower-case plural behind the number: it counts something.
    if (next.size() > 3 && next.back() == 's' && next[next.size() - 2] != 's' &&
        !is_capitalized(next) && !is_one_of(next, kVerbs)) {
      return false;
    }
  }
  return true;
}

size_t match_year(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (!reads_as_year(tokens, at)) return 0;
  // 1984.5 and 1984,500 are no years.
  if ((tokens.attached_symbol(at + 1, U'.') || tokens.attached_symbol(at + 1, U',')) &&
      tokens.attached(at + 2) && tokens.is_number(at + 2)) {
    return 0;
  }
  NumberWords words;
  append_year(tokens.text(at), tokens.dialect(), words);
  speak(tokens, at, at + 1, words, speech);
  return 1;
}

// 340 BC, 476 A.D., 44 BCE: three digits are read as a year too.
size_t match_era(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (tokens.text(at).size() > 4) return 0;
  size_t end = at + 1;
  std::string letters;
  if (tokens.is_word(end)) {
    letters = tokens.text(end);
    ++end;
    while (letters.size() < 4 && tokens.attached_symbol(end, U'.')) {
      if (tokens.attached(end + 1) && tokens.is_word(end + 1) && tokens.text(end + 1).size() == 1) {
        letters += tokens.text(end + 1);
        end += 2;
      } else {
        if (letters.size() > 1 && end > at + 2) ++end;  // the last period of A.D.
        break;
      }
    }
  }
  if (letters != "BC" && letters != "AD" && letters != "BCE" && letters != "CE") return 0;
  const bool had_period = tokens.is_symbol(end - 1, U'.');
  NumberWords words;
  append_year(tokens.text(at), tokens.dialect(), words);
  speak(tokens, at, at + 1, words, speech);
  set_source(tokens, at + 1, end, speech);
  speech.own_word(letters, Reading::kLetters);
  if (had_period && tokens.sentence_may_start(end)) {
    set_source(tokens, end - 1, end, speech);
    speech.mark(U'.');
  }
  return end - at;
}

// 9 million, 2.5m, 300k
size_t match_magnitude(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const auto number = parse_number(tokens, at);
  if (!number) return 0;
  const size_t magnitude = at + number->count;
  const std::string_view spoken = magnitude_at(tokens, magnitude, MagnitudeContext::kPlain);
  if (spoken.empty() || !tokens.ends_before(magnitude + 1)) return 0;
  NumberWords words;
  append_number(*number, tokens.dialect(), words);
  speak(tokens, at, at + number->count, words, speech);
  speak(tokens, magnitude, magnitude + 1, spoken, speech);
  return number->count + 1;
}

// 24/7 and 9/11 have their own readings.
size_t match_idiom(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  struct Idiom {
    std::string_view left;
    char32_t symbol;
    std::string_view right, spoken;
  };
  static constexpr Idiom kIdioms[] = {
      {"24", U'/', "7", "twenty four seven"}, {"9", U'/', "11", "nine eleven"},
      {"50", U'/', "50", "fifty fifty"},      {"50", U'-', "50", "fifty fifty"},
      {"20", U'/', "20", "twenty twenty"},
  };
  for (const Idiom& idiom : kIdioms) {
    if (tokens.text(at) == idiom.left && tokens.attached_symbol(at + 1, idiom.symbol) &&
        tokens.attached(at + 2) && tokens.text(at + 2) == idiom.right &&
        (tokens.ends_before(at + 3) || tokens.attached_symbol(at + 3, U'\''))) {
      speak(tokens, at, at + 3, idiom.spoken, speech);
      return 3;
    }
  }
  return 0;
}

// 401(k) and 401k
size_t match_401k(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (tokens.text(at) != "401" && tokens.text(at) != "403") return 0;
  size_t end = at + 1;
  const bool bracket = tokens.attached_symbol(end, U'(');
  if (bracket) ++end;
  if (!tokens.attached(end) || !(tokens.is_word(end, "k") || tokens.is_word(end, "b"))) return 0;
  const std::string letter(tokens.text(end++));
  if (bracket && !tokens.attached_symbol(end++, U')')) return 0;
  speak(tokens, at, at + 1, tokens.text(at) == "401" ? "four oh one" : "four oh three", speech);
  set_source(tokens, at + 1, end, speech);
  speech.own_word(letter, Reading::kLetters);
  return end - at;
}

// Everything else that starts with a digit.
size_t match_cardinal(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const auto number = parse_number(tokens, at);
  if (!number) return 0;
  NumberWords words;
  if (!number->grouped && number->is_whole() && number->integer.size() > 9) {
    append_digits(number->integer, words);  // an account, an identifier
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
constexpr RuleExample kDecadeExamples[] = {{"the 1980s", "the nineteen eighties"},
                                           {"the '90s", "the nineties"},
                                           {"in the 1900s", "in the nineteen hundreds"},
                                           {"mid-1980s", "mid nineteen eighties"},
                                           {"2000s", "two thousands"}};
constexpr RuleExample kShortYearExamples[] = {{"the class of '45", "the class of forty five"}};
constexpr RuleExample kFractionExamples[] = {{"1/2", "one half"},
                                             {"2 1/2 cups", "two and a half cups"},
                                             {"31/32", "thirty one thirty seconds"},
                                             {"2½ hours", "two and a half hours"},
                                             {"2 1/2 hrs", "two and a half hours"},
                                             {"3/4", "three quarters"}};
constexpr RuleExample kVulgarExamples[] = {{"½ cup", "one half cup"}, {"⅔", "two thirds"}};
constexpr RuleExample kYearExamples[] = {
    {"in 1984", "in nineteen eighty four"},
    {"In 2007 he left", "In two thousand seven he left"},
    {"in 1905", "in nineteen oh five"},
    {"1984 people", "one thousand nine hundred eighty four people"},
    {"In 1066 they", "In ten sixty six they"},
    {"1066", "one thousand sixty six"},
    {"about 1500", "about one thousand five hundred"},
    {"2012", "twenty twelve"},
    {"in 2007", "in two thousand and seven", Dialect::kBritish}};
constexpr RuleExample kEraExamples[] = {{"44 BC", "forty four BC"}, {"340 A.D", "three forty AD"}};
constexpr RuleExample kMagnitudeExamples[] = {{"100 million", "one hundred million"},
                                              {"0.1 billion", "zero point one billion"},
                                              {"300k users", "three hundred thousand users"}};
constexpr RuleExample kIdiomExamples[] = {{"open 24/7", "open twenty four seven"},
                                          {"9/11's dead", "nine eleven's dead"}};
constexpr RuleExample k401kExamples[] = {{"a 401(k) plan", "a four oh one k plan"}};
constexpr RuleExample kCardinalExamples[] = {
    {"3,497", "three thousand four hundred ninety seven"},
    {"3497", "three thousand four hundred ninety seven"},
    {"0.004", "zero point zero zero four"},
    {"004", "zero zero four"},
    {"105", "one hundred and five", Dialect::kBritish},
    {"1,005", "one thousand and five", Dialect::kBritish},
    {"1234567890123124",
     "one two three four five six seven eight nine zero one two three one two four"}};
constexpr RuleExample kSignExamples[] = {
    {"-2", "minus two"}, {"+5", "plus five"}, {"it was −3", "it was minus three"}};
constexpr RuleExample kPointExamples[] = {{".1665", "point one six six five"}};

constexpr Rule kNumberRules[] = {
    {"idiom", match_idiom, kIdiomExamples},
    {"401k", match_401k, k401kExamples},
    {"ordinal", match_ordinal, kOrdinalExamples},
    {"decade", match_decade, kDecadeExamples},
    {"fraction", match_fraction, kFractionExamples},
    {"era", match_era, kEraExamples},
    {"magnitude", match_magnitude, kMagnitudeExamples},
    {"year", match_year, kYearExamples},
    {"cardinal", match_cardinal, kCardinalExamples},
};
constexpr Rule kNumberSymbolRules[] = {
    {"sign", match_sign, kSignExamples},
    {"decade", match_decade, {}},
    {"short_year", match_short_year, kShortYearExamples},
    {"vulgar_fraction", match_vulgar_fraction, kVulgarExamples},
    {"point", match_cardinal, kPointExamples},
};
constexpr RuleTable kTables[] = {{RuleTrigger::kNumber, kNumberRules},
                                 {RuleTrigger::kSymbol, kNumberSymbolRules}};

}  // namespace

std::span<const RuleTable> number_rules() { return kTables; }

}  // namespace myna::text
