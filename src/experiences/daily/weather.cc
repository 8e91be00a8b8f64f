#include "experiences/daily/weather.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"

namespace myna::daily {
namespace {

using nlohmann::json;

// WMO code table 4677, as Open-Meteo uses it.
std::string_view sky(int code) {
  switch (code) {
    case 0:
      return "clear sky";
    case 1:
      return "mostly clear sky";
    case 2:
      return "some cloud";
    case 3:
      return "an overcast sky";
    case 45:
    case 48:
      return "fog";
    case 51:
    case 53:
    case 55:
      return "drizzle";
    case 56:
    case 57:
      return "freezing drizzle";
    case 61:
      return "light rain";
    case 63:
      return "rain";
    case 65:
      return "heavy rain";
    case 66:
    case 67:
      return "freezing rain";
    case 71:
      return "light snow";
    case 73:
      return "snow";
    case 75:
      return "heavy snow";
    case 77:
      return "snow grains";
    case 80:
    case 81:
      return "rain showers";
    case 82:
      return "violent rain showers";
    case 85:
    case 86:
      return "snow showers";
    case 95:
      return "thunderstorms";
    case 96:
    case 99:
      return "thunderstorms with hail";
    default:
      return {};
  }
}

std::optional<double> value_of(const json& daily, const char* name, size_t day) {
  const auto list = daily.find(name);
  if (list == daily.end() || !list->is_array() || day >= list->size() || !(*list)[day].is_number())
    return std::nullopt;
  const double value = (*list)[day].get<double>();
  return std::isfinite(value) && std::abs(value) < 1e6 ? std::optional(value) : std::nullopt;
}

std::string degrees(double value) {
  const auto rounded = static_cast<int>(std::lround(value));
  return rounded < 0 ? fmt::format("minus {}", -rounded) : fmt::format("{}", rounded);
}

}  // namespace

std::vector<std::string> weather_sentences(std::string_view text, std::string_view date,
                                           std::string_view place) {
  const json document = json::parse(
      text, [](int depth, json::parse_event_t, json&) { return depth <= 8; }, false);
  const auto daily = document.is_object() ? document.find("daily") : document.end();
  if (!document.is_object() || daily == document.end() || !daily->is_object()) {
    throw Error(ErrorCode::kCorruptData, "the weather is no forecast of Open-Meteo",
                "it has a member \"daily\"");
  }
  size_t day = 0;
  if (const auto times = daily->find("time"); times != daily->end() && times->is_array()) {
    for (size_t i = 0; i < times->size(); ++i) {
      if ((*times)[i].is_string() && (*times)[i].get<std::string>() == date) day = i;
    }
  }
  const auto code = value_of(*daily, "weather_code", day);
  const auto high = value_of(*daily, "temperature_2m_max", day);
  const auto low = value_of(*daily, "temperature_2m_min", day);
  const auto rain = value_of(*daily, "precipitation_probability_max", day);
  const auto wind = value_of(*daily, "wind_speed_10m_max", day);
  std::vector<std::string> sentences;
  const std::string where = place.empty() ? "Today" : fmt::format("Today in {}", place);
  const std::string_view condition = code ? sky(static_cast<int>(*code)) : std::string_view();
  if (!condition.empty()) sentences.push_back(fmt::format("{}: {}.", where, condition));
  if (high && low)
    sentences.push_back(
        fmt::format("The high is {} degrees, the low {}.", degrees(*high), degrees(*low)));
  if (rain && wind) {
    sentences.push_back(
        fmt::format("The chance of rain is {} percent, with wind up to {} kilometres an hour.",
                    std::lround(*rain), std::lround(*wind)));
  } else if (rain) {
    sentences.push_back(fmt::format("The chance of rain is {} percent.", std::lround(*rain)));
  }
  if (sentences.empty())
    throw Error(ErrorCode::kCorruptData, "the forecast says nothing of " + std::string(date));
  return sentences;
}

}  // namespace myna::daily
