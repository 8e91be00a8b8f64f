// Measures: 5 km · 20kg · 30°C · 60 mph · 12" · 3 km/h · 5 m² · 10% · 4.4x · 2-5 lb
#include "text/normalize/units.h"

#include "text/normalize/number_literal.h"
#include "text/normalize/unit_table.h"
#include "text/normalize/word_list.h"

namespace myna::text {
namespace {

struct UnitMatch {
  std::string spoken;
  size_t count = 0;
};

// C, Fahr., Celsius behind a degree sign at `at`; the tokens of the scale, with its period.
size_t scale_at(const Tokens& tokens, size_t at, std::string_view& scale) {
  struct Scale {
    std::string_view written, spoken;
  };
  static constexpr Scale kScales[] = {
      {"c", "Celsius"},       {"f", "Fahrenheit"},          {"celsius", "Celsius"},
      {"cels", "Celsius"},    {"fahr", "Fahrenheit"},       {"fahrenheit", "Fahrenheit"},
      {"cent", "centigrade"}, {"centigrade", "centigrade"}, {"k", "Kelvin"},
      {"r", "Rankine"},
  };
  if (!tokens.is_word(at) || !tokens.ends_before(at + 1)) return 0;
  for (const Scale& entry : kScales) {
    if (!tokens.is_word(at, entry.written)) continue;
    if (entry.written.size() == 1 && !is_capitalized(tokens.text(at))) return 0;
    scale = entry.spoken;
    const bool period = entry.written.size() == 4 && tokens.attached_symbol(at + 1, U'.');
    return period && !tokens.sentence_may_start(at + 2) ? 2 : 1;
  }
  return 0;
}

// °, ° C, °F, degrees and deg. with a scale
UnitMatch degrees_at(const Tokens& tokens, size_t at, bool one) {
  const bool sign = tokens.is_symbol(at, U'°') || tokens.is_symbol(at, U'º');
  size_t next = at + 1;
  if (!sign) {
    if (!tokens.is_word(at, "deg")) return {};
    if (tokens.attached_symbol(next, U'.')) ++next;
  }
  std::string_view scale;
  const size_t scale_count = scale_at(tokens, next, scale);
  std::string degrees = one ? "degree" : "degrees";
  if (scale_count == 0) return {degrees, next - at};
  return {degrees + " " + std::string(scale), next + scale_count - at};
}

// The exponent of a unit: ² ³ 2 3 ^2, and -1 behind it. Returns its tokens.
size_t exponent_at(const Tokens& tokens, size_t at, std::string_view& before) {
  size_t next = at;
  if (tokens.attached_symbol(next, U'^')) ++next;
  if (!tokens.attached(next)) return 0;
  if (tokens.is_symbol(next, U'²') || (tokens.is_number(next) && tokens.text(next) == "2")) {
    before = "square ";
  } else if (tokens.is_symbol(next, U'³') || (tokens.is_number(next) && tokens.text(next) == "3")) {
    before = "cubic ";
  } else {
    return 0;
  }
  return next + 1 - at;
}

// The token `at` with a µ before it: µm is two tokens, since the micro sign is a symbol.
std::string unit_text(const Tokens& tokens, size_t at, size_t& count) {
  if (tokens.is_symbol(at, U'µ') && tokens.attached(at + 1) && tokens.is_word(at + 1)) {
    count = 2;
    return "µ" + std::string(tokens.text(at + 1));
  }
  count = 1;
  if (tokens.is_word(at) && tokens.attached_symbol(at + 1, U'Ω')) {
    count = 2;
    return std::string(tokens.text(at)) + "Ω";
  }
  return tokens.is_word(at) ? std::string(tokens.text(at)) : std::string();
}

size_t append_per(const Tokens& tokens, size_t at, std::string& spoken) {
  if (!tokens.attached_symbol(at, U'/') || !tokens.attached(at + 1)) return 0;
  size_t count = 0;
  const std::string written = unit_text(tokens, at + 1, count);
  if (written.empty()) return 0;
  std::string name;
  if (const auto unit = find_unit(written, tokens.dialect())) {
    name = unit->one;
  } else if (written == "s") {
    name = "second";
  } else if (written == "d" || written == "day") {
    name = "day";
  } else if (written.size() > 3 && !is_capitalized(written)) {
    name = written;
  } else {
    return 0;
  }
  std::string_view power;
  const size_t exponent = exponent_at(tokens, at + 1 + count, power);
  // Seconds are squared behind their name, areas before it.
  if (exponent != 0 && name == "second") {
    spoken += " per second " + std::string(power == "square " ? "squared" : "cubed");
  } else {
    spoken += " per " + std::string(power) + name;
  }
  return 1 + count + exponent;
}

// km, km/h, km², sq ft, °C, %, ", ′
UnitMatch unit_at(const Tokens& tokens, size_t at, bool one) {
  if (tokens.is_symbol(at, U'%')) return {"percent", 1};
  if (tokens.is_symbol(at, U'‰')) return {"per mille", 1};
  if (UnitMatch degrees = degrees_at(tokens, at, one); degrees.count != 0) return degrees;
  if (tokens.attached_symbol(at, U'"') && tokens.ends_before(at + 1)) {
    // An inch mark, unless it closes a quotation that was opened before.
    size_t quotes = 0;
    for (size_t i = at; i > 0 && at - i < 200; --i) quotes += tokens.is_symbol(i - 1, U'"');
    if (quotes % 2 == 0) return {one ? "inch" : "inches", 1};
    return {};
  }
  if (tokens.attached_symbol(at, U'Ω') || tokens.attached_symbol(at, U'\u2126'))
    return {one ? "ohm" : "ohms", 1};
  std::string_view power;
  size_t next = at;
  if (tokens.is_word(at, "sq") || tokens.is_word(at, "cu") || tokens.is_word(at, "fl")) {
    const size_t unit = tokens.attached_symbol(at + 1, U'.') ? at + 2 : at + 1;
    if (tokens.is_word(unit) && find_unit(tokens.text(unit), tokens.dialect())) {
      power = tokens.is_word(at, "sq") ? "square " : tokens.is_word(at, "cu") ? "cubic " : "fluid ";
      next = unit;
    }
  }
  size_t count = 0;
  const std::string written = unit_text(tokens, next, count);
  if (written.empty()) return {};
  auto unit = find_unit(written, tokens.dialect());
  // Attached, s makes a plural or names a model; behind four digits it is a decade.
  if (!unit && written == "s" && !tokens.attached(next) && next > 0 &&
      tokens.text(next - 1).size() < 4) {
    unit = UnitName{"second", "seconds"};
  }
  // Attached, K counts thousands.
  if (!unit && written == "K" && !tokens.attached(next)) unit = UnitName{"kelvin", "kelvins"};
  if (!unit) return {};
  // "12 in. of snow" is a measure, "12 in the room" is not.
  const bool period =
      tokens.attached_symbol(next + count, U'.') && tokens.exists(next + count + 1) &&
      !tokens.sentence_may_start(next + count + 1) && !tokens.attached(next + count + 1);
  if (unit->needs_attachment && !tokens.attached(next) && power.empty() &&
      !(period && written == "in")) {
    return {};
  }
  // "the 12 V line": but "Chapter 5 A new start" and "5 W. Main".
  const bool letter = written.size() == 1 && is_capitalized(written);
  if (letter && !tokens.attached(next) && tokens.is_word(next + 1) &&
      is_capitalized(tokens.text(next + 1))) {
    return {};
  }
  size_t end = next + count;
  end += exponent_at(tokens, end, power);
  std::string spoken = std::string(power) + (one ? unit->one : unit->many);
  end += append_per(tokens, end, spoken);
  if (!tokens.ends_before(end) && !is_range_dash(tokens, end)) return {};
  return {spoken, end - at};
}

void speak_phrase(const Tokens& tokens, size_t begin, size_t end, const std::string& phrase,
                  SpeechBuilder& speech) {
  set_source(tokens, begin, end, speech);
  for (size_t at = 0; at < phrase.size();) {
    const size_t space = std::min(phrase.find(' ', at), phrase.size());
    speech.own_word(phrase.substr(at, space - at));
    at = space + 1;
  }
}

// "1.2m people" and "1.2m in the UK are unemployed" count millions, "2m tall", "100m hurdles" and
// "5m from the wall" measure.
bool m_means_million(const Tokens& tokens, size_t unit) {
  if (tokens.text(unit) != "m" || !tokens.attached(unit)) return false;
  static constexpr std::string_view kMeasured[] = {
      "hurdles", "races",  "sprints", "metres", "meters",   "across", "relays", "towards",
      "tall",    "long",   "wide",    "deep",   "high",     "thick",  "away",   "freestyle",
      "below",   "above",  "from",    "radius", "distance", "height", "depth",  "race",
      "length",  "width",  "final",   "relay",  "sprint",   "north",  "south",  "east",
      "west",    "square", "down",    "up"};
  static constexpr std::string_view kCounted[] = {
      "people",     "men",        "women",       "children",  "new",       "more",
      "jobs",       "users",      "viewers",     "listeners", "voters",    "votes",
      "homes",      "households", "workers",     "patients",  "customers", "copies",
      "downloads",  "views",      "subscribers", "followers", "residents", "refugees",
      "migrants",   "visitors",   "tourists",    "deaths",    "cases",     "doses",
      "shares",     "barrels",    "population",  "employees", "readers",   "claimants",
      "britons",    "americans",  "unemployed",  "fewer",     "pupils",    "students",
      "passengers", "members",    "cars",        "vehicles",  "units",     "families"};
  if (tokens.is_word(unit + 1) && tokens.at(unit + 1).space_before) {
    const std::string_view next = tokens.text(unit + 1);
    if (is_in_list(next, kMeasured)) return false;
    if (is_in_list(next, kCounted)) return true;
    // A lower-case plural behind it is counted.
    if (next.size() > 4 && next.back() == 's' && next[next.size() - 2] != 's' &&
        !is_capitalized(next)) {
      return true;
    }
  }
  // "1.2m in the UK" is people more often than a length.
  if (tokens.is_word(unit + 1, "in") && tokens.is_word(unit + 2, "the") &&
      tokens.is_word(unit + 3) && is_capitalized(tokens.text(unit + 3))) {
    return true;
  }
  // What the words around it speak of.
  constexpr size_t kReach = 8;
  bool counted = false;
  for (size_t i = unit + 1; i < unit + 1 + kReach && tokens.exists(i); ++i) {
    if (is_in_list(tokens.text(i), kMeasured)) return false;
    counted |= is_in_list(tokens.text(i), kCounted);
  }
  for (size_t i = unit; i > 0 && i + kReach > unit; --i) {
    if (is_in_list(tokens.text(i - 1), kMeasured)) return false;
    counted |= is_in_list(tokens.text(i - 1), kCounted);
  }
  return counted;
}

size_t match_measure(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const auto number = parse_number(tokens, at);
  if (!number) return 0;
  size_t end = at + number->count;
  NumberWords words;
  append_number(*number, tokens.dialect(), words);
  bool one = number->is_one();
  // 2-5 lb, 10–12 km, 10%-20%, 2x8 m²
  const bool times =
      tokens.attached(end) && (tokens.is_word(end, "x") || tokens.is_symbol(end, U'×'));
  UnitMatch first_unit = unit_at(tokens, end, one);
  if (m_means_million(tokens, end)) first_unit = {"million", 1};
  size_t dash = end + first_unit.count;
  if ((is_range_dash(tokens, dash) && tokens.attached(dash) && tokens.attached(dash + 1)) ||
      times) {
    const size_t high_at = times ? end + 1 : dash + 1;
    if (const auto high = parse_number(tokens, high_at)) {
      const size_t high_end = high_at + high->count;
      const UnitMatch unit = unit_at(tokens, high_end, false);
      if (unit.count != 0) {
        speak(tokens, at, end, words, speech);
        if (!times && first_unit.count != 0)
          speak_phrase(tokens, end, dash, first_unit.spoken, speech);
        speak(tokens, high_at - 1, high_at, times ? "by" : "to", speech);
        words.clear();
        append_number(*high, tokens.dialect(), words);
        speak(tokens, high_at, high_end, words, speech);
        speak_phrase(tokens, high_end, high_end + unit.count, unit.spoken, speech);
        return high_end + unit.count - at;
      }
    }
  }
  // 4-kg bag, 55-mm: the singular, as a compound.
  if (tokens.attached_symbol(end, U'-') && tokens.attached(end + 1)) {
    const UnitMatch unit = unit_at(tokens, end + 1, true);
    if (unit.count == 0 || tokens.is_symbol(end + 1, U'"')) return 0;
    speak(tokens, at, end, words, speech);
    speak_phrase(tokens, end, end + 1 + unit.count, unit.spoken, speech);
    return end + 1 + unit.count - at;
  }
  // 37.84s: seconds; a whole number with an s is a plural or a model.
  if (first_unit.count == 0 && !number->is_whole() && tokens.attached(end) &&
      tokens.text(end) == "s" && tokens.ends_before(end + 1)) {
    first_unit = {"seconds", 1};
    dash = end + 1;
  }
  if (first_unit.count == 0) return 0;
  // 130 lbs., and: the period of the abbreviation, not of the sentence.
  const bool period = tokens.is_word(dash - 1) && tokens.attached_symbol(dash, U'.') &&
                      tokens.exists(dash + 1) && !tokens.sentence_may_start(dash + 1) &&
                      !tokens.attached_symbol(dash + 1, U'.');
  // 5'11", 6' 2"
  speak(tokens, at, end, words, speech);
  speak_phrase(tokens, end, dash, first_unit.spoken, speech);
  return dash - at + (period ? 1 : 0);
}

// 5'11" and 6'2
size_t match_feet_and_inches(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  if (!tokens.attached_symbol(at + 1, U'\'') || !tokens.attached(at + 2) ||
      !tokens.is_number(at + 2))
    return 0;
  if (tokens.text(at + 2).size() > 2 || !tokens.attached_symbol(at + 3, U'"')) return 0;
  NumberWords words;
  append_cardinal(tokens.text(at), tokens.dialect(), words);
  words.push_back(tokens.text(at) == "1" ? "foot" : "feet");
  append_cardinal(tokens.text(at + 2), tokens.dialect(), words);
  words.push_back(tokens.text(at + 2) == "1" ? "inch" : "inches");
  speak(tokens, at, at + 4, words, speech);
  return 4;
}

constexpr RuleExample kMeasureExamples[] = {
    {"5 km", "five kilometers"},
    {"5 km", "five kilometres", Dialect::kBritish},
    {"12kg", "twelve kilograms"},
    {"2°C", "two degrees Celsius"},
    {"60 mph", "sixty miles per hour"},
    {"10%", "ten percent"},
    {"90 km/h", "ninety kilometers per hour"},
    {"5 m²", "five square meters"},
    {"500 sq ft", "five hundred square feet"},
    {"2-5lb", "two to five pounds"},
    {"10% to 20%", "ten percent to twenty percent"},
    {"2x8 m2", "two by eight square meters"},
    {"12\"", "twelve inches"},
    {"1 lb", "one pound"},
    {"130 lbs., and", "one hundred thirty pounds and"},
    {"1.2m people", "one point two million people"},
    {"2m tall", "two meters tall"},
    {"1.2m in the UK voted", "one point two million in the UK voted"},
    {"37.84s", "thirty seven point eight four seconds"},
    {"4s", "four s"},
    {"7 s", "seven seconds"},
    {"about 1.2m in the UK are unemployed", "about one point two million in the UK are unemployed"},
    {"it stood 1.2m in the air", "it stood one point two meters in the air"},
    {"5 kWh", "five kilowatt hours"},
    {"90 mg/dL", "ninety milligrams per deciliter"},
    {"9.81 m/s²", "nine point eight one meters per second squared"},
    {"12 in. of snow", "twelve inches of snow"},
    {"12 in the room", "twelve in the room"},
    {"68 ° F", "sixty eight degrees Fahrenheit"},
    {"30° Fahr. in", "thirty degrees Fahrenheit in"},
    {"5 µm", "five micrometers"},
    {"25 bps", "twenty five basis points"},
    {"a 6-ft-tall man", "a six foot tall man"},
    {"16 fl oz", "sixteen fluid ounces"},
    {"500 MB/s", "five hundred megabytes per second"},
};
constexpr RuleExample kFeetExamples[] = {{"5'11\" tall", "five feet eleven inches tall"}};

constexpr Rule kRules[] = {{"feet_and_inches", match_feet_and_inches, kFeetExamples},
                           {"measure", match_measure, kMeasureExamples}};
constexpr RuleTable kTables[] = {{RuleTrigger::kNumber, kRules}};

}  // namespace

size_t speak_unit(const Tokens& tokens, size_t at, UnitCount count, SpeechBuilder& speech) {
  const UnitMatch unit = unit_at(tokens, at, count == UnitCount::kOne);
  if (unit.count != 0) speak_phrase(tokens, at, at + unit.count, unit.spoken, speech);
  return unit.count;
}

std::span<const RuleTable> unit_rules() { return kTables; }

}  // namespace myna::text
