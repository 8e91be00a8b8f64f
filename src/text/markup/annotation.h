// What markup (SSML, plain-text direction, dialogue scripts, the user lexicon) asks for at a place
// or over a range of a block's text. Readers write annotations, block_speaker obeys them; the text
// itself goes its usual way through normaliser and pronouncer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "text/front_end.h"
#include "text/g2p/phoneme_string.h"
#include "text/normalize/say_as.h"
#include "text/spoken_text.h"

namespace myna::text {

// At `begin`: from here on, until the next one, across blocks.
using ProsodyChange = Prosody;
using DeliveryChange = std::shared_ptr<const Delivery>;
using DialectChange = Dialect;

// At `begin`: the sentence is over whatever its last mark; the voice gets a period if it lacks one.
struct SentenceEnd {};
// At `begin`: silence. Neighbouring pauses add up, to FrontEndOptions::max_pause_ms at most.
struct Pause {
  double pause_ms = 0;
};
// At `begin`.
struct MarkHere {
  std::string name;
};
// At `begin`: a recording is played.
struct Recording {
  std::string file;
};

// From `begin` on, until the next one: silences of a given length in place of the usual ones.
// Negative: the usual ones.
struct SilenceRules {
  double sentence_ms = -1;
  double comma_ms = -1;
  double semicolon_ms = -1;
  bool operator==(const SilenceRules&) const = default;
};

// Over [begin, end): these phonemes stand for the text, which the words around it still see.
struct GivenPhonemes {
  PhonemeString american;
  PhonemeString british;
};

// Over [begin, end): a pitch curve. Positions run from 0 to 1 over the range, ascending; between
// the points the pitch goes in straight lines, outside it stays.
struct PitchContour {
  struct Point {
    float position = 0;
    float semitones = 0;
  };
  std::vector<Point> points;
  float semitones_at(float position) const;
};

struct Annotation {
  uint32_t begin = 0;  // bytes in the block's text
  uint32_t end = 0;    // the same as begin for what has no extent
  SourceSpan source;   // of the markup, for messages and empty utterances
  std::variant<ProsodyChange, DeliveryChange, DialectChange, SentenceEnd, Pause, MarkHere,
               Recording, SilenceRules, SayAs, GivenPhonemes, PitchContour>
      what;
};

// The silence behind a sentence where nothing else is said; voice/narrator.h has the same figure
// in its PauseTable. Used where markup adds to it.
inline constexpr double kUsualSentencePause_ms = 450;

}  // namespace myna::text
