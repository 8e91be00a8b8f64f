// The show's own words: everything it says that is no sentence of a source. They hold names of
// publishers and sections, the date, and counts, and no other fact.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace myna::daily {

// "Thursday, November 26"; local time of this machine.
std::string spoken_date(int64_t now_s);
std::string iso_date(int64_t now_s);                           // "2026-11-26"
std::string greeting(int64_t now_s, const std::string& name);  // "Good morning, Sam."

// Attribution in front of an item; forms take turns by `turn`.
std::string attribution(const std::vector<std::string>& publishers, size_t turn);
std::string second_attribution(const std::string& publisher);  // "The Courier adds this."
std::string update_notice(int64_t told_s, int64_t now_s);  // "An update on a story from yesterday."

}  // namespace myna::daily
