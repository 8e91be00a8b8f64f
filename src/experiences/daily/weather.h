// A forecast as Open-Meteo's API gives it, in words. The file or address is the user's choice; Myna
// asks nobody for the weather by itself.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace myna::daily {

// One to three sentences about the day `date` ("2026-11-26"; the first day of the forecast when it
// is not in it). `place` may be empty. Throws Error kCorruptData when the text is no such forecast.
std::vector<std::string> weather_sentences(std::string_view json, std::string_view date,
                                           std::string_view place);

}  // namespace myna::daily
