// Written text to spoken words: asks the rules of normalize/ in order, reads everything else as it
// stands, and marks where sentences end.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "text/front_end.h"
#include "text/normalize/rule.h"
#include "text/normalize/say_as.h"
#include "text/normalize/speech.h"

namespace myna::text {

// Reuses its buffers from call to call: one a thread.
class Normalizer {
 public:
  // text: filtered (split/character_filter.h). sentence_starts: ascending byte offsets from
  // SentenceBreaker. The result is valid until the next call, and no longer than `text`.
  // Every letter and digit lies in the range of some word of the result.
  // stretches: ascending, without overlaps, not empty: what is read as its author asks
  // (say_as.h). Words outside of them do not see what is inside, and the other way round.
  const SpeechBuilder& normalize(std::string_view text, std::span<const uint32_t> sentence_starts,
                                 Dialect dialect, std::span<const SayAsStretch> stretches = {});

  void set_emoji(EmojiReading emoji) { emoji_ = emoji; }

  // What the last call could not read as a stretch asked for, in reading order.
  std::span<const SayAsProblem> problems() const { return problems_; }

 private:
  // Appends what text[begin, end) says to speech_.
  void read_plainly(std::string_view text, uint32_t begin, uint32_t end,
                    std::span<const uint32_t> sentence_starts, Dialect dialect);

  std::vector<Token> tokens_;
  SpeechBuilder speech_;
  std::vector<SayAsProblem> problems_;
  EmojiReading emoji_ = EmojiReading::kSkip;
};

// Asks the rules for what starts at token `at`, puts it out and returns how many tokens it takes,
// at least 1.
size_t read_token(const Tokens& tokens, size_t at, SpeechBuilder& speech);
// Asks the rules for every token, puts out what they say and marks ends of sentences inside.
void read_tokens(const Tokens& tokens, SpeechBuilder& speech);

// The item before token `at` ends its sentence when one may start there: for texts that are read in
// pieces.
void mark_sentence_end(const Tokens& tokens, size_t at, SpeechBuilder& speech);

// Every rule table in the order in which they are asked; for the tests of the examples.
std::vector<RuleTable> all_rule_tables();

}  // namespace myna::text
