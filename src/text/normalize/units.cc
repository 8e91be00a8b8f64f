// Measures: 5 km · 20kg · 30°C · 60 mph · 12" · 3 km/h · 5 m² · 10% · 4.4x · 2-5 lb
#include "text/normalize/units.h"

#include "text/normalize/number_literal.h"

namespace myna::text {
namespace {

struct Unit {
  std::string_view written;
  std::string_view one, many;
  std::string_view british_one = {}, british_many = {};
  bool needs_attachment = false;  // too short to be read as a unit with a space before it
};

// Compared exactly first, then without regard to case when longer than one letter.
constexpr Unit kUnits[] = {
    {"km", "kilometer", "kilometers", "kilometre", "kilometres"},
    {"m", "meter", "meters", "metre", "metres"},
    {"cm", "centimeter", "centimeters", "centimetre", "centimetres"},
    {"mm", "millimeter", "millimeters", "millimetre", "millimetres"},
    {"nm", "nanometer", "nanometers", "nanometre", "nanometres"},
    {"mi", "mile", "miles"},
    {"ft", "foot", "feet"},
    {"yd", "yard", "yards"},
    {"yds", "yard", "yards"},
    {"in", "inch", "inches", {}, {}, true},
    {"kg", "kilogram", "kilograms"},
    {"kgs", "kilogram", "kilograms"},
    {"g", "gram", "grams"},
    {"mg", "milligram", "milligrams"},
    {"lb", "pound", "pounds"},
    {"lbs", "pound", "pounds"},
    {"oz", "ounce", "ounces"},
    {"l", "liter", "liters", "litre", "litres", true},
    {"L", "liter", "liters", "litre", "litres"},
    {"ml", "milliliter", "milliliters", "millilitre", "millilitres"},
    {"gal", "gallon", "gallons"},
    {"mph", "mile per hour", "miles per hour"},
    {"kph", "kilometer per hour", "kilometers per hour", "kilometre per hour",
     "kilometres per hour"},
    {"kmh", "kilometer per hour", "kilometers per hour", "kilometre per hour",
     "kilometres per hour"},
    {"mpg", "mile per gallon", "miles per gallon"},
    {"rpm", "revolution per minute", "revolutions per minute"},
    {"bpm", "beat per minute", "beats per minute"},
    {"fps", "frame per second", "frames per second"},
    {"kb", "kilobyte", "kilobytes"},
    {"mb", "megabyte", "megabytes"},
    {"gb", "gigabyte", "gigabytes"},
    {"tb", "terabyte", "terabytes"},
    {"kbps", "kilobit per second", "kilobits per second"},
    {"mbps", "megabit per second", "megabits per second"},
    {"gbps", "gigabit per second", "gigabits per second"},
    {"hz", "hertz", "hertz"},
    {"khz", "kilohertz", "kilohertz"},
    {"mhz", "megahertz", "megahertz"},
    {"ghz", "gigahertz", "gigahertz"},
    {"w", "watt", "watts", {}, {}, true},
    {"kw", "kilowatt", "kilowatts"},
    {"MW", "megawatt", "megawatts"},
    {"mw", "milliwatt", "milliwatts"},
    {"gw", "gigawatt", "gigawatts"},
    {"kwh", "kilowatt hour", "kilowatt hours"},
    {"mwh", "megawatt hour", "megawatt hours"},
    {"v", "volt", "volts", {}, {}, true},
    {"kv", "kilovolt", "kilovolts"},
    {"mah", "milliamp hour", "milliamp hours"},
    {"kj", "kilojoule", "kilojoules"},
    {"kcal", "kilocalorie", "kilocalories"},
    {"cal", "calorie", "calories"},
    {"db", "decibel", "decibels"},
    {"hp", "horsepower", "horsepower"},
    {"psi", "pound per square inch", "pounds per square inch"},
    {"ha", "hectare", "hectares"},
    {"ms", "millisecond", "milliseconds"},
    {"sec", "second", "seconds"},
    {"secs", "second", "seconds"},
    {"min", "minute", "minutes"},
    {"mins", "minute", "minutes"},
    {"h", "hour", "hours", {}, {}, true},
    {"hr", "hour", "hours"},
    {"hrs", "hour", "hours"},
    {"yr", "year", "years"},
    {"yrs", "year", "years"},
    {"ppm", "part per million", "parts per million"},
    {"sqft", "square foot", "square feet"},
    {"mp", "megapixel", "megapixels"},
};

const Unit* find_unit(std::string_view written, bool attached) {
  const Unit* found = nullptr;
  for (const Unit& unit : kUnits) {
    if (unit.written == written) {
      found = &unit;
      break;
    }
  }
  if (found == nullptr && written.size() > 1) {
    const std::string lower = ascii_lower(written);
    for (const Unit& unit : kUnits) {
      if (ascii_lower(unit.written) == lower) {
        found = &unit;
        break;
      }
    }
  }
  if (found != nullptr && found->needs_attachment && !attached) return nullptr;
  return found;
}

struct UnitMatch {
  std::string spoken;
  size_t count = 0;
};

std::string name_of(const Unit& unit, bool one, bool british) {
  if (british && !unit.british_one.empty())
    return std::string(one ? unit.british_one : unit.british_many);
  return std::string(one ? unit.one : unit.many);
}

// km, km/h, km², sq ft, °C, %, ", ′
UnitMatch unit_at(const Tokens& tokens, size_t at, bool one) {
  const bool british = tokens.british();
  if (tokens.is_symbol(at, U'%')) return {"percent", 1};
  if (tokens.is_symbol(at, U'‰')) return {"per mille", 1};
  if (tokens.is_symbol(at, U'°') || tokens.is_symbol(at, U'º')) {
    std::string degrees = one ? "degree" : "degrees";
    if (tokens.is_word(at + 1) && tokens.attached(at + 1) && tokens.ends_before(at + 2)) {
      if (tokens.text(at + 1) == "C") return {degrees + " Celsius", 2};
      if (tokens.text(at + 1) == "F") return {degrees + " Fahrenheit", 2};
    }
    return {degrees, 1};
  }
  if (tokens.attached_symbol(at, U'"') && tokens.ends_before(at + 1)) {
    // An inch mark, unless it closes a quotation that was opened before.
    size_t quotes = 0;
    for (size_t i = at; i > 0 && at - i < 200; --i) quotes += tokens.is_symbol(i - 1, U'"');
    if (quotes % 2 == 0) return {one ? "inch" : "inches", 1};
    return {};
  }
  if (tokens.attached_symbol(at, U'Ω') || tokens.attached_symbol(at, U'\u2126'))
    return {one ? "ohm" : "ohms", 1};
  if (tokens.is_symbol(at, U'µ') && tokens.attached(at + 1)) {
    if (tokens.is_word(at + 1, "m")) return {one ? "micrometer" : "micrometers", 2};
    if (tokens.is_word(at + 1, "g")) return {one ? "microgram" : "micrograms", 2};
    if (tokens.is_word(at + 1, "s")) return {one ? "microsecond" : "microseconds", 2};
    return {};
  }
  if (!tokens.is_word(at)) return {};
  std::string prefix;
  size_t next = at;
  if ((tokens.is_word(at, "sq") || tokens.is_word(at, "cu"))) {
    const size_t unit = tokens.attached_symbol(at + 1, U'.') ? at + 2 : at + 1;
    if (tokens.is_word(unit) && find_unit(tokens.text(unit), true) != nullptr) {
      prefix = tokens.is_word(at, "sq") ? "square " : "cubic ";
      next = unit;
    }
  }
  const Unit* unit = find_unit(tokens.text(next), tokens.attached(next) || !prefix.empty());
  if (unit == nullptr) return {};
  size_t end = next + 1;
  // m², m2
  const bool squared = tokens.attached_symbol(end, U'²') ||
                       (tokens.attached(end) && tokens.is_number(end) && tokens.text(end) == "2");
  const bool cubed = tokens.attached_symbol(end, U'³') ||
                     (tokens.attached(end) && tokens.is_number(end) && tokens.text(end) == "3");
  if (squared || cubed) {
    prefix = squared ? "square " : "cubic ";
    ++end;
  }
  std::string spoken = prefix + name_of(*unit, one, british);
  if (tokens.attached_symbol(end, U'/') && tokens.attached(end + 1) && tokens.is_word(end + 1)) {
    const Unit* per = find_unit(tokens.text(end + 1), true);
    if (per == nullptr && tokens.text(end + 1) != "s") return {};
    spoken += " per " + (per == nullptr ? std::string("second") : name_of(*per, true, british));
    end += 2;
    if (tokens.attached_symbol(end, U'²')) {
      spoken += " squared";
      ++end;
    }
  }
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

// "1.2m people" counts millions, "2m tall" and "100m hurdles" measure.
bool m_means_million(const Tokens& tokens, size_t unit) {
  if (tokens.text(unit) != "m" || !tokens.attached(unit) || !tokens.is_word(unit + 1) ||
      tokens.attached(unit + 1)) {
    return false;
  }
  const std::string_view next = tokens.text(unit + 1);
  for (const std::string_view measured :
       {"hurdles", "races", "sprints", "metres", "meters", "across", "relays", "towards"}) {
    if (next == measured) return false;
  }
  for (const std::string_view counted : {"people", "men", "women", "children", "new", "more"}) {
    if (next == counted) return true;
  }
  return next.size() > 4 && next.back() == 's' && next[next.size() - 2] != 's' &&
         !is_capitalized(next);
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
  const size_t dash = end + first_unit.count;
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
};
constexpr RuleExample kFeetExamples[] = {{"5'11\" tall", "five feet eleven inches tall"}};

constexpr Rule kRules[] = {{"feet_and_inches", match_feet_and_inches, kFeetExamples},
                           {"measure", match_measure, kMeasureExamples}};
constexpr RuleTable kTables[] = {{RuleTrigger::kNumber, kRules}};

}  // namespace

size_t speak_unit(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const UnitMatch unit = unit_at(tokens, at, false);
  if (unit.count != 0) speak_phrase(tokens, at, at + unit.count, unit.spoken, speech);
  return unit.count;
}

std::span<const RuleTable> unit_rules() { return kTables; }

}  // namespace myna::text
