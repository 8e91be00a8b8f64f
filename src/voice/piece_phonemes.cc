#include "voice/piece_phonemes.h"

#include <algorithm>
#include <string_view>

namespace myna::voice {
namespace {

// Marks that end a phrase for the voice model.
bool is_closing_mark(char32_t symbol) {
  return std::u32string_view(U".!?…,;:—").find(symbol) != std::u32string_view::npos;
}

bool is_sound(char32_t symbol) {
  return std::u32string_view(U" .!?…,;:—()\"“”").find(symbol) == std::u32string_view::npos;
}

}  // namespace

PiecePhonemes prepare_piece(const text::Utterance& utterance, const Voice& voice) {
  PiecePhonemes piece;
  piece.position.reserve(utterance.phonemes.size());
  for (const text::Phoneme& phoneme : utterance.phonemes) {
    const bool known = voice.has_symbol(phoneme.symbol);
    piece.position.push_back(known ? piece.symbols.size() : PiecePhonemes::kSkipped);
    if (known) piece.symbols.push_back(phoneme.symbol);
    if (!known) ++piece.skipped_count;
  }
  if (std::none_of(piece.symbols.begin(), piece.symbols.end(), is_sound)) {
    piece.symbols.clear();
    return piece;
  }
  const char32_t mark = utterance.break_after >= text::Break::kSentence ? U'.' : U',';
  const bool phrase_ends = utterance.break_after != text::Break::kNone;
  // A closing quotation mark or bracket may follow the mark.
  const size_t last = piece.symbols.find_last_not_of(U" )\"”");
  if (phrase_ends && !is_closing_mark(piece.symbols[last]) &&
      piece.symbols.size() < voice.max_phonemes() && voice.has_symbol(mark)) {
    piece.symbols.push_back(mark);
  }
  return piece;
}

}  // namespace myna::voice
