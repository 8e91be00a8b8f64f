// Named values are those of Azure's documentation where it gives figures; W3C leaves them open.
#include "text/markup/ssml_values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>
#include <vector>

#include "base/plain_text.h"
#include "base/utf8.h"
#include "text/markup/delivery_names.h"

namespace myna::text {

std::string shown(std::string_view value) {
  constexpr size_t kMostBytes = 60;
  if (value.size() <= kMostBytes) return "'" + std::string(value) + "'";
  return "'" + to_utf8(to_utf32(value.substr(0, kMostBytes))) + "…'";
}

namespace {

constexpr float kMinRate = 0.25f, kMaxRate = 4.0f;
constexpr float kMaxPitch_semitones = 24.0f;
constexpr float kMaxRange = 4.0f;
constexpr float kMinVolume_db = -60.0f, kMaxVolume_db = 24.0f;
constexpr size_t kMaxContourPoints = 100;
// The spread of a voice's pitch, to which ranges in Hz and semitones are related.
constexpr double kVoiceRange_hz = 60, kVoiceRange_semitones = 6;

struct NamedValue {
  std::string_view name;
  float value;
};

constexpr NamedValue kRates[] = {{"x-slow", 0.5f}, {"slow", 0.64f},  {"medium", 1.0f},
                                 {"fast", 1.55f},  {"x-fast", 2.0f}, {"default", 1.0f}};
// Factors 0.55, 0.8, 1.2 and 1.45 as semitones.
constexpr NamedValue kPitches[] = {{"x-low", -10.35f}, {"low", -3.86f},   {"medium", 0.0f},
                                   {"high", 3.16f},    {"x-high", 6.43f}, {"default", 0.0f}};
constexpr NamedValue kRanges[] = {{"x-low", 0.3f}, {"low", 0.6f},    {"medium", 1.0f},
                                  {"high", 1.5f},  {"x-high", 2.0f}, {"default", 1.0f}};
constexpr NamedValue kVolumes[] = {{"silent", Prosody::kSilentVolume_db},
                                   {"x-soft", -12.0f},
                                   {"soft", -6.0f},
                                   {"medium", 0.0f},
                                   {"loud", 4.0f},
                                   {"x-loud", 8.0f},
                                   {"default", 0.0f}};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) + 1 - begin);
}

// A number with its sign and unit: "+10%" is {10, kPlus, "%"}.
enum class Sign : uint8_t { kNone, kPlus, kMinus };
struct Measure {
  double value = 0;  // without its sign
  Sign sign = Sign::kNone;
  std::string unit;  // lower case, empty: none

  double signed_value() const { return sign == Sign::kMinus ? -value : value; }
  bool is_relative() const { return sign != Sign::kNone; }
};

std::optional<Measure> parse_measure(std::string_view text) {
  text = trimmed(text);
  Measure measure;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    measure.sign = text[0] == '+' ? Sign::kPlus : Sign::kMinus;
    text.remove_prefix(1);
  }
  const auto is_numeric = [](char c) { return (c >= '0' && c <= '9') || c == '.'; };
  size_t end = 0;
  while (end < text.size() && is_numeric(text[end])) ++end;
  const std::string_view digits = text.substr(0, end);
  // from_chars also takes "1.2.3" as 1.2.
  const auto [stop, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), measure.value);
  if (error != std::errc{} || stop != digits.data() + digits.size()) return std::nullopt;
  measure.unit = ascii_lower(trimmed(text.substr(end)));
  return measure;
}

std::optional<float> named(std::string_view value, std::span<const NamedValue> names) {
  const std::string wanted = ascii_lower(trimmed(value));
  for (const NamedValue& entry : names) {
    if (entry.name == wanted) return entry.value;
  }
  return std::nullopt;
}

ValueProblem not_understood(std::string_view attribute, std::string_view value,
                            std::string_view examples, std::span<const NamedValue> names) {
  std::vector<std::string> candidates;
  for (const NamedValue& entry : names) candidates.emplace_back(entry.name);
  return {Severity::kError, std::string(attribute) + " " + shown(value) +
                                " is not understood; write " + std::string(examples) +
                                did_you_mean(ascii_lower(value), candidates)};
}

// Brings `value` into [low, high]; says so when it had to.
std::optional<ValueProblem> clamp_to(std::string_view attribute, std::string_view written,
                                     float low, float high, std::string_view range, float& value) {
  if (value >= low && value <= high) return std::nullopt;
  value = std::clamp(std::isnan(value) ? low : value, low, high);
  return ValueProblem{Severity::kWarning, std::string(attribute) + " " + shown(written) +
                                              " goes beyond " + std::string(range) +
                                              " and is limited to it"};
}

// Values that no text means stay within what a float can hold.
float to_float(double value) { return static_cast<float>(std::clamp(value, -1e9, 1e9)); }

double semitones_of(double factor) { return 12.0 * std::log2(std::max(factor, 1e-3)); }

// Semitones by which a relative pitch value moves the pitch; nothing when it is none.
std::optional<double> relative_semitones(const Measure& measure, double base_hz) {
  const double value = measure.signed_value();
  if (measure.unit == "%") return semitones_of(1.0 + value / 100.0);
  if (measure.unit == "st") return value;
  if (measure.unit == "hz") return semitones_of(1.0 + value / base_hz);
  return std::nullopt;
}

}  // namespace

std::optional<double> parse_decimal(std::string_view text) {
  const auto measure = parse_measure(text);
  if (!measure || !measure->unit.empty()) return std::nullopt;
  return measure->signed_value();
}

std::optional<double> parse_time_ms(std::string_view value) {
  const auto measure = parse_measure(value);
  if (!measure) return std::nullopt;
  if (measure->unit == "s") return measure->signed_value() * 1000.0;
  if (measure->unit == "ms") return measure->signed_value();
  return std::nullopt;
}

std::optional<ValueProblem> apply_rate(std::string_view value, Prosody& prosody) {
  constexpr std::string_view kExamples = "a rate such as slow, 80%, +10% or 1.2";
  if (const auto rate = named(value, kRates)) {
    prosody.rate = *rate;
    return std::nullopt;
  }
  const auto measure = parse_measure(value);
  if (!measure || (!measure->unit.empty() && measure->unit != "%"))
    return not_understood("rate", value, kExamples, kRates);
  double rate = 0;
  if (measure->unit == "%") {
    rate = measure->is_relative() ? prosody.rate * (1.0 + measure->signed_value() / 100.0)
                                  : measure->value / 100.0;
  } else {
    // A bare number is a factor; with a sign it is SSML 1.0's change of it.
    rate = measure->is_relative() ? prosody.rate * (1.0 + measure->signed_value()) : measure->value;
  }
  prosody.rate = to_float(rate);
  return clamp_to("rate", value, kMinRate, kMaxRate, "a quarter to four times the usual",
                  prosody.rate);
}

std::optional<ValueProblem> apply_pitch(std::string_view value, float voice_pitch_hz,
                                        Prosody& prosody) {
  constexpr std::string_view kExamples = "a pitch such as high, +10%, -2st, +20Hz or 180Hz";
  if (const auto pitch = named(value, kPitches)) {
    prosody.pitch_semitones = *pitch;
    return std::nullopt;
  }
  const auto measure = parse_measure(value);
  if (!measure) return not_understood("pitch", value, kExamples, kPitches);
  if (measure->unit == "hz" && !measure->is_relative()) {
    if (measure->value <= 0) return not_understood("pitch", value, kExamples, kPitches);
    prosody.pitch_semitones = to_float(semitones_of(measure->value / voice_pitch_hz));
  } else if (const auto change = relative_semitones(
                 *measure, voice_pitch_hz * std::exp2(prosody.pitch_semitones / 12.0))) {
    prosody.pitch_semitones += to_float(*change);
  } else {
    return not_understood("pitch", value, kExamples, kPitches);
  }
  return clamp_to("pitch", value, -kMaxPitch_semitones, kMaxPitch_semitones,
                  "two octaves from the voice's own", prosody.pitch_semitones);
}

std::optional<ValueProblem> apply_range(std::string_view value, Prosody& prosody) {
  constexpr std::string_view kExamples = "a range such as low, +20%, +2st or 40Hz";
  if (const auto range = named(value, kRanges)) {
    prosody.pitch_range = *range;
    return std::nullopt;
  }
  const auto measure = parse_measure(value);
  if (!measure) return not_understood("range", value, kExamples, kRanges);
  double range = 0;
  if (measure->unit == "%") {
    range = prosody.pitch_range * (1.0 + measure->signed_value() / 100.0);
  } else if (measure->unit == "hz" || measure->unit == "st") {
    const double usual = measure->unit == "hz" ? kVoiceRange_hz : kVoiceRange_semitones;
    range = measure->is_relative() ? prosody.pitch_range + measure->signed_value() / usual
                                   : measure->value / usual;
  } else {
    return not_understood("range", value, kExamples, kRanges);
  }
  prosody.pitch_range = to_float(range);
  return clamp_to("range", value, 0.0f, kMaxRange, "zero to four times the usual",
                  prosody.pitch_range);
}

std::optional<ValueProblem> apply_volume(std::string_view value, Prosody& prosody) {
  constexpr std::string_view kExamples = "a volume such as soft, +6dB, -10% or a number to 100";
  if (const auto volume = named(value, kVolumes)) {
    prosody.volume_db = *volume;
    return std::nullopt;
  }
  const auto measure = parse_measure(value);
  if (!measure) return not_understood("volume", value, kExamples, kVolumes);
  double volume_db = 0;
  if (measure->unit == "db") {
    volume_db = prosody.volume_db + measure->signed_value();
  } else if (measure->unit == "%" || (measure->unit.empty() && measure->is_relative())) {
    const double factor = 1.0 + measure->signed_value() / 100.0;
    volume_db =
        factor <= 0 ? Prosody::kSilentVolume_db : prosody.volume_db + 20.0 * std::log10(factor);
  } else if (measure->unit.empty()) {
    volume_db =
        measure->value <= 0 ? Prosody::kSilentVolume_db : 20.0 * std::log10(measure->value / 100.0);
  } else {
    return not_understood("volume", value, kExamples, kVolumes);
  }
  // What is silent stays so, however much louder it is to be.
  if (prosody.volume_db <= Prosody::kSilentVolume_db && measure->is_relative()) return std::nullopt;
  if (volume_db <= Prosody::kSilentVolume_db) {
    prosody.volume_db = Prosody::kSilentVolume_db;
    return std::nullopt;
  }
  prosody.volume_db = to_float(volume_db);
  return clamp_to("volume", value, kMinVolume_db, kMaxVolume_db, "-60 to 24 dB", prosody.volume_db);
}

std::optional<ValueProblem> parse_contour(std::string_view value, float voice_pitch_hz,
                                          PitchContour& contour) {
  const auto problem = [&](std::string_view piece) {
    return ValueProblem{Severity::kError,
                        "contour " + shown(piece) +
                            " is not understood; write pairs such as (0%, +20Hz) (50%, -2st)"};
  };
  contour.points.clear();
  std::string_view rest = trimmed(value);
  if (rest.empty()) return problem(value);
  while (!rest.empty()) {
    const size_t close = rest.find(')');
    if (rest.front() != '(' || close == std::string_view::npos) return problem(rest);
    const std::string_view pair = rest.substr(1, close - 1);
    const size_t comma = pair.find(',');
    if (comma == std::string_view::npos) return problem(rest.substr(0, close + 1));
    const auto position = parse_measure(pair.substr(0, comma));
    if (!position || position->unit != "%" || position->sign == Sign::kMinus)
      return problem(rest.substr(0, close + 1));
    const std::string_view target = trimmed(pair.substr(comma + 1));
    double semitones = 0;
    if (const auto name = named(target, kPitches)) {
      semitones = *name;
    } else {
      const auto measure = parse_measure(target);
      if (!measure) return problem(rest.substr(0, close + 1));
      const bool absolute = measure->unit == "hz" && !measure->is_relative() && measure->value > 0;
      const auto change = absolute ? semitones_of(measure->value / voice_pitch_hz)
                                   : relative_semitones(*measure, voice_pitch_hz);
      if (!change) return problem(rest.substr(0, close + 1));
      semitones = *change;
    }
    if (contour.points.size() >= kMaxContourPoints) {
      return ValueProblem{Severity::kWarning, "contour has more than " +
                                                  std::to_string(kMaxContourPoints) +
                                                  " points; the rest is passed over"};
    }
    contour.points.push_back(
        {static_cast<float>(std::min(position->value, 100.0) / 100.0),
         std::clamp(to_float(semitones), -kMaxPitch_semitones, kMaxPitch_semitones)});
    rest = trimmed(rest.substr(close + 1));
    if (!rest.empty() && rest.front() == ',') rest = trimmed(rest.substr(1));
  }
  const auto by_position = [](const PitchContour::Point& a, const PitchContour::Point& b) {
    return a.position < b.position;
  };
  if (!std::is_sorted(contour.points.begin(), contour.points.end(), by_position)) {
    std::stable_sort(contour.points.begin(), contour.points.end(), by_position);
    return ValueProblem{Severity::kWarning, "the points of contour " + shown(value) +
                                                " are not in order; they are sorted"};
  }
  return std::nullopt;
}

std::optional<Emphasis> parse_emphasis(std::string_view level) {
  if (level == "strong") return Emphasis::kStrong;
  if (level == "moderate") return Emphasis::kModerate;
  if (level == "reduced") return Emphasis::kReduced;
  if (level == "none") return Emphasis::kNone;
  return std::nullopt;
}

std::optional<Dialect> english_dialect(std::string_view language) {
  const size_t hyphen = language.find_first_of("-_");
  if (language.substr(0, hyphen) != "en" || hyphen == std::string_view::npos) return std::nullopt;
  const std::string region = ascii_lower(language.substr(hyphen + 1, 2));
  static constexpr std::array<std::string_view, 4> kAmerican = {"us", "ca", "ph", "pr"};
  return std::find(kAmerican.begin(), kAmerican.end(), region) != kAmerican.end()
             ? Dialect::kAmerican
             : Dialect::kBritish;
}

}  // namespace myna::text
