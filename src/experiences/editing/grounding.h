// Whether a sentence of a script says nothing that its source does not: the check that every line
// passes before it is spoken, and that a rewording by a language model will have to pass.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace myna::editing {

struct GroundingFault {
  std::string what;  // "number", "name", "quotation", "negation", "overlap"
  std::string text;  // what is not in the source
};

// Numbers, capitalised words inside of the sentence and quotations must occur in the span,
// negations as often as there, and three of five content words. Empty when all of it does.
std::vector<GroundingFault> check_grounding(std::string_view sentence,
                                            std::string_view source_span);

// What a rewording model has to offer; there is none in the project yet. The editing asks it for
// each sentence and keeps the extracted one whenever the answer is empty or not grounded.
class Rewriter {
 public:
  virtual ~Rewriter() = default;
  // One sentence for `sentence`, whose source is `span`. Not called from several threads.
  virtual std::string reword(std::string_view sentence, std::string_view span) = 0;
};

// The rewording if there is a rewriter and what it says is grounded, otherwise the sentence.
std::string reword_if_grounded(Rewriter* rewriter, const std::string& sentence,
                               std::string_view span);

}  // namespace myna::editing
