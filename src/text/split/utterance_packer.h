// Sentences to utterances of the length that the voice reads well.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "text/front_end.h"
#include "text/split/piece_growth.h"
#include "text/spoken_text.h"

namespace myna::text {

// A word or mark of a sentence, ready to be packed. `word.first_phoneme` is not yet set.
struct PackItem {
  Word word;               // empty text for a mark
  std::u32string symbols;  // phonemes, or the mark
  bool is_mark = false;
  bool space_before = true;
  Prosody prosody;
  std::vector<float> contour_semitones;  // one a symbol, or none
  std::vector<Bookmark> bookmarks;       // stand before it

  // Length in an utterance, with its space.
  size_t length() const { return symbols.size() + (space_before ? 1 : 0); }
};

using UtteranceSink = std::function<void(Utterance&&)>;

// Utterances hold whole sentences up to target_phonemes (a short one may grow to max_phonemes); a
// longer sentence is cut near the middle of its share: at ; : — first, then at commas, then before
// a conjunction or preposition, then between words; a word that alone is too long is cut inside.
// No utterance has more than max_phonemes symbols, and every item lands in exactly one (a cut word
// in several, with the same text and source).
//
// With first_target_phonemes the first utterances are held shorter (split/piece_growth.h): they are
// cut at the best place below their limit, and go as soon as a sentence or clause fills half of it.
//
// The last utterance of a block waits for what comes next, so that a pause that is asked for there
// becomes its own; release() lets it go.
class UtterancePacker {
 public:
  UtterancePacker(const FrontEndOptions& options, UtteranceSink sink);

  // The items of one sentence, in order.
  void add_sentence(std::span<PackItem> items);
  // The block is over: what was collected is complete.
  void end_block(Break break_after);
  // The block goes on in a later text.
  void end_part();
  // What was spoken before this text left `kind` open: an utterance without sound says so.
  void leave_break(Break kind);
  // Whether an utterance has begun that is not complete.
  bool is_collecting() const;
  // No pause will come before the next sentence.
  void release();

  // What follows is said by somebody else or in another way; ends the utterance.
  void set_delivery(const Delivery& delivery);
  // Ends the utterance with a silence of this length; adds to one that is there already, up to
  // max_pause_ms: returns false when that was reached.
  bool pause(double pause_ms, SourceSpan source);
  // Falls on the end of the utterance when it ends now, otherwise on the item that is added next.
  void add_bookmark(Bookmark bookmark);
  void play(std::string audio_file, SourceSpan source);
  // The next utterance begins a turn; the last one of end_block() ended it.
  void begin_turn(TurnStart start) { next_turn_start_ = start; }
  void end_turn(TurnEnd end);

  // At the end of the text.
  void finish();

 private:
  void grow(std::span<PackItem>& items);
  void cut_long_sentence(std::span<PackItem> items);
  void append(std::span<PackItem> items);
  void append_symbols(PackItem& item, std::u32string_view symbols, bool space);
  uint16_t prosody_index(const Prosody& prosody);
  Utterance take_current(Break break_after);
  void flush(Break break_after);
  void hold(Break break_after);
  // Gives the bookmarks that wait a place at the end of `utterance`.
  void take_bookmarks(Utterance& utterance);
  void emit(Utterance&& utterance);

  size_t target_phonemes_;
  size_t max_phonemes_;
  PieceGrowth growth_;
  double max_pause_ms_;
  UtteranceSink sink_;
  Utterance current_;
  std::optional<Utterance> held_;  // complete; comes before current_
  Delivery delivery_;
  TurnStart next_turn_start_ = TurnStart::kNone;
  std::vector<Bookmark> bookmarks_;  // wait for the next item
  bool first_done_ = false;
};

}  // namespace myna::text
