// say-as for times of day and durations.
#include "text/normalize/number_literal.h"
#include "text/normalize/say_as_readers.h"

namespace myna::text {
namespace {

// "am", "p.m.", vxml's a and p at the end of a time. tokens taken; letters empty when none.
size_t half_day_at(const Tokens& tokens, size_t at, std::string_view& letters) {
  if (!tokens.is_word(at)) return 0;
  for (const std::string_view half : {"am", "pm"}) {
    const std::string_view first = half.substr(0, 1);
    size_t end = 0;
    if (tokens.is_word(at, half)) {
      end = at + 1;
    } else if (tokens.is_word(at, first)) {
      end = at + 1;
      if (tokens.is_symbol(end, U'.') && tokens.is_word(end + 1, "m")) end += 2;
    } else {
      continue;
    }
    if (tokens.is_symbol(end, U'.')) ++end;
    letters = half == "am" ? "AM" : "PM";
    return end - at;
  }
  return 0;
}

struct Clock {
  std::string_view hour, minute, second;
};

void speak_clock(const Tokens& tokens, size_t end, const Clock& clock, bool half_follows,
                 SpeechBuilder& speech) {
  NumberWords words;
  append_cardinal(clock.hour, tokens.dialect(), words);
  const bool full = clock.minute.empty() || clock.minute == "00";
  if (!full) {
    append_two_digits(clock.minute, words);
  } else if (!half_follows && clock.second.empty()) {
    words.push_back(number_value(clock.hour) > 12 || clock.hour == "00" || clock.hour == "0"
                        ? "hundred hours"
                        : "o'clock");
  }
  speak(tokens, 0, end, "", speech);
  for (const auto word : words) speech.words(word);
  if (!clock.second.empty() && number_value(clock.second) > 0) {
    words = {"and"};
    append_cardinal(clock.second, tokens.dialect(), words);
    words.push_back(number_value(clock.second) == 1 ? "second" : "seconds");
    for (const auto word : words) speech.word(word);
  }
}

struct TimeUnit {
  std::string_view written, one, many;
};
constexpr TimeUnit kTimeUnits[] = {
    {"y", "year", "years"},
    {"yr", "year", "years"},
    {"years", "year", "years"},
    {"year", "year", "years"},
    {"mo", "month", "months"},
    {"months", "month", "months"},
    {"month", "month", "months"},
    {"w", "week", "weeks"},
    {"weeks", "week", "weeks"},
    {"week", "week", "weeks"},
    {"d", "day", "days"},
    {"days", "day", "days"},
    {"day", "day", "days"},
    {"h", "hour", "hours"},
    {"hr", "hour", "hours"},
    {"hrs", "hour", "hours"},
    {"hours", "hour", "hours"},
    {"hour", "hour", "hours"},
    {"min", "minute", "minutes"},
    {"mins", "minute", "minutes"},
    {"minutes", "minute", "minutes"},
    {"minute", "minute", "minutes"},
    {"m", "minute", "minutes"},
    {"s", "second", "seconds"},
    {"sec", "second", "seconds"},
    {"secs", "second", "seconds"},
    {"seconds", "second", "seconds"},
    {"second", "second", "seconds"},
    {"ms", "millisecond", "milliseconds"},
};

const TimeUnit* time_unit(std::string_view written) {
  for (const TimeUnit& unit : kTimeUnits) {
    if (equals_ignoring_case(written, unit.written)) return &unit;
  }
  return nullptr;
}

void speak_quantity(const Tokens& tokens, size_t begin, size_t end, const NumberLiteral& number,
                    const TimeUnit& unit, SpeechBuilder& speech) {
  NumberWords words;
  NumberLiteral plain = number;
  const size_t zeros = std::min(plain.integer.find_first_not_of('0'), plain.integer.size());
  plain.integer.erase(0, zeros == plain.integer.size() && zeros > 0 ? zeros - 1 : zeros);
  append_number(plain, tokens.dialect(), words);
  words.push_back(plain.is_one() ? unit.one : unit.many);
  speak(tokens, begin, end, words, speech);
}

// 1:18:30 and 90, whose numbers mean what `format` says.
bool read_colon_duration(const Tokens& tokens, std::string_view format, SpeechBuilder& speech) {
  std::vector<size_t> numbers;
  std::vector<NumberLiteral> values;
  for (size_t at = 0; at < tokens.size();) {
    const auto number = parse_number(tokens, at);
    if (!number || numbers.size() == 3) return false;
    numbers.push_back(at);
    values.push_back(*number);
    at += number->count;
    if (at == tokens.size()) break;
    if (!tokens.is_symbol(at, U':') || ++at == tokens.size()) return false;
  }
  static constexpr std::string_view kUsual[] = {"", "s", "ms", "hms"};
  if (format.empty() && values.size() > 1) format = kUsual[values.size()];
  if (format.size() != values.size()) return false;
  bool any = false;
  for (size_t i = 0; i < values.size(); ++i) {
    // Fields of zero are left out, but not all of them, and "and" stands before the last.
    const bool last = i + 1 == values.size();
    if (number_value(values[i].integer) == 0 && values[i].is_whole() && (any || !last)) {
      // Its digits still belong to a word: to the one before, or to the one that comes.
      if (any) speech.items().back().end = tokens.at(numbers[i]).end;
      if (!any && !last) numbers[i + 1] = numbers[i];
      continue;
    }
    const size_t begin = numbers[i];
    const size_t end = last ? tokens.size() : numbers[i + 1];
    const std::string_view letter = format.substr(i, 1);
    if (any && last) speak(tokens, begin, end, "and", speech);
    speak_quantity(tokens, begin, std::max(end, begin + 1), values[i], *time_unit(letter), speech);
    any = true;
  }
  return any;
}

}  // namespace

bool read_as_time(const Tokens& tokens, std::string_view format, SpeechBuilder& speech) {
  std::string_view half;
  Clock clock;
  if (!tokens.is_number(0)) return false;
  size_t at = 1;
  const std::string_view first = tokens.text(0);
  if (first.size() == 4 || first.size() == 6) {  // 1430, 143015
    clock = {first.substr(0, 2), first.substr(2, 2), first.substr(4)};
  } else if (first.size() <= 2) {
    clock.hour = first;
    const auto field = [&](std::string_view& out) {
      const bool parted =
          tokens.is_symbol(at, U':') || tokens.is_symbol(at, U'.') || tokens.is_word(at, "h");
      if (!parted || !tokens.is_number(at + 1) || tokens.text(at + 1).size() != 2) return;
      out = tokens.text(at + 1);
      at += 2;
    };
    field(clock.minute);
    if (!clock.minute.empty()) field(clock.second);
  } else {
    return false;
  }
  // A bare number is a time only where the format says so.
  size_t end = at + half_day_at(tokens, at, half);
  if (half.empty() && (tokens.is_word(at, "h") || tokens.is_symbol(at, U'?'))) end = at + 1;
  if (end < tokens.size()) {
    // A time zone: EST, GMT.
    if (!tokens.is_word(end) || !is_all_upper(tokens.text(end)) || end + 1 != tokens.size())
      return false;
  }
  const long long hour = number_value(clock.hour);
  const bool twelve = format == "hms12" || !half.empty();
  if (hour > (twelve ? 12 : 24) || (twelve && hour == 0)) return false;
  if (!clock.minute.empty() && number_value(clock.minute) > 59) return false;
  if (!clock.second.empty() && number_value(clock.second) > 59) return false;
  if (clock.minute.empty() && half.empty() && format.empty()) return false;
  speak_clock(tokens, at, clock, !half.empty(), speech);
  if (!half.empty()) {
    set_source(tokens, at, end, speech);
    speech.word(half, Reading::kLetters);
  }
  if (end < tokens.size()) {
    set_source(tokens, end, end + 1, speech);
    speech.word(tokens.text(end), Reading::kLetters);
  }
  return true;
}

bool read_as_duration(const Tokens& tokens, std::string_view format, SpeechBuilder& speech) {
  if (read_colon_duration(tokens, format, speech)) return true;
  // 2h30m, 1 hr 5 min, 1'21", and ISO 8601: P3DT4H30M
  size_t at = 0;
  bool iso = false, in_time = false, any = false;
  size_t begin = 0;
  if (tokens.is_word(0, "p") || tokens.is_word(0, "pt")) {
    iso = true;
    in_time = tokens.text(0).size() == 2;
    at = 1;
  }
  while (at < tokens.size()) {
    const auto number = parse_number(tokens, at);
    if (!number) return false;
    const size_t unit_at = at + number->count;
    const TimeUnit* unit = nullptr;
    bool time_follows = false;
    if (tokens.is_word(unit_at)) {
      std::string_view written = tokens.text(unit_at);
      if (iso && written.size() == 2 && (written[1] == 'T' || written[1] == 't')) {
        written = written.substr(0, 1);
        time_follows = true;
      }
      unit = iso && !in_time && equals_ignoring_case(written, "m") ? time_unit("mo")
                                                                   : time_unit(written);
    } else if (tokens.is_symbol(unit_at, U'\'')) {
      unit = time_unit("m");
    } else if (tokens.is_symbol(unit_at, U'"')) {
      unit = time_unit("s");
    }
    if (unit == nullptr) return false;
    in_time |= time_follows;
    size_t end = unit_at + 1;
    if (tokens.is_symbol(end, U'.') || tokens.is_symbol(end, U',')) ++end;
    if (tokens.is_word(end, "and")) ++end;
    speak_quantity(tokens, begin, end, *number, *unit, speech);
    any = true;
    begin = at = end;
  }
  return any;
}

}  // namespace myna::text
