// Dates: March 3, 2024 · 3 March 2024 · 3rd of March · 2024-03-03 · 3/4/2024 · Jan. 15 · Mon 3 Mar
#include "text/normalize/months.h"
#include "text/normalize/number_literal.h"

namespace myna::text {
namespace {

bool is_year_number(const Tokens& tokens, size_t at) {
  if (!tokens.is_number(at) || tokens.text(at).size() != 4) return false;
  const long long value = number_value(tokens.text(at));
  return value >= 1000 && value <= 2999;
}

// The day of the month at `at`, with an optional ordinal suffix. 0 when there is none.
struct Day {
  int value = 0;
  size_t count = 0;
};
Day day_at(const Tokens& tokens, size_t at) {
  if (!tokens.is_number(at) || tokens.text(at).size() > 2) return {};
  const auto value = static_cast<int>(number_value(tokens.text(at)));
  if (value < 1 || value > 31) return {};
  if (tokens.attached(at + 1) && tokens.is_word(at + 1)) {
    for (const std::string_view suffix : {"st", "nd", "rd", "th"}) {
      if (tokens.is_word(at + 1, suffix)) return {value, 2};
    }
    return {};
  }
  // 3.5, 3:30, 3% and 3,000 are no days.
  if (tokens.attached(at + 1) && tokens.attached(at + 2) && tokens.is_number(at + 2) &&
      !tokens.is_symbol(at + 1, U'-') && !tokens.is_symbol(at + 1, U'–') &&
      !(tokens.is_symbol(at + 1, U',') && is_year_number(tokens, at + 2))) {
    return {};
  }
  if (tokens.attached_symbol(at + 1, U'%')) return {};
  return {value, 1};
}

void speak_day(const Tokens& tokens, size_t at, const Day& day, SpeechBuilder& speech) {
  NumberWords words;
  append_ordinal(tokens.text(at), tokens.dialect(), words);
  speak(tokens, at, at + day.count, words, speech);
}

void speak_year(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  NumberWords words;
  append_year(tokens.text(at), tokens.dialect(), words);
  speak(tokens, at, at + 1, words, speech);
}

// An optional comma and a year; the number of tokens it takes.
size_t year_tail(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const bool comma = tokens.attached_symbol(at, U',');
  const size_t year = comma ? at + 1 : at;
  if (!is_year_number(tokens, year)) return 0;
  if (!tokens.ends_before(year + 1) && !is_range_dash(tokens, year + 1)) return 0;
  if (!comma && tokens.attached(year)) return 0;
  if (comma) {
    set_source(tokens, at, at + 1, speech);
    speech.mark(U',');
  }
  speak_year(tokens, year, speech);
  return year + 1 - at;
}

// March 3, 2024 · Mar. 3 · March 3rd · March 2024 · Jan-15-2020 · March 3-5
size_t match_month_first(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const auto month = month_at(tokens, at);
  if (!month) return 0;
  size_t next = at + month->count;
  const bool dashed = tokens.attached_symbol(next, U'-') && tokens.attached(next + 1);
  const size_t day_begin = dashed ? next + 1 : next;
  const Day day = day_at(tokens, day_begin);
  if (day.value == 0) {
    // March 2024
    if (!is_year_number(tokens, next) || tokens.attached(next) || !tokens.ends_before(next + 1))
      return 0;
    if (month->ambiguous && !is_capitalized(tokens.text(at))) return 0;
    speak(tokens, at, next, month->name, speech);
    speak_year(tokens, next, speech);
    return next + 1 - at;
  }
  if (month->ambiguous && !is_capitalized(tokens.text(at))) return 0;
  speak(tokens, at, next, month->name, speech);
  if (tokens.british()) speech.word("the");
  speak_day(tokens, day_begin, day, speech);
  next = day_begin + day.count;
  if (is_range_dash(tokens, next)) {
    // March 3-5
    const Day last = day_at(tokens, next + 1);
    if (last.value > day.value && !is_year_number(tokens, next + 1)) {
      speak(tokens, next, next + 1, "to", speech);
      speak_day(tokens, next + 1, last, speech);
      next += 1 + last.count;
    } else if (dashed && tokens.attached(next + 1) && is_year_number(tokens, next + 1)) {
      speak_year(tokens, next + 1, speech);
      return next + 2 - at;
    }
  }
  next += year_tail(tokens, next, speech);
  return next - at;
}

// 3 March 2024 · 22nd of July · the 26th May
size_t match_day_first(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const Day day = day_at(tokens, at);
  if (day.value == 0) return 0;
  size_t next = at + day.count;
  const bool of = tokens.is_word(next, "of");
  const bool dash = tokens.attached_symbol(next, U'-');
  const auto month = month_at(tokens, of || dash ? next + 1 : next);
  if (!month || (month->ambiguous && !is_capitalized(tokens.text(of || dash ? next + 1 : next))))
    return 0;
  // "5 May" could be "5 may come"; a capital was asked for above.
  const bool has_the = at > 0 && tokens.is_word(at - 1, "the");
  set_source(tokens, at, at + day.count, speech);
  if (!has_the) speech.word("the");
  speak_day(tokens, at, day, speech);
  if (of) {
    speak(tokens, next, next + 1, "of", speech);
  } else {
    speech.word("of");
  }
  if (of || dash) ++next;
  speak(tokens, next, next + month->count, month->name, speech);
  next += month->count;
  if (dash && tokens.attached_symbol(next, U'-') && is_year_number(tokens, next + 1)) {
    speak_year(tokens, next + 1, speech);
    return next + 2 - at;
  }
  return next + year_tail(tokens, next, speech) - at;
}

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
  if (!tokens.ends_before(at + 5)) return 0;
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
  return 5;
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

constexpr RuleExample kMonthFirstExamples[] = {
    {"March 3, 2024", "March third twenty twenty four"},
    {"Jan. 15 2020", "January fifteenth twenty twenty"},
    {"SEPT. 15", "September fifteenth"},
    {"in March 2024", "in March twenty twenty four"},
    {"May 3rd", "May third"},
    {"July 4-6", "July fourth to sixth"},
    {"Jan-15-2020", "January fifteenth twenty twenty"},
    {"March 3", "March the third", Dialect::kBritish},
};
constexpr RuleExample kDayFirstExamples[] = {
    {"3 March 2024", "the third of March twenty twenty four"},
    {"the 26th May", "the twenty sixth of May"},
    {"22nd of July", "the twenty second of July"},
};
constexpr RuleExample kNumericExamples[] = {
    {"2024-03-03", "March third twenty twenty four"},
    {"3/4/2024", "March fourth twenty twenty four"},
    {"3/4/2024", "the third of April twenty twenty four", Dialect::kBritish},
    {"15-01-2020", "the fifteenth of January twenty twenty"},
    {"11/17/05", "November seventeenth zero five"},
};
constexpr RuleExample kQuarterExamples[] = {{"in 2Q22", "in the second quarter of twenty two"},
                                            {"Q3 results", "Q three results"}};

constexpr Rule kNumberRules[] = {
    {"numeric_date", match_numeric, kNumericExamples},
    {"day_first_date", match_day_first, kDayFirstExamples},
    {"quarter", match_quarter, kQuarterExamples},
};
constexpr Rule kWordRules[] = {
    {"month_first_date", match_month_first, kMonthFirstExamples},
    {"quarter", match_quarter, {}},
};
constexpr RuleTable kTables[] = {{RuleTrigger::kNumber, kNumberRules},
                                 {RuleTrigger::kWord, kWordRules}};

}  // namespace

std::span<const RuleTable> date_rules() { return kTables; }

}  // namespace myna::text
