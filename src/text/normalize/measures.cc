// Measures: 5 km · 20kg · 30°C · 60 mph · 12" · 5'11" · 10% · 2-5 lb · 2x8 m² · 4-kg
#include "text/normalize/number_literal.h"
#include "text/normalize/units.h"
#include "text/normalize/word_list.h"

namespace myna::text {
namespace {

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
  if (tokens.attached_symbol(unit + 1, U'-') && tokens.is_word(unit + 2, "strong")) return true;
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

// 40C and -5F where the words around it speak of the weather; seats and flats have letters too.
bool letter_is_scale(const Tokens& tokens, size_t number, size_t letter) {
  if (!tokens.attached(letter) ||
      !(tokens.ends_before(letter + 1) || tokens.attached_symbol(letter + 1, U'/'))) {
    return false;
  }
  if (tokens.text(letter) != "C" && tokens.text(letter) != "F") return false;
  static constexpr std::string_view kWeather[] = {
      "temperature", "temperatures", "degrees", "heat",        "heatwave", "cold",    "warm",
      "warming",     "warmer",       "cooler",  "hot",         "hotter",   "celsius", "fahrenheit",
      "weather",     "freezing",     "boiling", "thermometer", "highs",    "lows",    "climate",
      "oven",        "preheat",      "fan",     "bake",        "fever",    "minus"};
  constexpr size_t kReach = 12;
  for (size_t i = number; i > 0 && i + kReach > number; --i) {
    if (is_in_list(tokens.text(i - 1), kWeather)) return true;
  }
  for (size_t i = letter; i < letter + kReach && tokens.exists(i); ++i) {
    if (is_in_list(tokens.text(i), kWeather)) return true;
  }
  return tokens.is_symbol(number - 1, U'-') || tokens.is_symbol(number - 1, U'−');
}

// "a 5 km run", "the 100m sprint": the measure describes a noun and takes the singular.
bool describes_a_noun(const Tokens& tokens, size_t at, size_t after) {
  if (!tokens.is_word(after) || tokens.attached(after) || is_capitalized(tokens.text(after)))
    return false;
  static constexpr std::string_view kEvents[] = {"gusts",      "winds", "sprint",    "dash",
                                                 "hurdles",    "relay", "butterfly", "freestyle",
                                                 "backstroke", "medley"};
  if (is_in_list(tokens.text(after), kEvents)) return true;
  static constexpr std::string_view kNoNouns[] = {
      "of",    "from",  "to",     "in",   "on",    "at",    "away",   "up",    "down",
      "north", "south", "east",   "west", "above", "below", "and",    "or",    "per",
      "a",     "an",    "each",   "tall", "long",  "wide",  "deep",   "high",  "thick",
      "more",  "less",  "is",     "was",  "for",   "by",    "before", "after", "into",
      "over",  "under", "beyond", "off",  "than",  "with",  "ago",    "old"};
  return at > 0 && (tokens.is_word(at - 1, "a") || tokens.is_word(at - 1, "an")) &&
         !is_in_list(tokens.text(after), kNoNouns);
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
  UnitMatch first_unit = unit_at(tokens, end, one ? UnitCount::kOne : UnitCount::kMany);
  if (m_means_million(tokens, end)) first_unit = {"million", 1};
  size_t dash = end + first_unit.count;
  if ((is_range_dash(tokens, dash) && tokens.attached(dash) && tokens.attached(dash + 1)) ||
      times) {
    const size_t high_at = times ? end + 1 : dash + 1;
    if (const auto high = parse_number(tokens, high_at)) {
      const size_t high_end = high_at + high->count;
      UnitMatch unit = unit_at(tokens, high_end, UnitCount::kMany);
      if (unit.count == 0 && letter_is_scale(tokens, at, high_end)) {
        unit = {tokens.text(high_end) == "C" ? "degrees Celsius" : "degrees Fahrenheit", 1};
      }
      if (unit.count != 0 && describes_a_noun(tokens, at, high_end + unit.count) && times) {
        const UnitMatch single = unit_at(tokens, high_end, UnitCount::kOne);
        if (single.count == unit.count) unit = single;
      }
      if (unit.count != 0) {
        speak(tokens, at, end, words, speech);
        if (!times && first_unit.count != 0)
          speak_unit_name(tokens, end, dash, first_unit.spoken, speech);
        speak(tokens, high_at - 1, high_at, times ? "by" : "to", speech);
        words.clear();
        append_number(*high, tokens.dialect(), words);
        speak(tokens, high_at, high_end, words, speech);
        speak_unit_name(tokens, high_end, high_end + unit.count, unit.spoken, speech);
        return high_end + unit.count - at;
      }
    }
  }
  // 4-kg bag, 55-mm: the singular, as a compound.
  if (tokens.attached_symbol(end, U'-') && tokens.attached(end + 1)) {
    const UnitMatch unit = unit_at(tokens, end + 1, UnitCount::kOne);
    if (unit.count == 0 || tokens.is_symbol(end + 1, U'"')) return 0;
    // a 1-in-3 chance
    if (tokens.is_word(end + 1, "in") && tokens.attached_symbol(end + 2, U'-') &&
        tokens.is_number(end + 3)) {
      return 0;
    }
    speak(tokens, at, end, words, speech);
    speak_unit_name(tokens, end, end + 1 + unit.count, unit.spoken, speech);
    const bool period = takes_period(tokens, end + 1 + unit.count);
    return end + 1 + unit.count + (period ? 1 : 0) - at;
  }
  // 37.84s: seconds; a whole number with an s is a plural or a model.
  if (first_unit.count == 0 && !number->is_whole() && tokens.attached(end) &&
      tokens.text(end) == "s" && tokens.ends_before(end + 1)) {
    first_unit = {"seconds", 1};
    dash = end + 1;
  }
  if (first_unit.count == 0 && letter_is_scale(tokens, at, end)) {
    first_unit = {tokens.text(end) == "C" ? "degrees Celsius" : "degrees Fahrenheit", 1};
    dash = end + 1;
  }
  if (first_unit.count == 0 && tokens.attached(end) && tokens.text(end) == "st" &&
      tokens.is_number(end + 1) &&
      (tokens.is_word(end + 2, "lb") || tokens.is_word(end + 2, "lbs"))) {
    first_unit = {"stone", 1};
    dash = end + 1;
  }
  if (first_unit.count == 0) return 0;
  if (!one && first_unit.spoken != "million" && describes_a_noun(tokens, at, dash)) {
    const UnitMatch single = unit_at(tokens, end, UnitCount::kOne);
    if (single.count == first_unit.count) first_unit = single;
  }
  // 130 lbs., and: the period of the abbreviation, not of the sentence.
  const bool period = takes_period(tokens, dash);
  // 5'11", 6' 2"
  speak(tokens, at, end, words, speech);
  speak_unit_name(tokens, end, dash, first_unit.spoken, speech);
  return dash - at + (period ? 1 : 0);
}

// 1h 23m 45s, 23m 45s: a duration, in which m is minutes.
size_t match_duration(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  struct Part {
    std::string_view letter, one, many;
  };
  static constexpr Part kParts[] = {
      {"h", "hour", "hours"}, {"m", "minute", "minutes"}, {"s", "second", "seconds"}};
  size_t next = at, part = 0, count = 0;
  NumberWords words;
  while (part < std::size(kParts) && tokens.is_number(next) && tokens.text(next).size() <= 3 &&
         (next == at || !tokens.attached(next)) && tokens.attached(next + 1) &&
         tokens.is_word(next + 1)) {
    while (part < std::size(kParts) && kParts[part].letter != tokens.text(next + 1)) ++part;
    if (part == std::size(kParts)) return 0;
    append_cardinal(tokens.text(next), tokens.dialect(), words);
    words.push_back(tokens.text(next) == "1" ? kParts[part].one : kParts[part].many);
    next += 2;
    ++part;
    ++count;
  }
  if (count < 2 || !tokens.ends_before(next)) return 0;
  speak(tokens, at, next, words, speech);
  return next - at;
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
  // 5'10"-6'2"
  if (is_range_dash(tokens, at + 4) && tokens.attached(at + 4) && tokens.attached(at + 5) &&
      tokens.is_number(at + 5) && tokens.attached_symbol(at + 6, U'\'')) {
    speak(tokens, at + 4, at + 5, "to", speech);
    return 5;
  }
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
    {"temperatures of 40C in", "temperatures of forty degrees Celsius in"},
    {"seat 12C is", "seat twelve C is"},
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
    {"a 1-in-3 chance", "a one in three chance"},
    {"a 220-lb. man", "a two hundred twenty pound man"},
    {"a 3.8 GPA", "a three point eight GPA"},
    {"highs of 5-10C.", "highs of five to ten degrees Celsius"},
    {"Preheat to 180C/160C fan",
     "Preheat to one hundred eighty degrees Celsius slash one hundred sixty degrees Celsius fan"},
    {"2 HRs", "two HRs"},
    {"the 4x100m relay", "the four by one hundred meter relay"},
    {"about 1 000 000 km", "about one million kilometers"},
    {"of 10 000 people", "of ten thousand people"},
    {"a 5 km run", "a five kilometer run"},
    {"100mph winds", "one hundred mile per hour winds"},
    {"rose 1.1pc to", "rose one point one percent to"},
    {"a 5 km north of", "a five kilometers north of"},
    {"the 100m sprint", "the one hundred meter sprint"},
    {"he weighs 13st 4lb", "he weighs thirteen stone four pounds"},
    {"200 mcg", "two hundred micrograms"},
    {"16 fl oz", "sixteen fluid ounces"},
    {"500 MB/s", "five hundred megabytes per second"},
};
constexpr RuleExample kDurationExamples[] = {
    {"in 1h 23m 45s.", "in one hour twenty three minutes forty five seconds"},
    {"23m 5s", "twenty three minutes five seconds"},
    {"5m 2m", "five meters two meters"}};
constexpr RuleExample kFeetExamples[] = {
    {"5'11\" tall", "five feet eleven inches tall"},
    {"5'10\"-6'2\"", "five feet ten inches to six feet two inches"}};

constexpr Rule kRules[] = {{"duration", match_duration, kDurationExamples},
                           {"feet_and_inches", match_feet_and_inches, kFeetExamples},
                           {"measure", match_measure, kMeasureExamples}};
constexpr RuleTable kTables[] = {{RuleTrigger::kNumber, kRules}};

}  // namespace

std::span<const RuleTable> unit_rules() { return kTables; }

}  // namespace myna::text
