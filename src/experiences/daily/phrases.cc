#include "experiences/daily/phrases.h"

#include <array>
#include <ctime>

namespace myna::daily {
namespace {

std::tm local_time(int64_t seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm local{};
  localtime_r(&time, &local);
  return local;
}

std::string joined(const std::vector<std::string>& names) {
  std::string result;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) result += i + 1 == names.size() ? " and " : ", ";
    result += names[i];
  }
  return result;
}

}  // namespace

std::string spoken_date(int64_t now_s) {
  constexpr std::array<const char*, 7> kDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                "Thursday", "Friday", "Saturday"};
  constexpr std::array<const char*, 12> kMonths = {"January",   "February", "March",    "April",
                                                   "May",       "June",     "July",     "August",
                                                   "September", "October",  "November", "December"};
  const std::tm local = local_time(now_s);
  return std::string(kDays.at(static_cast<size_t>(local.tm_wday))) + ", " +
         kMonths.at(static_cast<size_t>(local.tm_mon)) + " " + std::to_string(local.tm_mday);
}

std::string iso_date(int64_t now_s) {
  const std::tm local = local_time(now_s);
  std::array<char, 16> buffer{};
  std::strftime(buffer.data(), buffer.size(), "%Y-%m-%d", &local);
  return buffer.data();
}

std::string greeting(int64_t now_s, const std::string& name) {
  const int hour = local_time(now_s).tm_hour;
  std::string result = hour < 5    ? "Hello"
                       : hour < 12 ? "Good morning"
                       : hour < 18 ? "Good afternoon"
                                   : "Good evening";
  if (!name.empty()) result += ", " + name;
  return result + ".";
}

std::string attribution(const std::vector<std::string>& publishers, size_t turn) {
  if (publishers.size() > 1) {
    return turn % 2 == 0 ? joined(publishers) + " both have this story."
                         : "This comes from " + joined(publishers) + ".";
  }
  switch (turn % 4) {
    case 0:
      return publishers.front() + " reports.";
    case 1:
      return "This is from " + publishers.front() + ".";
    case 2:
      return publishers.front() + " has this.";
    default:
      return "From " + publishers.front() + ".";
  }
}

std::string second_attribution(const std::string& publisher) { return publisher + " adds this."; }

std::string update_notice(int64_t told_s, int64_t now_s) {
  const std::string told = iso_date(told_s);
  if (told == iso_date(now_s)) return "An update on a story from earlier today.";
  if (told == iso_date(now_s - 24 * 3600)) return "An update on a story from yesterday.";
  return "An update on a story from earlier this week.";
}

}  // namespace myna::daily
