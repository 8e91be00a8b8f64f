// Reading a stretch of text as what its author says it is: SSML's <say-as>. Sources: the W3C note
// "SSML 1.0 say-as attribute values" (2005), VoiceXML 2's vxml: types, and the lists of Azure and
// Google.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "text/front_end.h"
#include "text/normalize/speech.h"

namespace myna::text {

enum class SayAsKind : uint8_t {
  kText,        // as anywhere else: text, interjection
  kCardinal,    // cardinal, number, vxml:number: 3497, -1,234.5, XIV
  kOrdinal,     // 3, 3rd, XIV
  kDigits,      // digits, number_digit, vxml:digits: one by one; letters are named
  kFraction,    // 1/2, 3 1/2, 3+1/2, 2½
  kCharacters,  // characters, spell-out, verbatim, glyphs: every letter, digit and symbol
  kAcronym,     // acronym: capitals are named, whatever the dictionary says
  kDate,        // format: mdy dmy ymd ydm md dm my ym d m y; vxml:date: yyyymmdd with ? for unknown
  kTime,        // format: hms12 hms24 (hms, hm, h too); vxml:time: hhmm and one of a p h ?
  kDuration,    // 1:18:30, 2h30m, PT5M, 90; format: hms hm ms h m s (what the numbers are)
  kTelephone,   // digits in the groups that are written, letters named, "x5" an extension
  kCurrency,    // $42.01, 42 USD, USD42.01
  kUnit,        // 10 ft, 5'11", 20°C
  kAddress,     // 150th CT NE, Redmond, WA 98052
  kName,        // a person or a place: capitals are no acronym
  kExpletive,   // expletive, bleep: not spoken, "bleep" stands for it
  kEmail,       // net:email
  kUri,         // net:uri
  kBoolean,     // vxml:boolean: true "yes", false "no"
};

struct SayAs {
  SayAsKind kind = SayAsKind::kText;
  std::string format;  // lower case as in the attribute; empty: found out from the text
};

// The kind that interpret-as="..." names, without regard to case; nullopt for an unknown one.
std::optional<SayAsKind> parse_say_as(std::string_view interpret_as);

// Every name that parse_say_as knows, for messages and suggestions.
std::span<const std::string_view> say_as_names();

// Whether `format` means something to this kind; an empty one always does. Other formats are
// ignored by read_as.
bool say_as_knows_format(SayAsKind kind, std::string_view format);

// Reads text[begin, end) as `say_as` and appends to `speech`, with ranges into `text`. `text` is
// filtered (split/character_filter.h) and outlives `speech`. Every letter and digit of the stretch
// lies in the range of some word put out.
// Returns nothing when the text fits. Otherwise it is read as if nothing had been said about it,
// and what comes back is the reason for a diagnostic: "'abc' cannot be read as a date".
std::optional<std::string> read_as(std::string_view text, uint32_t begin, uint32_t end,
                                   const SayAs& say_as, Dialect dialect, SpeechBuilder& speech);

// A stretch of a longer text for Normalizer::normalize: text[begin, end) is read as `say_as`.
struct SayAsStretch {
  uint32_t begin = 0;
  uint32_t end = 0;
  SayAs say_as;
};

// What could not be read as asked for; ranges into the text.
struct SayAsProblem {
  uint32_t begin = 0;
  uint32_t end = 0;
  std::string message;
};

}  // namespace myna::text
