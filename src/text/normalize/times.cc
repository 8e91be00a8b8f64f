// Times of day: 3:30 pm · 15:45 · 9am · 10:00:00; durations such as 1:01:01; scores and ratios with
// a colon belong here too, since only the digits tell them apart.
#include "text/normalize/number_literal.h"

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

void append_unit(long long value, std::string_view one, std::string_view many, Dialect dialect,
                 NumberWords& words) {
  append_cardinal(std::to_string(value), dialect, words);
  words.push_back(value == 1 ? one : many);
}

// 3:30, 15:45, 3:30:15, 4:1, with an optional half of the day
size_t match_clock(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const std::string_view hours = tokens.text(at);
  const bool british_point = tokens.british() && tokens.attached_symbol(at + 1, U'.');
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
    return next + half.count - at;
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
  if (half.count == 0 && (british_point || (tokens.attached(next) && !tokens.ends_before(next) &&
                                            !is_range_dash(tokens, next)))) {
    return 0;
  }
  append_cardinal(hours == "00" ? std::string_view("0") : hours, tokens.dialect(), words);
  if (minute != 0) {
    append_two_digits(minutes, words);
  } else if (half.count == 0) {
    words.push_back("o'clock");
  }
  speak(tokens, at, next, words, speech);
  speak_half_day(tokens, next, half, speech);
  next += half.count;
  return next + speak_range_dash(tokens, next, speech) - at;
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
  return 1 + half.count + speak_range_dash(tokens, at + 1 + half.count, speech);
}

constexpr RuleExample kClockExamples[] = {
    {"3:30 pm", "three thirty PM"}, {"at 15:45", "at fifteen forty five"},
    {"3:05", "three oh five"},      {"23:00", "twenty three o'clock"},
    {"01:00 a.m.", "one AM"},       {"1:01:01", "one hour one minute and one second"},
    {"4:1", "four to one"},         {"3.30pm", "three thirty PM", Dialect::kBritish},
};
constexpr RuleExample kHourExamples[] = {{"9am", "nine AM"},
                                         {"from 2pm-5pm", "from two PM to five PM"}};

constexpr Rule kRules[] = {{"clock", match_clock, kClockExamples},
                           {"hour", match_hour, kHourExamples}};
constexpr RuleTable kTables[] = {{RuleTrigger::kNumber, kRules}};

}  // namespace

std::span<const RuleTable> time_rules() { return kTables; }

}  // namespace myna::text
