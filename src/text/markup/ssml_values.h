// The attribute values of SSML: times, languages, emphasis, and what <prosody> takes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "text/front_end.h"
#include "text/markup/annotation.h"
#include "text/spoken_text.h"

namespace myna::text {

// What is wrong with a value. An error was not obeyed, a warning was obeyed as far as possible.
struct ValueProblem {
  Severity severity = Severity::kError;
  std::string message;
};

// For messages: quoted, and shortened if it is long.
std::string shown(std::string_view value);

// "2s", "500ms", "+1.5s", ".5s"; blanks around and between are allowed. May be negative. Nothing
// for anything else.
std::optional<double> parse_time_ms(std::string_view value);
// A decimal number with an optional sign, and all of `text`. Finite.
std::optional<double> parse_decimal(std::string_view text);
// Of a language in small letters, "en-gb-scotland": the nearer of the two. "en" alone, which leaves
// things as they are, and other languages give nothing.
std::optional<Dialect> english_dialect(std::string_view language);

// strong, moderate, reduced, none.
std::optional<Emphasis> parse_emphasis(std::string_view level);

// Each changes `prosody`, which holds what the elements around it ask for: names and plain values
// (fast, 150%, 200Hz) take its place, signed ones (+10%, -2st, +6dB) come on top. Values beyond the
// range of Prosody are brought into it, with a warning.
std::optional<ValueProblem> apply_rate(std::string_view value, Prosody& prosody);
// voice_pitch_hz: the mean of the voice that speaks, to which hertz are related.
std::optional<ValueProblem> apply_pitch(std::string_view value, float voice_pitch_hz,
                                        Prosody& prosody);
std::optional<ValueProblem> apply_range(std::string_view value, Prosody& prosody);
std::optional<ValueProblem> apply_volume(std::string_view value, Prosody& prosody);
// "(0%, +20Hz) (10%, +30%) (40%, -2st)": the pitch along the text, relative to what it would be.
std::optional<ValueProblem> parse_contour(std::string_view value, float voice_pitch_hz,
                                          PitchContour& contour);

}  // namespace myna::text
