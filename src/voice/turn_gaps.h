// The silence between two utterances: the pauses of a text, the gaps between speakers of a
// dialogue.
#pragma once

#include <optional>

#include "text/spoken_text.h"

namespace myna::voice {

// Silence between the sound of one piece and the next, in ms at speed 1, by text::Break. Inside a
// piece Kokoro itself leaves 270-530 ms after a full stop and 0-140 ms after a comma; these values
// continue that. A pause is never shorter than the margins of piece_edges.h.
struct PauseTable {
  double none_ms = 65;
  double clause_ms = 160;
  double sentence_ms = 450;
  double paragraph_ms = 750;
  double heading_ms = 850;
  double end_ms = 200;  // after the last sound

  double pause_ms(text::Break kind) const;
};

// Silence between two speakers, in ms at speed 1, by how the first one's turn ended. People answer
// after about 200 ms (Stivers et al. 2009), questions sooner than statements are taken up; a
// listener who was not there needs a little more.
struct TurnGaps {
  double question_ms = 260;
  double exclamation_ms = 340;
  double statement_ms = 420;
  double trailing_off_ms = 650;
  double interrupted_ms = 30;
  double before_backchannel_ms = 160;
  double after_backchannel_ms = 240;
  // How much of a backchannel lies over the end of the turn that it reacts to. 0: it waits.
  double overlap_ms = 0;
};

// What was left open at the end of an utterance.
struct OpenEnd {
  text::Break kind = text::Break::kNone;
  text::TurnEnd turn_end = text::TurnEnd::kNone;
  bool backchannel = false;           // the utterance was one
  std::optional<double> explicit_ms;  // asked for in so many words
  double pause_length = 1.0;          // of the utterance's style
};

struct Gap {
  double silence_ms = 0;
  double overlap_ms = 0;      // then there is no silence
  bool at_any_speed = false;  // an explicit pause: not divided by the speed
};

Gap gap_before(text::TurnStart next, const OpenEnd& previous, const PauseTable& pauses,
               const TurnGaps& turns);

}  // namespace myna::voice
