// How long the pieces at the start of a narration may be, so that the first sound comes early and
// somebody who listens in real time never waits for the next one. docs/decisions/0015.
//
// A piece of n phonemes takes r * n * d to synthesise and n * d to play. Piece k is there in time
// when r * (a2 + ... + ak) <= a1 + ... + a(k-1). For r <= 1/2 that holds whatever the pieces are
// like as long as none is longer than all pieces before it together and the first one again: with
// even pieces that is doubling.
#pragma once

#include <algorithm>
#include <cstddef>

namespace myna::text {

class PieceGrowth {
 public:
  // first: the most phonemes of the first piece; 0: pieces are not held short at all. spoken: of
  // pieces that came before this text.
  PieceGrowth(size_t first, size_t spoken) : first_(first), spoken_(spoken) {}

  // The most phonemes that the next piece may have, at most `usual`.
  size_t limit(size_t usual) const {
    if (first_ == 0) return usual;
    if (spoken_ == 0) return std::min(first_, usual);
    const size_t first = first_piece_ == 0 ? first_ : first_piece_;
    // Shorter still, a piece would be all edges; the pauses around a first one so short make up.
    return std::min(std::max(first_ / 2, spoken_ + first), usual);
  }
  bool growing(size_t usual) const { return limit(usual) < usual; }
  // A piece below this is joined with what follows, where that fits.
  size_t shortest(size_t usual) const { return limit(usual) / 2; }

  void add(size_t phonemes) {
    if (spoken_ == 0) first_piece_ = phonemes;
    spoken_ += phonemes;
  }

 private:
  size_t first_;
  size_t spoken_;
  size_t first_piece_ = 0;  // of this text, when it has the first piece
};

}  // namespace myna::text
