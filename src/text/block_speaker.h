// Blocks to utterances: the way of a block through sentence breaker, normaliser, pronouncer and
// packer, with what its annotations ask for.
#pragma once

#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "text/front_end.h"
#include "text/g2p/lexicon.h"
#include "text/g2p/pronouncer.h"
#include "text/g2p/sentence_phonemes.h"
#include "text/markup/user_lexicon.h"
#include "text/normalize/normalizer.h"
#include "text/split/block.h"
#include "text/split/diagnostics.h"
#include "text/split/sentence_breaker.h"
#include "text/split/utterance_packer.h"

namespace myna::text {

// One text at a time, on one thread.
class BlockSpeaker {
 public:
  // The references outlive the speaker; `options` may be changed by nobody meanwhile.
  BlockSpeaker(const Lexicon& lexicon, const PronunciationModels& models,
               const FrontEndOptions& options, DiagnosticList& diagnostics, UtteranceSink sink);

  void add_block(const Block& block);
  void finish() { packer_.finish(); }

 private:
  size_t stretch_end(std::string_view text, size_t begin, size_t next_start) const;
  void add_stretch(const Block& block, size_t begin, size_t end);

  // Text of a block with annotations, or with words of the user lexicon, to speech_.
  void read_annotated(const Block& block, uint32_t begin, uint32_t end);
  void read_piece(std::string_view text, uint32_t begin, uint32_t end);
  void read_plainly(std::string_view text, uint32_t begin, uint32_t end);
  void read_given(std::string_view text, uint32_t begin, uint32_t end, PhonemeView phonemes);
  void read_match(std::string_view text, const UserLexicon::Match& match);
  void read_as_asked(const Block& block, uint32_t begin, uint32_t end, const SayAs& say_as);
  void change_dialect(Dialect dialect);

  // speech_ or the normaliser's items to the packer; their ranges count from `base`, their dialects
  // are in dialects_.
  void pack_items(const Block& block, size_t base, std::span<const SpeechItem> items);
  void pack_sentence(const Block& block, size_t base, std::span<const SpeechItem> items,
                     Dialect dialect);
  void pack_item(const Block& block, size_t base, const SpokenItem& item);
  // Prosody and contours of what is said for text [begin, end).
  void express(const Block& block, size_t begin, size_t end, PackItem& pack);
  // Obeys the annotations that stand before text[at].
  void obey_until(const Block& block, size_t at);
  void obey(const Annotation& annotation);
  void pause(double pause_ms, SourceSpan source);
  void give_bookmarks();  // to the packer
  void flush_sentence();
  void add_period();
  bool is_spoken(const SourceSpan& source) const;
  void end_block(const Block& block);

  struct DialectFrom {
    size_t item = 0;  // index into speech_
    Dialect dialect = Dialect::kAmerican;
  };

  const FrontEndOptions& options_;
  DiagnosticList& diagnostics_;
  Pronouncer american_;
  Pronouncer british_;
  Dialect dialect_;
  SentenceBreaker breaker_;
  Normalizer normalizer_;
  SpeechBuilder speech_;
  SentencePhonemes phonemes_;
  UtterancePacker packer_;
  SilenceRules silences_;
  Prosody prosody_;  // in force at the place in work

  std::vector<uint32_t> starts_;          // of sentences in the block
  std::vector<uint32_t> stretch_starts_;  // of sentences in the stretch
  std::vector<Token> tokens_;
  std::vector<UserLexicon::Match> matches_;
  std::deque<PhonemeString> given_;  // phonemes that speech_ points to
  std::vector<DialectFrom> dialects_;
  std::vector<PackItem> pack_items_;
  std::vector<PackItem> held_;
  std::vector<const Annotation*> contours_;  // begun, and not yet over
  std::vector<Bookmark> bookmarks_;          // wait for the next item
  size_t next_read_ = 0;                     // of the block's annotations: for read_annotated,
  size_t next_obeyed_ = 0;                   // for obey_until,
  size_t next_prosody_ = 0;                  // and for express
  SourceSpan last_source_;
  bool last_is_mark_ = false;
  bool any_word_ = false;    // in the block
  bool last_spoken_ = true;  // whether the last item lies in the spoken range
  // Blocks before the range leave their break, blocks that go on behind it none.
  bool words_before_ = false, words_in_ = false, words_behind_ = false;  // of the block
  std::optional<Break> break_before_;
  bool warned_pause_ = false;
};

}  // namespace myna::text
