// Sentences to utterances of the length that the voice reads well.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "text/front_end.h"
#include "text/spoken_text.h"

namespace myna::text {

// A word or mark of a sentence, ready to be packed. `word.first_phoneme` is not yet set.
struct PackItem {
  Word word;               // empty text for a mark
  std::u32string symbols;  // phonemes, or the mark
  bool is_mark = false;
  bool space_before = true;

  // Length in an utterance, with its space.
  size_t length() const { return symbols.size() + (space_before ? 1 : 0); }
};

using UtteranceSink = std::function<void(Utterance&&)>;

// Utterances hold whole sentences up to target_phonemes (a short one may grow to max_phonemes); a
// longer sentence is cut near the middle of its share: at ; : — first, then at commas, then before
// a conjunction or preposition, then between words; a word that alone is too long is cut inside.
// No utterance has more than max_phonemes symbols, and every item lands in exactly one (a cut word
// in several, with the same text and source).
class UtterancePacker {
 public:
  UtterancePacker(const FrontEndOptions& options, UtteranceSink sink);

  // The items of one sentence, in order.
  void add_sentence(std::span<PackItem> items);
  // The block is over: what was collected goes out.
  void end_block(Break break_after);
  // At the end of the text.
  void finish();

 private:
  size_t target() const;
  void cut_long_sentence(std::span<PackItem> items);
  void append(std::span<PackItem> items);
  void flush(Break break_after);
  void emit(Utterance&& utterance);

  size_t target_phonemes_;
  size_t max_phonemes_;
  size_t first_target_phonemes_;
  UtteranceSink sink_;
  Utterance current_;
  bool first_done_ = false;
};

}  // namespace myna::text
