// Whether a sentence of a script says nothing that its source does not: the check that every line
// passes before it is spoken, and the stricter one for a rewording by a language model.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace myna::editing {

struct GroundingFault {
  // "number", "name", "quotation", "negation", "overlap"; of a rewording also "form", "qualifier"
  // and "word".
  std::string what;
  std::string text;  // what is not in the source
};

// Numbers, capitalised words inside of the sentence and quotations must occur in the span,
// negations as often as there, and three of five content words. Empty when all of it does.
std::vector<GroundingFault> check_grounding(std::string_view sentence,
                                            std::string_view source_span);

// What a rewording of `sentence` may not do, beside what check_grounding() finds: be anything but
// one sentence of at most kMaxSpokenWords; have other numbers or names than the sentence, or in
// another order; gain or lose a word that limits the claim ("may", "about", "after", "he"); have a
// content word that the span does not have. What is left is order, length and small words: nobody
// here can tell a true new word from a false one.
std::vector<GroundingFault> check_rewording(std::string_view reworded, std::string_view sentence,
                                            std::string_view span);

// What a rewording model has to offer (experiences/rewording). The editing asks it for each
// sentence and keeps the extracted one whenever the answer is empty or fails check_rewording().
class Rewriter {
 public:
  virtual ~Rewriter() = default;
  // One sentence for `sentence`, whose source is `span`. Not called from several threads.
  virtual std::string reword(std::string_view sentence, std::string_view span) = 0;
};

// The rewording if there is a rewriter and what it says passes check_rewording(), otherwise the
// sentence.
std::string reword_if_grounded(Rewriter* rewriter, const std::string& sentence,
                               std::string_view span);

}  // namespace myna::editing
