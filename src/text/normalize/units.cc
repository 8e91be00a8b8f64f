// The units behind numbers: 5 km · 20kg · 30°C · 60 mph · 12" · 3 km/h · 5 m² · 10% · 4.4x · 2-5 lb
#include "text/normalize/units.h"

#include "text/normalize/number_literal.h"
#include "text/normalize/unit_table.h"

namespace myna::text {
namespace {

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

}  // namespace

UnitMatch unit_at(const Tokens& tokens, size_t at, UnitCount number) {
  const bool one = number == UnitCount::kOne;
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

bool takes_period(const Tokens& tokens, size_t period) {
  return tokens.is_word(period - 1) && tokens.attached_symbol(period, U'.') &&
         tokens.exists(period + 1) && !tokens.sentence_may_start(period + 1) &&
         !tokens.attached_symbol(period + 1, U'.');
}

void speak_unit_name(const Tokens& tokens, size_t begin, size_t end, const std::string& name,
                     SpeechBuilder& speech) {
  set_source(tokens, begin, end, speech);
  speech.own_words(name);
}

size_t speak_unit(const Tokens& tokens, size_t at, UnitCount count, SpeechBuilder& speech) {
  const UnitMatch unit = unit_at(tokens, at, count);
  if (unit.count == 0) return 0;
  const size_t end = at + unit.count;
  speak_unit_name(tokens, at, end, unit.spoken, speech);
  return unit.count + (takes_period(tokens, end) ? 1 : 0);
}

}  // namespace myna::text
