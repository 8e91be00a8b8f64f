// What is sent to a voice for an utterance.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "text/spoken_text.h"
#include "voice/voice.h"

namespace myna::voice {

// The utterance's symbols without those that the voice does not have, and with a closing mark
// where there is none but the phrase ends: without it Kokoro's last sound runs into the end of the
// piece (still at -21 dBFS 50 ms before it for a lone "I"), and a heading or a list item needs the
// mark for its intonation.
struct PiecePhonemes {
  std::u32string symbols;        // empty when there is nothing to hear
  std::vector<size_t> position;  // of each utterance phoneme in symbols; kSkipped when left out
  size_t skipped_count = 0;

  static constexpr size_t kSkipped = static_cast<size_t>(-1);
};

PiecePhonemes prepare_piece(const text::Utterance& utterance, const Voice& voice);

}  // namespace myna::voice
