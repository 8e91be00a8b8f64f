// A sentence of a document as it is said: cut into sentences of at most 20 words, without asides,
// in the third person. Words are left out and never added, but for the writer's pronouns
// (third_person.h) and the capital of a clause that became a sentence.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "experiences/podcast/tagged_text.h"
#include "experiences/podcast/third_person.h"

namespace myna::podcast {

class Teller {
 public:
  // The tagger outlives it.
  Teller(const SentenceTagger& tagger, Writer writer)
      : tagger_(tagger), writer_(std::move(writer)) {}

  // Empty for what is nothing to be heard: formulas, references to figures, fragments, lines about
  // the page or to a program, sentences that cannot be cut short enough.
  std::vector<std::string> tell(std::string_view sentence) const;

  // Whether a listener needs the sentence before it: "Each", "In this way", "When they".
  bool needs_what_came_before(std::string_view sentence) const;

  const SentenceTagger& tagger() const { return tagger_; }

 private:
  bool cut(std::string text, int depth, std::vector<std::string>& pieces) const;

  const SentenceTagger& tagger_;
  Writer writer_;
};

// Text that wants to steer a program: "ignore your instructions".
bool speaks_to_a_program(std::string_view sentence);

size_t count_words(std::string_view text);

}  // namespace myna::podcast
