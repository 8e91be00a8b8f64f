// Dates in numbers: 2024-03-03 · 3/4/2024 · 15-01-2020 · 2024-03-03T14:30 · on 2/22 · 2Q22 · Q3
#include "text/normalize/months.h"
#include "text/normalize/number_literal.h"
#include "text/normalize/word_list.h"

namespace myna::text {
namespace {

void speak_month_day(const Tokens& tokens, size_t begin, size_t end, int month,
                     std::string_view day, SpeechBuilder& speech) {
  NumberWords words;
  append_ordinal(day, tokens.dialect(), words);
  set_source(tokens, begin, end, speech);
  if (tokens.british()) {
    speech.word("the");
    for (const auto word : words) speech.word(word);
    speech.word("of");
    speech.word(month_name(month));
  } else {
    speech.word(month_name(month));
    for (const auto word : words) speech.word(word);
  }
}

// 2024-03-03 · 2016/07/03 · 3/4/2024 · 15-01-2020 · 11/17/05
size_t match_numeric(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const char32_t separator = tokens.at(at + 1).symbol;
  if (separator != U'-' && separator != U'/' && separator != U'.') return 0;
  for (size_t i = 1; i <= 4; ++i) {
    if (!tokens.attached(at + i)) return 0;
  }
  if (!tokens.is_symbol(at + 3, separator) || !tokens.is_number(at + 2) ||
      !tokens.is_number(at + 4))
    return 0;
  // 2024-03-03T14:30 goes on with the time.
  const bool time_follows = tokens.attached(at + 5) && tokens.is_word(at + 5, "t") &&
                            tokens.attached(at + 6) && tokens.is_number(at + 6);
  if (!tokens.ends_before(at + 5) && !time_follows) return 0;
  const std::string_view a = tokens.text(at), b = tokens.text(at + 2), c = tokens.text(at + 4);
  const long long first = number_value(a), second = number_value(b), third = number_value(c);
  const auto is_month = [](long long value) { return value >= 1 && value <= 12; };
  const auto is_day = [](long long value) { return value >= 1 && value <= 31; };
  std::string_view day, year;
  long long month = 0;
  bool day_comes_first = false;
  if (a.size() == 4 && b.size() <= 2 && c.size() <= 2 && separator != U'.') {
    if (!is_month(second) || !is_day(third)) return 0;
    year = a, month = second, day = c;
  } else if (a.size() <= 2 && b.size() <= 2 &&
             (c.size() == 4 || (c.size() == 2 && separator == U'/'))) {
    // Both orders are in use: the dialect decides, unless only one is a date.
    const bool month_first_fits = is_month(first) && is_day(second);
    const bool day_first_fits = is_day(first) && is_month(second);
    if (!month_first_fits && !day_first_fits) return 0;
    day_comes_first =
        day_first_fits && (tokens.british() || !month_first_fits || separator == U'.');
    year = c;
    month = day_comes_first ? second : first;
    day = day_comes_first ? a : b;
  } else {
    return 0;
  }
  if (day_comes_first && !tokens.british()) {
    NumberWords words;
    append_ordinal(day, tokens.dialect(), words);
    set_source(tokens, at, at + 5, speech);
    speech.word("the");
    for (const auto word : words) speech.word(word);
    speech.word("of");
    speech.word(month_name(static_cast<int>(month)));
  } else {
    speak_month_day(tokens, at, at + 5, static_cast<int>(month), day, speech);
  }
  NumberWords words;
  if (year.size() == 2) {
    if (year[0] == '0') {
      append_digits(year, words);
    } else {
      append_cardinal(year, tokens.dialect(), words);
    }
  } else {
    append_year(year, tokens.dialect(), words);
  }
  for (const auto word : words) speech.word(word);
  if (!time_follows) return 5;
  speak(tokens, at + 5, at + 6, "at", speech);
  return 6;
}

// "on 2/22", "Tuesday (2/22)", "due 3/4": a month and a day where the context asks for a date.
size_t match_month_and_day(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (!tokens.attached_symbol(at + 1, U'/') || !tokens.attached(at + 2) ||
      !tokens.is_number(at + 2) || !tokens.ends_before(at + 3) || tokens.text(at).size() > 2 ||
      tokens.text(at + 2).size() > 2) {
    return 0;
  }
  static constexpr std::string_view kCues[] = {
      "on",        "since",    "until",    "till",     "dated",   "due",    "monday", "tuesday",
      "wednesday", "thursday", "friday",   "saturday", "sunday",  "mon",    "tue",    "tu",
      "wed",       "thu",      "fri",      "sat",      "sun",     "from",   "date",   "deadline",
      "by",        "birthday", "starting", "ending",   "expires", "before", "after"};
  // "The deadline is 11/30"
  static constexpr std::string_view kDated[] = {"deadline", "date", "birthday", "anniversary"};
  size_t cue = at;
  while (cue > 0 && at - cue < 2 && tokens.at(cue - 1).kind == TokenKind::kSymbol) --cue;
  if (cue > 1 && tokens.is_word(cue - 1, "is") && tokens.is_word(cue - 2) &&
      is_in_list(tokens.text(cue - 2), kDated)) {
    --cue;
  }
  if (tokens.is_word(at + 3, "of") || tokens.is_word(at + 3, "the")) return 0;
  if (cue == 0 || !tokens.is_word(cue - 1) || !is_in_list(tokens.text(cue - 1), kCues)) return 0;
  const long long first = number_value(tokens.text(at));
  const long long second = number_value(tokens.text(at + 2));
  const bool day_first = tokens.british() ? second >= 1 && second <= 12 : first > 12;
  const long long month = day_first ? second : first, day = day_first ? first : second;
  if (month < 1 || month > 12 || day < 1 || day > 31) return 0;
  speak_month_day(tokens, at, at + 3, static_cast<int>(month), tokens.text(day_first ? at : at + 2),
                  speech);
  return 3;
}

// A year of two or four digits behind a quarter or a half: '24, 2024, 24. Returns its tokens.
size_t year_behind(const Tokens& tokens, size_t at, NumberWords& words) {
  size_t next = at;
  if (tokens.is_symbol(next, U'\'')) ++next;
  if (!tokens.is_number(next) || !tokens.ends_before(next + 1)) return 0;
  const std::string_view digits = tokens.text(next);
  if (digits.size() == 2 && (tokens.attached(at) || next > at)) {
    if (digits[0] == '0') {
      append_digits(digits, words);
    } else {
      append_cardinal(digits, tokens.dialect(), words);
    }
  } else if (digits.size() == 4 && (digits.starts_with("19") || digits.starts_with("20"))) {
    append_year(digits, tokens.dialect(), words);
  } else {
    return 0;
  }
  return next + 1 - at;
}

// 2Q22, 1Q 2022, 2H24: "the second quarter of twenty two"; Q3 2024, H1: letter and number.
size_t match_quarter(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const bool number_first = tokens.is_number(at);
  const size_t letter = number_first ? at + 1 : at;
  const size_t number = number_first ? at : at + 1;
  if (!tokens.is_word(letter) || !tokens.is_number(number) || !tokens.attached(at + 1)) return 0;
  const bool quarters = tokens.text(letter) == "Q";
  if (!quarters && tokens.text(letter) != "H") return 0;
  if (tokens.text(number).size() != 1) return 0;
  const long long value = number_value(tokens.text(number));
  if (value < 1 || value > (quarters ? 4 : 2)) return 0;
  NumberWords year;
  const size_t year_count = year_behind(tokens, at + 2, year);
  if (!number_first) {
    if (!tokens.ends_before(at + 2) && year_count == 0) return 0;
    static constexpr std::string_view kSpoken[] = {"one", "two", "three", "four"};
    set_source(tokens, at, at + 2, speech);
    speech.word(tokens.text(letter), Reading::kLetters);
    speech.word(kSpoken[value - 1]);
    if (year_count != 0) speak(tokens, at + 2, at + 2 + year_count, year, speech);
    return 2 + year_count;
  }
  if (year_count == 0) return 0;
  static constexpr std::string_view kOrdinals[] = {"first", "second", "third", "fourth"};
  NumberWords words = {"the", kOrdinals[value - 1], quarters ? "quarter" : "half", "of"};
  words.insert(words.end(), year.begin(), year.end());
  speak(tokens, at, at + 2 + year_count, words, speech);
  return 2 + year_count;
}

// FY2023, FY 24: "fiscal year twenty twenty three"
size_t match_fiscal_year(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (tokens.text(at) != "FY" || !tokens.is_number(at + 1)) return 0;
  NumberWords words;
  const std::string_view digits = tokens.text(at + 1);
  if (digits.size() == 2) {
    append_two_digits(digits, words);
  } else if (digits.size() == 4) {
    append_year(digits, tokens.dialect(), words);
  }
  if (words.empty()) return 0;
  speak(tokens, at, at + 1, "fiscal year", speech);
  speak(tokens, at + 1, at + 2, words, speech);
  return 2;
}

constexpr RuleExample kNumericExamples[] = {
    {"2024-03-03", "March third twenty twenty four"},
    {"3/4/2024", "March fourth twenty twenty four"},
    {"3/4/2024", "the third of April twenty twenty four", Dialect::kBritish},
    {"15-01-2020", "the fifteenth of January twenty twenty"},
    {"11/17/05", "November seventeenth zero five"},
    {"2024-03-03T14:30Z", "March third twenty twenty four at fourteen thirty UTC"},
};
constexpr RuleExample kQuarterExamples[] = {
    {"in 2Q22", "in the second quarter of twenty two"},
    {"2H 2024", "the second half of twenty twenty four"},
    {"Q3 2024 earnings", "Q three twenty twenty four earnings"},
    {"Q3 results", "Q three results"}};
constexpr RuleExample kMonthDayExamples[] = {
    {"on 2/22", "on February twenty second"},
    {"The deadline is 11/30.", "The deadline is November thirtieth"},
    {"for Tu (2/22) at 5 pm.", "for Tuesday February twenty second at five PM"},
    {"on 3/4", "on the third of April", Dialect::kBritish},
    {"a 2/22 share", "a two twenty seconds share"}};

constexpr Rule kNumberRules[] = {{"numeric_date", match_numeric, kNumericExamples},
                                 {"month_and_day", match_month_and_day, kMonthDayExamples},
                                 {"quarter", match_quarter, kQuarterExamples}};
constexpr RuleExample kFiscalExamples[] = {{"in FY2023", "in fiscal year twenty twenty three"}};
constexpr Rule kWordRules[] = {{"quarter", match_quarter, {}},
                               {"fiscal_year", match_fiscal_year, kFiscalExamples}};
constexpr RuleTable kTables[] = {{RuleTrigger::kNumber, kNumberRules},
                                 {RuleTrigger::kWord, kWordRules}};

}  // namespace

std::span<const RuleTable> numeric_date_rules() { return kTables; }

}  // namespace myna::text
