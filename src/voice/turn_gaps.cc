#include "voice/turn_gaps.h"

namespace myna::voice {
namespace {

double turn_gap_ms(const OpenEnd& previous, const TurnGaps& turns) {
  if (previous.backchannel) return turns.after_backchannel_ms;
  switch (previous.turn_end) {
    case text::TurnEnd::kNone:
    case text::TurnEnd::kStatement:
      return turns.statement_ms;
    case text::TurnEnd::kQuestion:
      return turns.question_ms;
    case text::TurnEnd::kExclamation:
      return turns.exclamation_ms;
    case text::TurnEnd::kInterrupted:
      return turns.interrupted_ms;
    case text::TurnEnd::kTrailingOff:
      return turns.trailing_off_ms;
  }
  return turns.statement_ms;
}

}  // namespace

double PauseTable::pause_ms(text::Break kind) const {
  switch (kind) {
    case text::Break::kNone:
      return none_ms;
    case text::Break::kClause:
      return clause_ms;
    case text::Break::kSentence:
      return sentence_ms;
    case text::Break::kParagraph:
      return paragraph_ms;
    case text::Break::kHeading:
      return heading_ms;
  }
  return sentence_ms;
}

Gap gap_before(text::TurnStart next, const OpenEnd& previous, const PauseTable& pauses,
               const TurnGaps& turns) {
  if (previous.explicit_ms) return {*previous.explicit_ms, 0, true};
  const bool new_turn = next != text::TurnStart::kNone && previous.turn_end != text::TurnEnd::kNone;
  // A heading or a scene between the turns asks for its own pause.
  if (!new_turn || previous.kind == text::Break::kHeading) {
    return {pauses.pause_ms(previous.kind) * previous.pause_length, 0, false};
  }
  if (next == text::TurnStart::kBackchannel && !previous.backchannel) {
    if (turns.overlap_ms > 0) return {0, turns.overlap_ms, false};
    return {previous.turn_end == text::TurnEnd::kInterrupted ? turns.interrupted_ms
                                                             : turns.before_backchannel_ms,
            0, false};
  }
  return {turn_gap_ms(previous, turns), 0, false};
}

}  // namespace myna::voice
