#include "text/normalize/unit_table.h"

#include <algorithm>

#include "base/plain_text.h"
#include "text/normalize/token.h"

namespace myna::text {
namespace {

enum class Attach : uint8_t { kOptional, kRequired };

struct Unit {
  std::string_view written;
  std::string_view one, many;
  Attach attach = Attach::kOptional;
};

// American spelling; British names follow from kBritish.
constexpr Unit kUnits[] = {
    // length and area
    {"m", "meter", "meters"},
    {"mi", "mile", "miles"},
    {"ft", "foot", "feet"},
    {"yd", "yard", "yards"},
    {"yds", "yard", "yards"},
    {"in", "inch", "inches", Attach::kRequired},
    {"nmi", "nautical mile", "nautical miles"},
    {"ly", "light year", "light years"},
    {"AU", "astronomical unit", "astronomical units"},
    {"sqft", "square foot", "square feet"},
    {"sqm", "square meter", "square meters"},
    {"ha", "hectare", "hectares"},
    // mass
    {"g", "gram", "grams"},
    {"kgs", "kilogram", "kilograms"},
    {"lb", "pound", "pounds"},
    {"lbs", "pound", "pounds"},
    {"oz", "ounce", "ounces"},
    {"mcg", "microgram", "micrograms"},
    {"doz", "dozen", "dozen"},
    {"t", "ton", "tons"},
    {"amu", "atomic mass unit", "atomic mass units"},
    // volume
    {"l", "liter", "liters"},
    {"L", "liter", "liters"},
    {"cc", "cubic centimeter", "cubic centimeters"},
    {"gal", "gallon", "gallons"},
    {"qt", "quart", "quarts"},
    {"pt", "pint", "pints", Attach::kRequired},
    {"tsp", "teaspoon", "teaspoons"},
    {"tbsp", "tablespoon", "tablespoons"},
    {"bbl", "barrel", "barrels"},
    // speed and rates
    {"mph", "mile per hour", "miles per hour"},
    {"kph", "kilometer per hour", "kilometers per hour"},
    {"kmh", "kilometer per hour", "kilometers per hour"},
    {"kn", "knot", "knots"},
    {"kt", "knot", "knots"},
    {"kts", "knot", "knots"},
    {"mpg", "mile per gallon", "miles per gallon"},
    {"rpm", "revolution per minute", "revolutions per minute"},
    {"bpm", "beat per minute", "beats per minute"},
    {"wpm", "word per minute", "words per minute"},
    {"fps", "frame per second", "frames per second"},
    {"bps", "basis point", "basis points"},
    {"bp", "basis point", "basis points"},
    {"pc", "percent", "percent", Attach::kRequired},
    {"pp", "percentage point", "percentage points", Attach::kRequired},
    {"ppm", "part per million", "parts per million"},
    {"ppb", "part per billion", "parts per billion"},
    // data
    {"kb", "kilobyte", "kilobytes"},
    {"mb", "megabyte", "megabytes"},
    {"gb", "gigabyte", "gigabytes"},
    {"tb", "terabyte", "terabytes"},
    {"pb", "petabyte", "petabytes"},
    {"KiB", "kibibyte", "kibibytes"},
    {"MiB", "mebibyte", "mebibytes"},
    {"GiB", "gibibyte", "gibibytes"},
    {"TiB", "tebibyte", "tebibytes"},
    {"kbit", "kilobit", "kilobits"},
    {"mbit", "megabit", "megabits"},
    {"gbit", "gigabit", "gigabits"},
    {"mp", "megapixel", "megapixels"},
    {"px", "pixel", "pixels"},
    {"dpi", "dot per inch", "dots per inch"},
    {"ppi", "pixel per inch", "pixels per inch"},
    // energy, power, electricity
    {"W", "watt", "watts"},
    {"w", "watt", "watts", Attach::kRequired},
    {"V", "volt", "volts"},
    {"v", "volt", "volts", Attach::kRequired},
    {"Ah", "amp hour", "amp hours"},
    {"mah", "milliamp hour", "milliamp hours"},
    {"kwh", "kilowatt hour", "kilowatt hours"},
    {"Nm", "newton meter", "newton meters"},
    {"Pa", "pascal", "pascals"},
    {"eV", "electron volt", "electron volts"},
    {"cal", "calorie", "calories"},
    {"btu", "B T U", "B T U"},
    {"hp", "horsepower", "horsepower"},
    {"bhp", "brake horsepower", "brake horsepower"},
    {"Hz", "hertz", "hertz"},
    {"dB", "decibel", "decibels"},
    {"dBA", "A-weighted decibel", "A-weighted decibels"},
    {"lm", "lumen", "lumens"},
    {"lx", "lux", "lux"},
    {"Sv", "sievert", "sieverts"},
    {"Bq", "becquerel", "becquerels"},
    {"Gy", "gray", "grays"},
    {"mol", "mole", "moles"},
    // pressure
    {"psi", "pound per square inch", "pounds per square inch"},
    {"mmHg", "millimeter of mercury", "millimeters of mercury"},
    {"inHg", "inch of mercury", "inches of mercury"},
    {"atm", "atmosphere", "atmospheres"},
    {"mbar", "millibar", "millibars"},
    // time
    {"sec", "second", "seconds"},
    {"secs", "second", "seconds"},
    {"min", "minute", "minutes"},
    {"mins", "minute", "minutes"},
    {"h", "hour", "hours"},
    {"hr", "hour", "hours"},
    {"hrs", "hour", "hours"},
    {"wk", "week", "weeks"},
    {"wks", "week", "weeks"},
    {"yr", "year", "years"},
    {"yrs", "year", "years"},
};

struct Prefix {
  std::string_view written, spoken;
};
constexpr Prefix kPrefixes[] = {
    {"k", "kilo"},  {"M", "mega"},  {"G", "giga"},  {"T", "tera"},  {"P", "peta"},
    {"m", "milli"}, {"c", "centi"}, {"d", "deci"},  {"h", "hecto"}, {"n", "nano"},
    {"p", "pico"},  {"f", "femto"}, {"µ", "micro"}, {"μ", "micro"}, {"u", "micro"},
};

// What takes every prefix that is in use with it.
struct Prefixed {
  std::string_view written, one, many;
  std::string_view prefixes;  // the letters allowed, "µ" written as u
};
constexpr Prefixed kPrefixed[] = {
    {"m", "meter", "meters", "kcdmnpu"},
    {"g", "gram", "grams", "kmunp"},
    {"l", "liter", "liters", "mcdhu"},
    {"L", "liter", "liters", "mcdhu"},
    {"s", "second", "seconds", "munpf"},
    {"W", "watt", "watts", "kMGTmu"},
    {"Wh", "watt hour", "watt hours", "kMGTm"},
    {"V", "volt", "volts", "kMmu"},
    {"A", "amp", "amps", "kmun"},
    {"Ah", "amp hour", "amp hours", "m"},
    {"Hz", "hertz", "hertz", "kMGT"},
    {"J", "joule", "joules", "kMGTm"},
    {"N", "newton", "newtons", "kMm"},
    {"Pa", "pascal", "pascals", "khMG"},
    {"eV", "electron volt", "electron volts", "kMGTm"},
    {"F", "farad", "farads", "munp"},
    {"H", "henry", "henries", "mun"},
    {"T", "tesla", "teslas", "mun"},
    {"Ω", "ohm", "ohms", "kMm"},
    {"B", "byte", "bytes", "kMGTP"},
    {"b", "bit", "bits", "kMGT"},
    {"bit", "bit", "bits", "kMGT"},
    {"bps", "bit per second", "bits per second", "kMGT"},
    {"cal", "calorie", "calories", "k"},
    {"mol", "mole", "moles", "mun"},
    {"M", "molar", "molar", "mun"},
    {"Sv", "sievert", "sieverts", "mu"},
    {"Bq", "becquerel", "becquerels", "kMGT"},
    {"Gy", "gray", "grays", "m"},
    {"t", "ton", "tons", "kM"},
};

struct Respelling {
  std::string_view american, british;
};
constexpr Respelling kBritish[] = {{"meter", "metre"}, {"liter", "litre"}, {"ton", "tonne"}};

std::string in_dialect(std::string name, Dialect dialect) {
  if (dialect != Dialect::kBritish) return name;
  for (const auto& [american, british] : kBritish) {
    const size_t at = name.find(american);
    if (at == std::string::npos) continue;
    // "newton" and "tons" of "kilotons": only whole words and prefixed meters.
    if (american == "ton" && at > 0 && name[at - 1] != ' ') continue;
    name.replace(at, american.size(), british);
  }
  return name;
}

std::optional<UnitName> find_listed(std::string_view written, Dialect dialect, bool any_case) {
  for (const Unit& unit : kUnits) {
    if (any_case ? !equals_ignoring_case(unit.written, written) : unit.written != written) continue;
    return UnitName{in_dialect(std::string(unit.one), dialect),
                    in_dialect(std::string(unit.many), dialect), unit.attach == Attach::kRequired};
  }
  return std::nullopt;
}

std::optional<UnitName> find_prefixed(std::string_view written, Dialect dialect) {
  for (const Prefix& prefix : kPrefixes) {
    if (!written.starts_with(prefix.written)) continue;
    const std::string_view base = written.substr(prefix.written.size());
    const char letter = prefix.spoken == "micro" ? 'u' : prefix.written[0];
    for (const Prefixed& unit : kPrefixed) {
      if (unit.written != base || unit.prefixes.find(letter) == std::string_view::npos) continue;
      const std::string before(prefix.spoken);
      return UnitName{in_dialect(before + std::string(unit.one), dialect),
                      in_dialect(before + std::string(unit.many), dialect), false};
    }
  }
  return std::nullopt;
}

// Spaced, these are words more often than units: "50 us troops", "5 pm".
constexpr std::string_view kWordLike[] = {"us", "um", "pm", "mt", "hm"};
// In two capitals only these are units behind a space: "3 MS patients".
constexpr std::string_view kCapitals[] = {"KM", "KG", "CM", "MM", "LB", "OZ", "FT", "ML",
                                          "MG", "GB", "MB", "TB", "KB", "HP", "DB", "MP",
                                          "HZ", "KW", "MW", "GW", "YD", "HR"};

std::optional<UnitName> find_in_any_case(std::string_view written, Dialect dialect) {
  const std::string lower = ascii_lower(written);
  if (auto unit = find_listed(lower, dialect, true)) return unit;
  if (auto unit = find_prefixed(lower, dialect)) return unit;
  // kwh, MHZ: the unit in any case, the prefix in its usual one.
  for (const Prefix& prefix : kPrefixes) {
    if (prefix.written.size() != 1 || lower[0] != ascii_lower(prefix.written)[0]) continue;
    for (const Prefixed& unit : kPrefixed) {
      if (unit.written.size() == 1 && unit.written != "W" && unit.written != "V" &&
          unit.written != "B" && unit.written != "L") {
        continue;
      }
      if (!equals_ignoring_case(unit.written, std::string_view(lower).substr(1)) ||
          unit.prefixes.find(prefix.written[0]) == std::string_view::npos) {
        continue;
      }
      const std::string before(prefix.spoken);
      return UnitName{in_dialect(before + std::string(unit.one), dialect),
                      in_dialect(before + std::string(unit.many), dialect), false};
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<UnitName> find_unit(std::string_view written, Dialect dialect) {
  constexpr size_t kLongest = 8;
  if (written.empty() || written.size() > kLongest) return std::nullopt;
  if (written == "GPA") return std::nullopt;  // a grade, not gigapascals
  // RBIs, HRs: the plural of an acronym.
  if (written.size() > 2 && written.back() == 's' &&
      is_all_upper(written.substr(0, written.size() - 1))) {
    return std::nullopt;
  }
  std::optional<UnitName> unit = find_listed(written, dialect, false);
  if (!unit) unit = find_prefixed(written, dialect);
  if (!unit && written.size() > 1) {
    unit = find_in_any_case(written, dialect);
    const bool listed =
        std::find(std::begin(kCapitals), std::end(kCapitals), written) != std::end(kCapitals);
    if (unit && written.size() == 2 && is_all_upper(written) && !listed)
      unit->needs_attachment = true;
  }
  if (unit && std::find(std::begin(kWordLike), std::end(kWordLike), written) != std::end(kWordLike))
    unit->needs_attachment = true;
  return unit;
}

}  // namespace myna::text
