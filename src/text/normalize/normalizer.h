// Written text to spoken words: asks the rules of normalize/ in order, reads everything else as it
// stands, and marks where sentences end.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "text/front_end.h"
#include "text/normalize/rule.h"
#include "text/normalize/speech.h"

namespace myna::text {

// Reuses its buffers from call to call: one a thread.
class Normalizer {
 public:
  // text: filtered (split/character_filter.h). sentence_starts: ascending byte offsets from
  // SentenceBreaker. The result is valid until the next call, and no longer than `text`.
  // Every letter and digit lies in the range of some word of the result.
  const SpeechBuilder& normalize(std::string_view text, std::span<const uint32_t> sentence_starts,
                                 Dialect dialect);

 private:
  std::vector<Token> tokens_;
  SpeechBuilder speech_;
};

// Every rule table in the order in which they are asked; for the tests of the examples.
std::vector<RuleTable> all_rule_tables();

}  // namespace myna::text
