#include "text/normalize/number_words.h"

#include <array>
#include <iterator>

namespace myna::text {
namespace {

struct Forms {
  std::string_view cardinal, ordinal, plural;
};

constexpr Forms kOnes[20] = {
    {"zero", "zeroth", "zeros"},
    {"one", "first", "ones"},
    {"two", "second", "twos"},
    {"three", "third", "threes"},
    {"four", "fourth", "fours"},
    {"five", "fifth", "fives"},
    {"six", "sixth", "sixes"},
    {"seven", "seventh", "sevens"},
    {"eight", "eighth", "eights"},
    {"nine", "ninth", "nines"},
    {"ten", "tenth", "tens"},
    {"eleven", "eleventh", "elevens"},
    {"twelve", "twelfth", "twelves"},
    {"thirteen", "thirteenth", "thirteens"},
    {"fourteen", "fourteenth", "fourteens"},
    {"fifteen", "fifteenth", "fifteens"},
    {"sixteen", "sixteenth", "sixteens"},
    {"seventeen", "seventeenth", "seventeens"},
    {"eighteen", "eighteenth", "eighteens"},
    {"nineteen", "nineteenth", "nineteens"},
};
constexpr Forms kTens[10] = {
    {},
    {},
    {"twenty", "twentieth", "twenties"},
    {"thirty", "thirtieth", "thirties"},
    {"forty", "fortieth", "forties"},
    {"fifty", "fiftieth", "fifties"},
    {"sixty", "sixtieth", "sixties"},
    {"seventy", "seventieth", "seventies"},
    {"eighty", "eightieth", "eighties"},
    {"ninety", "ninetieth", "nineties"},
};
constexpr Forms kHundred = {"hundred", "hundredth", "hundreds"};
constexpr Forms kScales[12] = {
    {},
    {"thousand", "thousandth", "thousands"},
    {"million", "millionth", "millions"},
    {"billion", "billionth", "billions"},
    {"trillion", "trillionth", "trillions"},
    {"quadrillion", "quadrillionth", "quadrillions"},
    {"quintillion", "quintillionth", "quintillions"},
    {"sextillion", "sextillionth", "sextillions"},
    {"septillion", "septillionth", "septillions"},
    {"octillion", "octillionth", "octillions"},
    {"nonillion", "nonillionth", "nonillions"},
    {"decillion", "decillionth", "decillions"},
};

const Forms* find_forms(std::string_view cardinal) {
  for (const Forms& forms : kOnes) {
    if (forms.cardinal == cardinal) return &forms;
  }
  for (size_t i = 2; i < std::size(kTens); ++i) {
    if (kTens[i].cardinal == cardinal) return &kTens[i];
  }
  if (cardinal == kHundred.cardinal) return &kHundred;
  for (size_t i = 1; i < std::size(kScales); ++i) {
    if (kScales[i].cardinal == cardinal) return &kScales[i];
  }
  return nullptr;
}

std::string_view without_leading_zeros(std::string_view digits) {
  const size_t first = digits.find_first_not_of('0');
  return first == std::string_view::npos ? std::string_view("0") : digits.substr(first);
}

void append_below_hundred(int value, NumberWords& out) {
  if (value < 20) {
    out.push_back(kOnes[value].cardinal);
    return;
  }
  out.push_back(kTens[value / 10].cardinal);
  if (value % 10 != 0) out.push_back(kOnes[value % 10].cardinal);
}

void append_below_thousand(int value, Dialect dialect, NumberWords& out) {
  if (value >= 100) {
    out.push_back(kOnes[value / 100].cardinal);
    out.push_back(kHundred.cardinal);
    value %= 100;
    if (value == 0) return;
    if (dialect == Dialect::kBritish) out.push_back("and");
  }
  append_below_hundred(value, out);
}

}  // namespace

void append_digits(std::string_view digits, NumberWords& out) {
  for (const char digit : digits) {
    if (digit >= '0' && digit <= '9') out.push_back(kOnes[digit - '0'].cardinal);
  }
}

void append_cardinal(std::string_view digits, Dialect dialect, NumberWords& out) {
  const std::string_view significant = without_leading_zeros(digits);
  if (significant.size() > 3 * std::size(kScales)) return append_digits(digits, out);
  const size_t start = out.size();
  for (size_t at = 0; at < significant.size();) {
    const size_t remaining = significant.size() - at;
    const size_t length = remaining % 3 == 0 ? 3 : remaining % 3;
    int group = 0;
    for (size_t i = 0; i < length; ++i) group = group * 10 + (significant[at + i] - '0');
    at += length;
    const size_t scale = (significant.size() - at) / 3;
    if (group == 0) continue;
    if (scale == 0 && group < 100 && out.size() > start && dialect == Dialect::kBritish) {
      out.push_back("and");  // one thousand and five
    }
    append_below_thousand(group, dialect, out);
    if (scale > 0) out.push_back(kScales[scale].cardinal);
  }
  if (out.size() == start) out.push_back(kOnes[0].cardinal);
}

void append_ordinal(std::string_view digits, Dialect dialect, NumberWords& out) {
  append_cardinal(digits, dialect, out);
  if (const Forms* forms = find_forms(out.back())) out.back() = forms->ordinal;
}

void append_two_digits(std::string_view digits, NumberWords& out) {
  const int value = (digits[0] - '0') * 10 + (digits[1] - '0');
  if (value == 0) return;
  if (value < 10) out.push_back("oh");
  append_below_hundred(value, out);
}

void append_year(std::string_view digits, Dialect dialect, NumberWords& out) {
  const std::string_view year = without_leading_zeros(digits);
  if (year.size() == 3) {  // 476: four seventy six; 800: eight hundred
    out.push_back(kOnes[year[0] - '0'].cardinal);
    if (year.substr(1) == "00") {
      out.push_back(kHundred.cardinal);
    } else {
      append_two_digits(year.substr(1), out);
    }
    return;
  }
  if (year.size() != 4 || year.substr(1) == "000" || year.substr(0, 3) == "200" ||
      (year[1] == '0' && year[2] == '0')) {
    return append_cardinal(year, dialect, out);
  }
  append_cardinal(year.substr(0, 2), dialect, out);
  if (year.substr(2) == "00") {
    out.push_back(kHundred.cardinal);
  } else {
    append_two_digits(year.substr(2), out);
  }
}

void append_denominator(std::string_view digits, Dialect dialect, bool plural, NumberWords& out) {
  const std::string_view value = without_leading_zeros(digits);
  if (value == "2") return out.push_back(plural ? "halves" : "half");
  if (value == "4") return out.push_back(plural ? "quarters" : "quarter");
  append_ordinal(value, dialect, out);
  if (!plural) return;
  const auto pluralize = [&](const Forms& forms, std::string_view plural_ordinal) {
    if (out.back() == forms.ordinal) out.back() = plural_ordinal;
  };
  static constexpr std::string_view kOnePlurals[20] = {
      "zeroths",    "firsts",     "seconds",      "thirds",      "fourths",
      "fifths",     "sixths",     "sevenths",     "eighths",     "ninths",
      "tenths",     "elevenths",  "twelfths",     "thirteenths", "fourteenths",
      "fifteenths", "sixteenths", "seventeenths", "eighteenths", "nineteenths"};
  static constexpr std::string_view kTenPlurals[10] = {
      "",          "",          "twentieths",  "thirtieths", "fortieths",
      "fiftieths", "sixtieths", "seventieths", "eightieths", "ninetieths"};
  static constexpr std::string_view kScalePlurals[5] = {"", "thousandths", "millionths",
                                                        "billionths", "trillionths"};
  for (size_t i = 0; i < 20; ++i) pluralize(kOnes[i], kOnePlurals[i]);
  for (size_t i = 2; i < 10; ++i) pluralize(kTens[i], kTenPlurals[i]);
  pluralize(kHundred, "hundredths");
  for (size_t i = 1; i < 5; ++i) pluralize(kScales[i], kScalePlurals[i]);
}

void make_plural(NumberWords& words) {
  if (words.empty()) return;
  if (const Forms* forms = find_forms(words.back())) words.back() = forms->plural;
}

long long number_value(std::string_view digits) {
  const std::string_view significant = without_leading_zeros(digits);
  if (significant.size() > 15) return -1;
  long long value = 0;
  for (const char digit : significant) value = value * 10 + (digit - '0');
  return value;
}

}  // namespace myna::text
