// Dates: March 3, 2024 · 3 March 2024 · 3rd of March · 2024-03-03 · 3/4/2024 · Jan. 15 · Mon 3 Mar
#include "text/normalize/months.h"
#include "text/normalize/number_literal.h"
#include "text/normalize/word_list.h"

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

// A lower-case month in front of "fifth" or "twenty third": the word august is another.
bool ordinal_word_follows(const Tokens& tokens, size_t at) {
  static constexpr std::string_view kOrdinals[] = {
      "first",      "second",     "third",     "fourth",    "fifth",       "sixth",
      "seventh",    "eighth",     "ninth",     "tenth",     "eleventh",    "twelfth",
      "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth",
      "nineteenth", "twentieth",  "thirtieth", "twenty",    "thirty"};
  return tokens.is_word(at) && is_in_list(tokens.text(at), kOrdinals);
}

size_t match_spoken_date(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const auto month = month_at(tokens, at);
  if (!month || is_capitalized(tokens.text(at)) || month->ambiguous) return 0;
  if (!ordinal_word_follows(tokens, at + 1)) return 0;
  speak(tokens, at, at + month->count, month->name, speech);
  return month->count;
}

// "may 5, 2024" and "march 3." are dates, "may 5 people" is not: what stands behind the day tells.
bool day_ends_phrase(const Tokens& tokens, size_t next) {
  return !tokens.exists(next) || is_year_number(tokens, next) || tokens.is_symbol(next, U',') ||
         tokens.is_symbol(next, U'.') || tokens.is_symbol(next, U')') ||
         tokens.is_symbol(next, U';');
}

// - between the ends of a range of dates: "Jan 5 – Feb 3". Returns 1 when it is said.
size_t speak_dash_to_date(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (!is_range_dash(tokens, at) || tokens.attached(at) != tokens.attached(at + 1)) return 0;
  if (!month_at(tokens, at + 1) && !(day_at(tokens, at + 1).value != 0 &&
                                     month_at(tokens, at + 1 + day_at(tokens, at + 1).count))) {
    return 0;
  }
  speak(tokens, at, at + 1, "to", speech);
  return 1;
}

// An optional comma and a year; the number of tokens it takes.
size_t year_tail(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const bool comma = tokens.attached_symbol(at, U',');
  const size_t year = comma ? at + 1 : at;
  // 3 March '24
  if (tokens.is_symbol(year, U'\'') && tokens.attached(year + 1) && tokens.is_number(year + 1) &&
      tokens.text(year + 1).size() == 2 && tokens.ends_before(year + 2)) {
    NumberWords words;
    append_two_digits(tokens.text(year + 1), words);
    speak(tokens, year, year + 2, words, speech);
    return words.empty() ? 0 : year + 2 - at;
  }
  if (!is_year_number(tokens, year)) return 0;
  if (!tokens.ends_before(year + 1) && !is_range_dash(tokens, year + 1)) return 0;
  if (!comma && tokens.attached(year)) return 0;
  if (comma) {
    set_source(tokens, at, at + 1, speech);
    speech.mark(U',');
  }
  speak_year(tokens, year, speech);
  // January 1916-17
  if (is_range_dash(tokens, year + 1) && tokens.attached(year + 1) && tokens.attached(year + 2) &&
      tokens.is_number(year + 2) && tokens.ends_before(year + 3)) {
    const std::string_view last = tokens.text(year + 2);
    NumberWords words = {"to"};
    if (last.size() == 2) append_two_digits(last, words);
    if (last.size() == 4) append_year(last, tokens.dialect(), words);
    if (words.size() > 1) {
      speak(tokens, year + 1, year + 3, words, speech);
      return year + 3 - at;
    }
  }
  return year + 1 - at;
}

// March 3, 2024 · Mar. 3 · March 3rd · March 2024 · Jan-15-2020 · March 3-5
size_t match_month_first(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const auto month = month_at(tokens, at);
  if (!month) return 0;
  size_t next = at + month->count;
  if (tokens.attached_symbol(next, U'_')) ++next;  // _March_ 8: emphasis of plain text
  const bool dashed = tokens.attached_symbol(next, U'-') && tokens.attached(next + 1);
  const size_t day_begin = dashed ? next + 1 : next;
  const Day day = day_at(tokens, day_begin);
  if (day.value == 0) {
    // "march, 2024": only the name, so that August is the month
    if (tokens.attached_symbol(next, U',') && is_year_number(tokens, next + 1) &&
        !is_capitalized(tokens.text(at)) && !month->ambiguous) {
      speak(tokens, at, next, month->name, speech);
      return next - at;
    }
    // March 2024, January 1916-17
    if (!is_year_number(tokens, next) || tokens.attached(next) ||
        (!tokens.ends_before(next + 1) && !is_range_dash(tokens, next + 1))) {
      return 0;
    }
    if (month->ambiguous && !is_capitalized(tokens.text(at))) return 0;
    speak(tokens, at, next, month->name, speech);
    return next + year_tail(tokens, next, speech) - at;
  }
  if (month->ambiguous && !is_capitalized(tokens.text(at)) &&
      !day_ends_phrase(tokens, day_begin + day.count)) {
    return 0;
  }
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
  return next + speak_dash_to_date(tokens, next, speech) - at;
}

// 3 March 2024 · 22nd of July · the 26th May
size_t match_day_first(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const Day day = day_at(tokens, at);
  if (day.value == 0) return 0;
  size_t next = at + day.count;
  const bool of = tokens.is_word(next, "of");
  const bool dash = tokens.attached_symbol(next, U'-');
  const size_t month_begin = of || dash ? next + 1 : next;
  const auto month = month_at(tokens, month_begin);
  if (!month) return 0;
  if (month->ambiguous && !is_capitalized(tokens.text(month_begin)) && !of &&
      !is_year_number(tokens, month_begin + month->count)) {
    return 0;
  }
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
  next += year_tail(tokens, next, speech);
  return next + speak_dash_to_date(tokens, next, speech) - at;
}

// 3-5 May 2024: the first day of a range; the rest is read by match_day_first.
size_t match_day_range(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (!tokens.is_number(at) || tokens.text(at).size() > 2 || !is_range_dash(tokens, at + 1) ||
      tokens.attached(at + 1) != tokens.attached(at + 2)) {
    return 0;
  }
  const long long first = number_value(tokens.text(at));
  const Day last = day_at(tokens, at + 2);
  if (first < 1 || last.value <= first) return 0;
  const auto month = month_at(tokens, at + 2 + last.count);
  if (!month || !is_capitalized(tokens.text(at + 2 + last.count))) return 0;
  NumberWords words;
  if (!(at > 0 && tokens.is_word(at - 1, "the"))) words.push_back("the");
  append_ordinal(tokens.text(at), tokens.dialect(), words);
  speak(tokens, at, at + 1, words, speech);
  speak(tokens, at + 1, at + 2, "to", speech);
  return 2;
}

// Mon–Fri, Jan-Mar: short names with "to" between them; Tue, 5 March: a short day before a date.
size_t match_short_day(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  struct Weekday {
    std::string_view written, spoken;
  };
  static constexpr Weekday kDays[] = {
      {"mon", "Monday"},    {"tue", "Tuesday"},  {"tues", "Tuesday"},  {"tu", "Tuesday"},
      {"wed", "Wednesday"}, {"thu", "Thursday"}, {"thur", "Thursday"}, {"thurs", "Thursday"},
      {"th", "Thursday"},   {"fri", "Friday"},   {"sat", "Saturday"},  {"sun", "Sunday"}};
  const auto name_at = [&](size_t i) -> std::string_view {
    if (!tokens.is_word(i) || !is_capitalized(tokens.text(i))) return {};
    for (const Weekday& day : kDays) {
      if (day.written.size() == tokens.text(i).size() && tokens.is_word(i, day.written))
        return day.spoken;
    }
    const auto month = month_at(tokens, i);
    return month ? month->name : std::string_view{};
  };
  // Cheap for the words of a text: names are followed by a dash, a period, a mark or a number.
  if (!is_capitalized(tokens.text(at)) || tokens.text(at).size() > 9) return 0;
  const std::string_view name = name_at(at);
  if (name.empty()) return 0;
  size_t next = at + 1;
  if (tokens.attached_symbol(next, U'.')) ++next;
  // A range of names
  if (is_range_dash(tokens, next) && tokens.attached(next) == tokens.attached(next + 1) &&
      !name_at(next + 1).empty()) {
    speak(tokens, at, next, name, speech);
    speak(tokens, next, next + 1, "to", speech);
    const size_t last = next + 1;
    // The month at the end may have a day of its own, or a period.
    if (month_at(tokens, last) && (tokens.is_number(last + 1) || tokens.is_symbol(last + 1, U'.')))
      return last - at;
    const size_t end = tokens.attached_symbol(last + 1, U'.') && tokens.exists(last + 2) &&
                               !tokens.sentence_may_start(last + 2)
                           ? last + 2
                           : last + 1;
    speak(tokens, last, end, name_at(last), speech);
    return end - at;
  }
  if (month_at(tokens, at)) return 0;
  // Sun and Sat are words: a date or a time must follow.
  size_t date = next;
  if (tokens.is_symbol(date, U',') || tokens.is_symbol(date, U'(')) ++date;
  const bool follows = month_at(tokens, date).has_value() || day_at(tokens, date).value != 0 ||
                       (tokens.is_number(date) && tokens.attached_symbol(date + 1, U'/'));
  if (!follows) return 0;
  speak(tokens, at, next, name, speech);
  return next - at;
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
    {"Jan 5 – Feb 3", "January fifth to February third"},
    {"January 1916-17", "January nineteen sixteen to seventeen"},
    {"_March_ 8", "March eighth"},
    {"may 5, 2024", "May fifth twenty twenty four"},
    {"they may 5 times", "they may five times"},
};
constexpr RuleExample kDayFirstExamples[] = {
    {"3 March 2024", "the third of March twenty twenty four"},
    {"the 26th May", "the twenty sixth of May"},
    {"22nd of July", "the twenty second of July"},
};

constexpr RuleExample kSpokenExamples[] = {{"august twenty third", "August twenty third"}};
constexpr RuleExample kDayRangeExamples[] = {
    {"3-5 May 2024", "the third to the fifth of May twenty twenty four"}};
constexpr RuleExample kShortDayExamples[] = {{"Mon-Fri", "Monday to Friday"},
                                             {"Jan–Mar", "January to March"},
                                             {"Tue, 5 March", "Tuesday the fifth of March"},
                                             {"the Sun said", "the Sun said"}};

constexpr Rule kNumberRules[] = {{"day_range", match_day_range, kDayRangeExamples},
                                 {"day_first_date", match_day_first, kDayFirstExamples}};
constexpr Rule kWordRules[] = {{"month_first_date", match_month_first, kMonthFirstExamples},
                               {"short_day", match_short_day, kShortDayExamples},
                               {"spoken_date", match_spoken_date, kSpokenExamples}};
constexpr RuleTable kTables[] = {{RuleTrigger::kNumber, kNumberRules},
                                 {RuleTrigger::kWord, kWordRules}};

}  // namespace

std::span<const RuleTable> date_rules() { return kTables; }

}  // namespace myna::text
