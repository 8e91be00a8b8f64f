#include "experiences/intake/feed_dates.h"

#include <array>
#include <cctype>
#include <chrono>
#include <string>
#include <vector>

#include "base/plain_text.h"

namespace myna::intake {
namespace {

struct Civil {
  int year = 0;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int offset_minutes = 0;
};

std::optional<int64_t> to_seconds(const Civil& civil) {
  if (civil.year < 1900 || civil.year > 2200) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(civil.year),
                                         std::chrono::month(static_cast<unsigned>(civil.month)),
                                         std::chrono::day(static_cast<unsigned>(civil.day))};
  if (!date.ok() || civil.hour > 24 || civil.minute > 59 || civil.second > 61) return std::nullopt;
  const int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return days * 86400 + civil.hour * 3600 + civil.minute * 60 + civil.second -
         int64_t{60} * civil.offset_minutes;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Up to `most` digits at text[at], which moves behind them; nothing when there are fewer than
// `least`.
std::optional<int> digits(std::string_view text, size_t& at, size_t least, size_t most) {
  size_t end = at;
  int value = 0;
  while (end < text.size() && end - at < most && is_digit(text[end])) {
    value = value * 10 + (text[end++] - '0');
  }
  if (end - at < least) return std::nullopt;
  at = end;
  return value;
}

int month_by_name(std::string_view name) {
  constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                        "jul", "aug", "sep", "oct", "nov", "dec"};
  if (name.size() < 3) return 0;
  for (size_t i = 0; i < kMonths.size(); ++i) {
    if (name.substr(0, 3) == kMonths[i]) return static_cast<int>(i) + 1;
  }
  return 0;
}

std::optional<int> zone_by_name(std::string_view name) {
  struct Zone {
    std::string_view name;
    int hours;
  };
  constexpr Zone kZones[] = {
      {"z", 0},     {"ut", 0},    {"utc", 0},  {"gmt", 0},  {"wet", 0},  {"bst", 1},  {"cet", 1},
      {"met", 1},   {"cest", 2},  {"eet", 2},  {"eest", 3}, {"msk", 3},  {"ist", 5},  {"jst", 9},
      {"est", -5},  {"edt", -4},  {"cst", -6}, {"cdt", -5}, {"mst", -7}, {"mdt", -6}, {"pst", -8},
      {"pdt", -7},  {"ast", -4},  {"adt", -3}, {"et", -5},  {"ct", -6},  {"mt", -7},  {"pt", -8},
      {"akst", -9}, {"akdt", -8}, {"hst", -10}};
  for (const Zone& zone : kZones) {
    if (zone.name == name) return zone.hours * 60;
  }
  return std::nullopt;
}

// "+02:00", "-0500", "+02"
std::optional<int> numeric_zone(std::string_view text) {
  if (text.size() < 3 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  size_t at = 1;
  const auto hours = digits(text, at, 1, 2);
  if (!hours) return std::nullopt;
  if (at < text.size() && text[at] == ':') ++at;
  const int minutes = digits(text, at, 1, 2).value_or(0);
  const int total = *hours * 60 + minutes;
  return text[0] == '-' ? -total : total;
}

// hh:mm[:ss[.fff]], with what stands behind it in `rest`.
bool read_time(std::string_view text, Civil& civil, std::string_view& rest) {
  size_t at = 0;
  const auto hour = digits(text, at, 1, 2);
  if (!hour || at >= text.size() || text[at] != ':') return false;
  ++at;
  const auto minute = digits(text, at, 1, 2);
  if (!minute) return false;
  civil.hour = *hour;
  civil.minute = *minute;
  if (at < text.size() && text[at] == ':') {
    ++at;
    civil.second = digits(text, at, 1, 2).value_or(0);
    if (at < text.size() && (text[at] == '.' || text[at] == ',')) {
      ++at;
      while (at < text.size() && is_digit(text[at])) ++at;
    }
  }
  rest = text.substr(at);
  return true;
}

std::optional<int64_t> parse_iso(std::string_view text) {
  size_t at = 0;
  Civil civil;
  const auto year = digits(text, at, 4, 4);
  if (!year) return std::nullopt;
  civil.year = *year;
  const auto part = [&](int& field) {
    const bool dash = at < text.size() && (text[at] == '-' || text[at] == '/');
    const size_t before = at;
    if (dash) ++at;
    const auto value = digits(text, at, dash ? 1 : 2, 2);
    if (value) field = *value;
    if (!value) at = before;
    return value.has_value();
  };
  // An ordinal date: 2003-335, 2003335.
  size_t ordinal_at = at + (at < text.size() && text[at] == '-' ? 1 : 0);
  const size_t ordinal_begin = ordinal_at;
  const auto ordinal = digits(text, ordinal_at, 3, 9);
  std::optional<int64_t> ordinal_days;
  if (ordinal && ordinal_at - ordinal_begin == 3 && *ordinal >= 1 && *ordinal <= 366) {
    at = ordinal_at;
    ordinal_days = *ordinal - 1;
  } else if (part(civil.month)) {
    part(civil.day);
  }
  if (at < text.size() && (text[at] == 'T' || text[at] == 't' || text[at] == ' ')) {
    size_t time_at = at + 1;
    while (time_at < text.size() && text[time_at] == ' ') ++time_at;
    std::string_view rest;
    if (read_time(text.substr(time_at), civil, rest)) {
      while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
      if (const auto zone = numeric_zone(rest)) {
        civil.offset_minutes = *zone;
      } else if (const auto named = zone_by_name(ascii_lower(rest))) {
        civil.offset_minutes = *named;
      }
    }
  } else if (at < text.size()) {
    return std::nullopt;
  }
  auto seconds = to_seconds(civil);
  if (seconds && ordinal_days) *seconds += *ordinal_days * 86400;
  return seconds;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : ascii_lower(text)) {
    if (std::isspace(static_cast<unsigned char>(c)) || c == ',') {
      if (!word.empty()) words.push_back(std::move(word));
      word.clear();
    } else {
      word += c;
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

// RFC 822 with all its misuses, and asctime: words in any order that can be told apart.
std::optional<int64_t> parse_words(std::string_view text) {
  Civil civil;
  bool has_month = false;
  bool has_day = false;
  bool has_year = false;
  bool has_time = false;
  std::vector<std::string> words = words_of(text);
  if (words.size() > 10) return std::nullopt;
  // "01-Jan-2004" is three words.
  for (size_t i = 0; i < words.size(); ++i) {
    const size_t dash = words[i].find('-');
    if (dash != std::string::npos && dash > 0 && is_digit(words[i][0]) &&
        words[i].find(':') == std::string::npos) {
      const std::string tail = words[i].substr(dash + 1);
      words[i].resize(dash);
      words.insert(words.begin() + static_cast<std::ptrdiff_t>(i) + 1, tail);
    } else if (dash != std::string::npos && dash > 0 && month_by_name(words[i]) != 0) {
      const std::string tail = words[i].substr(dash + 1);
      words[i].resize(dash);
      words.insert(words.begin() + static_cast<std::ptrdiff_t>(i) + 1, tail);
    }
  }
  for (const std::string& word : words) {
    std::string_view rest;
    if (word.find(':') != std::string::npos && !has_time && is_digit(word[0])) {
      if (!read_time(word, civil, rest)) return std::nullopt;
      has_time = true;
      if (const auto zone = numeric_zone(rest)) civil.offset_minutes = *zone;
      if (const auto zone = zone_by_name(rest)) civil.offset_minutes = *zone;
    } else if (const auto zone = numeric_zone(word); zone && has_time) {
      civil.offset_minutes = *zone;
    } else if (is_digit(word[0])) {
      size_t at = 0;
      const auto value = digits(word, at, 1, 4);
      if (!value) return std::nullopt;
      if (at == 4) {
        civil.year = *value;
        has_year = true;
      } else if (!has_day) {
        civil.day = *value;
        has_day = true;
      } else if (!has_year && at == 2) {
        civil.year = *value + (*value < 90 ? 2000 : 1900);
        has_year = true;
      } else {
        return std::nullopt;
      }
    } else if (const int month = month_by_name(word); month != 0 && !has_month) {
      civil.month = month;
      has_month = true;
    } else if (const auto named = zone_by_name(word); named && has_time) {
      civil.offset_minutes = *named;
    }
  }
  if (!has_month || !has_year) return std::nullopt;
  return to_seconds(civil);
}

}  // namespace

std::optional<int64_t> parse_feed_date(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())))
    text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())))
    text.remove_suffix(1);
  if (text.empty() || text.size() > 100) return std::nullopt;
  if (const auto iso = parse_iso(text)) return iso;
  return parse_words(text);
}

}  // namespace myna::intake
