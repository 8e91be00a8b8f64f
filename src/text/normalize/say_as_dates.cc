// say-as for dates.
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

}  // namespace myna::text
