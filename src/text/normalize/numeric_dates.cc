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
      "on",        "since",    "until",  "till",     "dated",  "due",  "monday", "tuesday",
      "wednesday", "thursday", "friday", "saturday", "sunday", "mon",  "tue",    "tu",
      "wed",       "thu",      "fri",    "sat",      "sun",    "from", "date"};
  size_t cue = at;
  while (cue > 0 && at - cue < 2 && tokens.at(cue - 1).kind == TokenKind::kSymbol) --cue;
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

// 2Q22, Q3, H1
size_t match_quarter(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const bool number_first = tokens.is_number(at);
  const size_t letter = number_first ? at + 1 : at;
  const size_t number = number_first ? at : at + 1;
  if (!tokens.is_word(letter) || tokens.text(letter) != "Q" || !tokens.is_number(number)) return 0;
  if (!tokens.attached(at + 1) || tokens.text(number).size() != 1) return 0;
  const long long quarter = number_value(tokens.text(number));
  if (quarter < 1 || quarter > 4) return 0;
  if (!number_first) {
    if (!tokens.ends_before(at + 2)) return 0;
    static constexpr std::string_view kSpoken[] = {"one", "two", "three", "four"};
    set_source(tokens, at, at + 2, speech);
    speech.word("Q", Reading::kLetters);
    speech.word(kSpoken[quarter - 1]);
    return 2;
  }
  if (!tokens.attached(at + 2) || !tokens.is_number(at + 2) || !tokens.ends_before(at + 3))
    return 0;
  static constexpr std::string_view kOrdinals[] = {"first", "second", "third", "fourth"};
  NumberWords words = {"the", kOrdinals[quarter - 1], "quarter", "of"};
  if (tokens.text(at + 2).size() == 4) {
    append_year(tokens.text(at + 2), tokens.dialect(), words);
  } else {
    append_cardinal(tokens.text(at + 2), tokens.dialect(), words);
  }
  speak(tokens, at, at + 3, words, speech);
  return 3;
}

constexpr RuleExample kNumericExamples[] = {
    {"2024-03-03", "March third twenty twenty four"},
    {"3/4/2024", "March fourth twenty twenty four"},
    {"3/4/2024", "the third of April twenty twenty four", Dialect::kBritish},
    {"15-01-2020", "the fifteenth of January twenty twenty"},
    {"11/17/05", "November seventeenth zero five"},
    {"2024-03-03T14:30Z", "March third twenty twenty four at fourteen thirty UTC"},
};
constexpr RuleExample kQuarterExamples[] = {{"in 2Q22", "in the second quarter of twenty two"},
                                            {"Q3 results", "Q three results"}};
constexpr RuleExample kMonthDayExamples[] = {
    {"on 2/22", "on February twenty second"},
    {"for Tu (2/22) at 5 pm.", "for Tuesday February twenty second at five PM"},
    {"on 3/4", "on the third of April", Dialect::kBritish},
    {"a 2/22 share", "a two twenty seconds share"}};

constexpr Rule kNumberRules[] = {{"numeric_date", match_numeric, kNumericExamples},
                                 {"month_and_day", match_month_and_day, kMonthDayExamples},
                                 {"quarter", match_quarter, kQuarterExamples}};
constexpr Rule kWordRules[] = {{"quarter", match_quarter, {}}};
constexpr RuleTable kTables[] = {{RuleTrigger::kNumber, kNumberRules},
                                 {RuleTrigger::kWord, kWordRules}};

}  // namespace

std::span<const RuleTable> numeric_date_rules() { return kTables; }

}  // namespace myna::text
