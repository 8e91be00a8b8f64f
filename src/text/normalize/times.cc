// Times of day: 3:30 pm · 15:45 · 9am · 10:00:00; durations such as 1:01:01; scores and ratios with
// a colon belong here too, since only the digits tell them apart.
#include <algorithm>

#include "text/normalize/number_literal.h"
#include "text/normalize/word_list.h"

namespace myna::text {
namespace {

struct HalfDay {
  std::string_view letters;  // "AM" or "PM", empty when there is none
  size_t count = 0;
  bool had_period = false;
};

// am, a.m., AM, p.m at token `at`.
HalfDay half_day_at(const Tokens& tokens, size_t at) {
  if (!tokens.is_word(at)) return {};
  for (const std::string_view letters : {"AM", "PM"}) {
    const char first = static_cast<char>(letters[0] + 32);
    const std::string joined{first, 'm'};
    if (tokens.is_word(at, joined)) return {letters, 1, false};
    if (!tokens.is_word(at, joined.substr(0, 1)) || !tokens.attached_symbol(at + 1, U'.') ||
        !tokens.attached(at + 2) || !tokens.is_word(at + 2, "m")) {
      continue;
    }
    const bool period = tokens.attached_symbol(at + 3, U'.');
    return {letters, size_t{period ? 4u : 3u}, period};
  }
  return {};
}

void speak_half_day(const Tokens& tokens, size_t at, const HalfDay& half, SpeechBuilder& speech) {
  if (half.count == 0) return;
  set_source(tokens, at, at + half.count, speech);
  speech.word(half.letters, Reading::kLetters);
  if (half.had_period && tokens.abbreviation_ends_sentence(at + half.count)) {
    set_source(tokens, at + half.count - 1, at + half.count, speech);
    speech.mark(U'.');
  }
}

// "2pm-5pm", "4:00 am - 8:12 pm": the dash behind a time and before a number is "to".
size_t speak_range_dash(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (!is_range_dash(tokens, at) || !tokens.is_number(at + 1)) return 0;
  if (tokens.attached(at) != tokens.attached(at + 1)) return 0;
  speak(tokens, at, at + 1, "to", speech);
  return 1;
}

// EST, e.s.t., GMT+1 behind a time. Returns the tokens taken.
size_t speak_zone(const Tokens& tokens, size_t at, bool half_day, SpeechBuilder& speech) {
  static constexpr std::string_view kZones[] = {
      "est",  "edt",  "cst",  "cdt",  "mst",  "mdt",  "pst",  "pdt", "gmt", "utc", "bst",
      "ist",  "cet",  "cest", "eet",  "eest", "wet",  "west", "jst", "kst", "hst", "akst",
      "akdt", "aest", "aedt", "acst", "awst", "nzst", "nzdt", "msk", "sgt", "hkt", "sast"};
  static constexpr std::string_view kShort[] = {"et", "ct", "mt", "pt", "z"};
  if (!tokens.is_word(at)) return 0;
  const std::string_view word = tokens.text(at);
  size_t end = at + 1;
  std::string letters(word);
  // e.s.t.
  while (word.size() == 1 && letters.size() < 4 && tokens.attached_symbol(end, U'.') &&
         tokens.attached(end + 1) && tokens.is_word(end + 1) && tokens.text(end + 1).size() == 1) {
    letters += tokens.text(end + 1);
    end += 2;
  }
  const bool dotted = end > at + 1;
  if (is_in_list(letters, kZones)) {
    // "west" and "wet" are words unless in capitals.
    if (!is_all_upper(letters) && (letters == "west" || letters == "wet" || letters == "ist"))
      return 0;
  } else if (!is_in_list(letters, kShort) || !is_all_upper(letters) ||
             (!half_day && letters != "Z" && !dotted)) {
    return 0;
  }
  for (char& c : letters) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  if (letters == "Z") {
    if (!tokens.attached(at)) return 0;
    letters = "UTC";
  }
  bool period = false;
  if (dotted && tokens.attached_symbol(end, U'.')) {
    period = tokens.abbreviation_ends_sentence(end + 1);
    ++end;
  }
  if (!tokens.ends_before(end) && !tokens.is_symbol(end, U'+') && !is_range_dash(tokens, end))
    return 0;
  set_source(tokens, at, end, speech);
  speech.own_word(letters, Reading::kLetters);
  if (period) {
    set_source(tokens, end - 1, end, speech);
    speech.mark(U'.');
  }
  // GMT+1, UTC-5
  const bool plus = tokens.attached_symbol(end, U'+');
  const bool minus = tokens.attached_symbol(end, U'-') || tokens.attached_symbol(end, U'−');
  if ((plus || minus) && tokens.attached(end + 1) && tokens.is_number(end + 1) &&
      tokens.text(end + 1).size() <= 2) {
    NumberWords words = {plus ? "plus" : "minus"};
    append_cardinal(tokens.text(end + 1), tokens.dialect(), words);
    speak(tokens, end, end + 2, words, speech);
    end += 2;
  }
  return end - at;
}

void append_unit(long long value, std::string_view one, std::string_view many, Dialect dialect,
                 NumberWords& words) {
  append_cardinal(std::to_string(value), dialect, words);
  words.push_back(value == 1 ? one : many);
}

// "until 6.30", in British text "at 9.40": hours and minutes parted by a point. What is traded
// at 4.25 is no time.
size_t match_pointed_clock(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (!tokens.attached_symbol(at + 1, U'.') || !tokens.attached(at + 2) ||
      !tokens.is_number(at + 2) || tokens.text(at + 2).size() != 2 || tokens.text(at).size() > 2 ||
      !tokens.ends_before(at + 3) || at == 0) {
    return 0;
  }
  if (number_value(tokens.text(at)) > 23 || number_value(tokens.text(at + 2)) > 59) return 0;
  const bool cue = tokens.is_word(at - 1, "until") || tokens.is_word(at - 1, "till") ||
                   (tokens.british() && tokens.is_word(at - 1, "at"));
  if (!cue) return 0;
  static constexpr std::string_view kPrices[] = {"closed",  "traded", "trading", "priced", "stood",
                                                 "stands",  "opened", "valued",  "rates",  "rate",
                                                 "yielded", "was",    "is",      "remains"};
  if (at > 1 && is_in_list(tokens.text(at - 2), kPrices)) return 0;
  static constexpr std::string_view kBehind[] = {
      "on",  "in",   "when", "and",  "but",   "to",    "till", "for",   "we",    "he",
      "she", "they", "i",    "with", "until", "sharp", "the",  "after", "before"};
  if (tokens.is_word(at + 3) && !is_in_list(tokens.text(at + 3), kBehind)) return 0;
  if (tokens.is_symbol(at + 3, U'%')) return 0;
  NumberWords words;
  append_cardinal(tokens.text(at), tokens.dialect(), words);
  if (tokens.text(at + 2) == "00") {
    words.push_back("o'clock");
  } else {
    append_two_digits(tokens.text(at + 2), words);
  }
  speak(tokens, at, at + 3, words, speech);
  return 3;
}

// 3:30, 15:45, 3:30:15, 4:1, with an optional half of the day
size_t match_clock(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const std::string_view hours = tokens.text(at);
  // 8.30 is a time in British text, and anywhere with a half of the day behind it.
  const bool british_point = tokens.attached_symbol(at + 1, U'.') &&
                             (tokens.british() || half_day_at(tokens, at + 3).count != 0);
  if (hours.size() > 2 || !tokens.attached(at + 2) || !tokens.is_number(at + 2)) return 0;
  if (!tokens.attached_symbol(at + 1, U':') && !british_point) return 0;
  const std::string_view minutes = tokens.text(at + 2);
  size_t next = at + 3;
  const bool has_seconds = tokens.attached_symbol(next, U':') && tokens.attached(next + 1) &&
                           tokens.is_number(next + 1) && tokens.text(next + 1).size() == 2;
  const long long hour = number_value(hours), minute = number_value(minutes);
  NumberWords words;
  if (has_seconds && !british_point) {
    const long long second = number_value(tokens.text(next + 1));
    next += 2;
    if (minute > 59 || second > 59 || minutes.size() != 2) return 0;
    append_unit(hour, "hour", "hours", tokens.dialect(), words);
    append_unit(minute, "minute", "minutes", tokens.dialect(), words);
    words.push_back("and");
    append_unit(second, "second", "seconds", tokens.dialect(), words);
    speak(tokens, at, next, words, speech);
    const HalfDay half = half_day_at(tokens, next);
    speak_half_day(tokens, next, half, speech);
    next += half.count;
    return next + speak_zone(tokens, next, half.count != 0, speech) - at;
  }
  // 15:02.4, 1:59.40: minutes and seconds of a race.
  if (tokens.attached_symbol(at + 1, U':') && minutes.size() == 2 && minute <= 59 &&
      tokens.attached_symbol(next, U'.') && tokens.attached(next + 1) &&
      tokens.is_number(next + 1) && tokens.text(next + 1).size() <= 3 &&
      tokens.ends_before(next + 2)) {
    append_unit(hour, "minute", "minutes", tokens.dialect(), words);
    append_cardinal(minutes, tokens.dialect(), words);
    words.push_back("point");
    append_digits(tokens.text(next + 1), words);
    words.push_back("seconds");
    speak(tokens, at, next + 2, words, speech);
    return next + 2 - at;
  }
  if (minutes.size() != 2 || minute > 59 || hour > 24) {
    // 4:1, 100:1: odds and ratios
    if (british_point || !tokens.ends_before(next)) return 0;
    append_cardinal(hours, tokens.dialect(), words);
    words.push_back("to");
    append_cardinal(minutes, tokens.dialect(), words);
    speak(tokens, at, next, words, speech);
    return 3;
  }
  const HalfDay half = half_day_at(tokens, next);
  if (half.count == 0 && tokens.attached(next) && tokens.is_word(next, "z")) {
    append_cardinal(hours, tokens.dialect(), words);
    append_two_digits(minutes, words);
    speak(tokens, at, next, words, speech);
    return next + speak_zone(tokens, next, false, speech) - at;
  }
  if (half.count == 0 &&
      (british_point || (tokens.attached(next) && !tokens.ends_before(next) &&
                         !is_range_dash(tokens, next) && !tokens.is_word(next, "h")))) {
    return 0;
  }
  if (minute == 0 && half.count == 0 && (hours == "00" || hour == 24)) {
    speak(tokens, at, next, "midnight", speech);
    return next + speak_zone(tokens, next, false, speech) - at;
  }
  append_cardinal(hours == "00" ? std::string_view("0") : hours, tokens.dialect(), words);
  if (minute != 0) {
    append_two_digits(minutes, words);
  } else if (half.count == 0 && !(is_range_dash(tokens, next) && tokens.is_number(next + 1))) {
    words.push_back("o'clock");
  }
  if (tokens.attached(next) && tokens.is_word(next, "h")) ++next;  // 18:00h
  speak(tokens, at, next, words, speech);
  speak_half_day(tokens, next, half, speech);
  next += half.count;
  next += speak_zone(tokens, next, half.count != 0, speech);
  return next + speak_range_dash(tokens, next, speech) - at;
}

// 0930 GMT, 1500 hours: the military way.
size_t match_military(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const std::string_view digits = tokens.text(at);
  if (digits.size() != 4 || tokens.attached(at) || !tokens.ends_before(at + 1)) return 0;
  const long long hour = number_value(digits.substr(0, 2));
  if (hour > 24 || number_value(digits.substr(2)) > 59) return 0;
  static constexpr std::string_view kZones[] = {"GMT", "UTC", "BST", "EST", "EDT", "CET", "CEST"};
  const bool zone =
      std::find(std::begin(kZones), std::end(kZones), tokens.text(at + 1)) != std::end(kZones);
  const bool hours = (tokens.is_word(at + 1, "hours") || tokens.is_word(at + 1, "hrs")) &&
                     (digits[0] == '0' || tokens.is_word(at - 1, "at") ||
                      tokens.is_word(at - 1, "by") || tokens.is_word(at - 1, "until"));
  const bool clock = tokens.is_word(at + 1, "hrs") && digits.substr(2) != "00";
  const bool train = digits[0] == '0' &&
                     (tokens.is_word(at - 1, "at") || tokens.is_word(at - 1, "by")) &&
                     tokens.ends_before(at + 1) && !tokens.is_symbol(at + 1, U'%');
  if (!zone && !hours && !clock && !train) return 0;
  NumberWords words;
  if (digits[0] == '0') words.push_back("oh");
  append_cardinal(std::to_string(hour), tokens.dialect(), words);
  if (digits.substr(2) == "00") {
    words.push_back("hundred");
  } else {
    append_two_digits(digits.substr(2), words);
  }
  speak(tokens, at, at + 1, words, speech);
  if (!tokens.is_word(at + 1, "hrs")) return 1;
  speak(tokens, at + 1, at + 2, "hours", speech);
  return 2;
}

// 9am, 9 a.m.
size_t match_hour(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (tokens.text(at).size() > 2) return 0;
  const long long hour = number_value(tokens.text(at));
  if (hour < 1 || hour > 12) return 0;
  const HalfDay half = half_day_at(tokens, at + 1);
  // "9 am" is a time, "if 9 am I" hardly ever occurs.
  if (half.count == 0) return 0;
  NumberWords words;
  append_cardinal(tokens.text(at), tokens.dialect(), words);
  speak(tokens, at, at + 1, words, speech);
  speak_half_day(tokens, at + 1, half, speech);
  size_t next = at + 1 + half.count;
  next += speak_zone(tokens, next, true, speech);
  return next + speak_range_dash(tokens, next, speech) - at;
}

// 5-7pm, 9:30–11 a.m.: the first hour of a range whose half of the day stands at its end.
size_t match_hour_range(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (tokens.text(at).size() > 2 || !is_range_dash(tokens, at + 1) || !tokens.is_number(at + 2) ||
      tokens.attached(at + 1) != tokens.attached(at + 2)) {
    return 0;
  }
  const long long hour = number_value(tokens.text(at));
  if (hour < 1 || hour > 12 || tokens.text(at + 2).size() > 2) return 0;
  const bool minutes =
      tokens.attached_symbol(at + 3, U':') && tokens.attached(at + 4) && tokens.is_number(at + 4);
  if (half_day_at(tokens, at + (minutes ? 5 : 3)).count == 0) return 0;
  NumberWords words;
  append_cardinal(tokens.text(at), tokens.dialect(), words);
  speak(tokens, at, at + 1, words, speech);
  speak(tokens, at + 1, at + 2, "to", speech);
  return 2;
}

constexpr RuleExample kClockExamples[] = {
    {"3:30 pm", "three thirty PM"},
    {"at 15:45", "at fifteen forty five"},
    {"3:05", "three oh five"},
    {"23:00", "twenty three o'clock"},
    {"01:00 a.m.", "one AM"},
    {"1:01:01", "one hour one minute and one second"},
    {"4:1", "four to one"},
    {"in 15:02.4", "in fifteen minutes two point four seconds"},
    {"3.30pm", "three thirty PM", Dialect::kBritish},
    {"at 00:00 GMT", "at midnight GMT"},
    {"16:05 CET", "sixteen oh five CET"},
};
constexpr RuleExample kPointedExamples[] = {
    {"until 6.30.", "until six thirty"},
    {"arrived at 9.40, and", "arrived at nine forty and", Dialect::kBritish},
    {"traded at 9.40", "traded at nine point four zero", Dialect::kBritish},
    {"at 9.40", "at nine point four zero"}};
constexpr RuleExample kMilitaryExamples[] = {
    {"by 0930 GMT", "by oh nine thirty GMT"},
    {"at 1500 hours", "at fifteen hundred hours"},
    {"1515 hrs", "fifteen fifteen hours"},
    {"departs at 0825.", "departs at oh eight twenty five"},
    {"for 1500 hours", "for one thousand five hundred hours"}};
constexpr RuleExample kHourRangeExamples[] = {{"5-7pm", "five to seven PM"},
                                              {"9-11:30 a.m.", "nine to eleven thirty AM"}};
constexpr RuleExample kHourExamples[] = {{"9am", "nine AM"},
                                         {"from 2pm-5pm", "from two PM to five PM"},
                                         {"5 a.m. EST", "five AM EST"},
                                         {"9 p.m. e.s.t.", "nine PM EST"},
                                         {"8am GMT+1 on", "eight AM GMT plus one on"}};

constexpr Rule kRules[] = {{"clock", match_clock, kClockExamples},
                           {"pointed_clock", match_pointed_clock, kPointedExamples},
                           {"military_time", match_military, kMilitaryExamples},
                           {"hour_range", match_hour_range, kHourRangeExamples},
                           {"hour", match_hour, kHourExamples}};
constexpr RuleTable kTables[] = {{RuleTrigger::kNumber, kRules}};

}  // namespace

std::span<const RuleTable> time_rules() { return kTables; }

}  // namespace myna::text
