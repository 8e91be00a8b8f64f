// say-as for dates, times of day and durations.
#include <array>

#include "text/normalize/months.h"
#include "text/normalize/number_literal.h"
#include "text/normalize/say_as_readers.h"

namespace myna::text {
namespace {

// A stretch of tokens with a number or the name of a month.
struct DatePart {
  size_t begin = 0, end = 0;  // tokens; parts of compact digits share them
  std::string_view digits;    // empty for a month's name
  std::string_view month;     // its name
};

bool is_filler(const Tokens& tokens, size_t at) {
  static constexpr std::u32string_view kSeparators = U"/-–.,()";
  if (tokens.at(at).kind == TokenKind::kSymbol)
    return kSeparators.find(tokens.at(at).symbol) != std::u32string_view::npos;
  return tokens.is_word(at, "the") || tokens.is_word(at, "of");
}

// At most four parts; empty when the stretch holds anything that is no part of a date.
std::vector<DatePart> date_parts(const Tokens& tokens) {
  std::vector<DatePart> parts;
  size_t begin = 0;  // behind the part before: "the" and "of" belong to the part that follows
  for (size_t at = 0; at < tokens.size();) {
    if (parts.size() > 3) return {};
    if (tokens.is_number(at)) {
      DatePart part{begin, at + 1, tokens.text(at), {}};
      for (const std::string_view suffix : {"st", "nd", "rd", "th"}) {
        if (tokens.attached(at + 1) && tokens.is_word(at + 1, suffix)) part.end = at + 2;
      }
      at = begin = part.end;
      parts.push_back(part);
    } else if (const auto month = month_at(tokens, at)) {
      parts.push_back({begin, at + month->count, {}, month->name});
      at += month->count;
      begin = at;
    } else if (tokens.is_symbol(at, U'?')) {
      ++at;  // vxml:date: unknown
    } else if (is_filler(tokens, at)) {
      ++at;
    } else {
      return {};
    }
  }
  if (!parts.empty()) parts.back().end = tokens.size();
  return parts;
}

// 20240303 as the fields of `format`.
std::vector<DatePart> split_compact(const DatePart& whole, std::string_view format) {
  size_t short_length = 2 * format.size();
  const bool has_year = format.find('y') != std::string_view::npos;
  const size_t year_digits =
      has_year && whole.digits.size() == short_length + 2 ? size_t{4} : size_t{2};
  if (has_year && year_digits == 4) short_length += 2;
  if (whole.digits.size() != short_length) return {};
  std::vector<DatePart> parts;
  size_t at = 0;
  for (const char field : format) {
    const size_t length = field == 'y' ? year_digits : 2;
    parts.push_back({whole.begin, whole.end, whole.digits.substr(at, length), {}});
    at += length;
  }
  return parts;
}

// The order of the fields where none was given.
std::string guess_format(const std::vector<DatePart>& parts, bool british) {
  const auto is_year = [&](size_t i) { return parts[i].digits.size() >= 3; };
  const auto is_name = [&](size_t i) { return !parts[i].month.empty(); };
  if (parts.size() == 1) {
    if (is_name(0)) return "m";
    if (parts[0].digits.size() == 8) return "ymd";
    return is_year(0) ? "y" : "d";
  }
  if (parts.size() == 2) {
    if (is_year(0)) return "ym";
    if (is_year(1)) return "my";
    if (is_name(0)) return "md";
    if (is_name(1)) return "dm";
    return british ? "dm" : "md";
  }
  if (is_year(0)) return is_name(2) ? "ydm" : "ymd";
  if (is_name(0)) return "mdy";
  if (is_name(1)) return "dmy";
  const long long first = number_value(parts[0].digits);
  return british || first > 12 ? "dmy" : "mdy";
}

struct Date {
  const DatePart* year = nullptr;
  const DatePart* month = nullptr;
  const DatePart* day = nullptr;
  int month_number = 0;
};

bool fill(const std::vector<DatePart>& parts, std::string_view format, Date& date) {
  for (size_t i = 0; i < parts.size(); ++i) {
    const DatePart& part = parts[i];
    switch (format[i]) {
      case 'y':
        if (part.digits.empty() || part.digits.size() > 4) return false;
        date.year = &part;
        break;
      case 'm': {
        const long long value = part.month.empty() ? number_value(part.digits) : 1;
        if (value < 1 || value > 12) return false;
        date.month = &part;
        date.month_number = static_cast<int>(value);
        break;
      }
      default: {
        const long long value = part.month.empty() ? number_value(part.digits) : 0;
        if (value < 1 || value > 31) return false;
        date.day = &part;
      }
    }
  }
  static constexpr std::array<int, 12> kDays = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return date.day == nullptr || date.month == nullptr || !date.month->month.empty() ||
         number_value(date.day->digits) <= kDays[static_cast<size_t>(date.month_number) - 1];
}

void speak_date(const Tokens& tokens, const Date& date, SpeechBuilder& speech) {
  const auto day = [&](bool article) {
    NumberWords words;
    if (article) words.push_back("the");
    append_ordinal(date.day->digits, tokens.dialect(), words);
    speak(tokens, date.day->begin, date.day->end, words, speech);
  };
  const auto month = [&] {
    set_source(tokens, date.month->begin, date.month->end, speech);
    speech.word(date.month->month.empty() ? month_name(date.month_number) : date.month->month);
  };
  if (date.day != nullptr && date.month != nullptr) {
    if (tokens.british()) {
      day(true);
      speech.word("of");
      month();
    } else {
      month();
      day(false);
    }
  } else if (date.day != nullptr) {
    day(true);
  } else if (date.month != nullptr) {
    month();
  }
  if (date.year == nullptr) return;
  NumberWords words;
  if (date.year->digits.size() == 2) {
    append_two_digits(date.year->digits, words);
    if (words.empty()) words = {"two", "thousand"};
  } else {
    append_year(date.year->digits, tokens.dialect(), words);
  }
  speak(tokens, date.year->begin, date.year->end, words, speech);
}

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

bool read_as_date(const Tokens& tokens, std::string_view format, SpeechBuilder& speech) {
  std::vector<DatePart> parts = date_parts(tokens);
  if (parts.empty()) return false;
  std::string order(format);
  if (order.empty()) order = guess_format(parts, tokens.british());
  if (parts.size() == 1 && order.size() > 1 && parts[0].month.empty())
    parts = split_compact(parts[0], order);
  // vxml writes an unknown year as ????: what is left is month and day.
  if (parts.size() == 1 && order.size() == 1 && parts[0].digits.size() == 4 && order != "y")
    return false;
  if (parts.empty() || parts.size() != order.size()) return false;
  Date date;
  if (!fill(parts, order, date)) return false;
  speak_date(tokens, date, speech);
  return true;
}

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
