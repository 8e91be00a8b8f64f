// "We measured" is said by two hosts who measured nothing: pronouns of the writer become words for
// the writer. The verb is made to agree; nothing else changes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "experiences/podcast/tagged_text.h"

namespace myna::podcast {

struct Writer {
  // For "I": "Franklin", "the author", "the narrator". Empty: sentences with "I" are not told.
  std::string singular;
  // "We" are the authors, as in a paper, and not mankind, as in an essay.
  bool we_are_authors = false;
};

// The sentence in the third person; as it is when it has no such pronoun outside of quotations.
// Nothing when it cannot be said of somebody else ("I" without a word for it, "myself").
std::optional<std::string> in_third_person(std::string_view sentence,
                                           const std::vector<TaggedWord>& words,
                                           const Writer& writer);

}  // namespace myna::podcast
