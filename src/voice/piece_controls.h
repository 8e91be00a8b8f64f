// From how a text is to be said (prosody, emphasis, contour, style) to the controls of each symbol
// that a voice gets.
#pragma once

#include <vector>

#include "text/spoken_text.h"
#include "voice/delivery.h"
#include "voice/piece_phonemes.h"
#include "voice/voice.h"

namespace myna::voice {

struct PieceControls {
  std::vector<PhonemeControl> phonemes;  // one a symbol, or empty: all neutral
  std::vector<float> volumes_db;         // one a symbol, or empty: all 0
  UtteranceControl utterance;
  float pause_length = 1.0f;  // factor on the silences inside the piece
};

PieceControls plan_piece(const text::Utterance& utterance, const PiecePhonemes& phonemes,
                         const StyleRecipe& style);

}  // namespace myna::voice
