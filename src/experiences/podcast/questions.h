// Questions that the next sentence answers, made of its own words, so that they bring nothing into
// the show that the document does not say.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "experiences/podcast/tagged_text.h"

namespace myna::podcast {

// What a question is about, for the mix of a conversation.
enum class Beat : unsigned char {
  kDefinition,     // "What is a tide gate?"
  kMisconception,  // "So is it a lock?" - "No. ..."
  kExample,
  kAnalogy,
  kContrast,
  kConsequence,
  kCondition,  // "And if the ice breaks?"
  kTime,       // "What happened in 1911?"
  kVoice,      // "What does Darwin say?"
  kDetail,     // "How long does a tidal day last?"
  kSubject,    // "What about the wooden gate?"
};

struct Question {
  Beat beat = Beat::kSubject;
  std::string text;
  std::string answer;     // what the sentence is begun with: "No."; may be empty
  std::string_view skip;  // what it loses at its beginning: "For example, "
  std::string subject;    // that it asks about, in small letters; may be empty
};

// Questions for which `sentence` is the answer, best first.
std::vector<Question> questions_for(std::string_view sentence,
                                    const std::vector<TaggedWord>& words);

// A sentence told in two turns: "It shut the harbour." "Why?" "Because the tide was high."
struct SplitSentence {
  std::string first;
  std::string question;
  std::string second;
};
std::optional<SplitSentence> split_at_question(std::string_view sentence,
                                               const std::vector<TaggedWord>& words);

// "420 tonnes" of a sentence with one number of things; empty when there is none.
std::string number_of(std::string_view sentence, const std::vector<TaggedWord>& words);

}  // namespace myna::podcast
