// The sections of a document: those that its headings make, or, where it has hardly any, pieces
// between paragraphs at which the words change (as TextTiling does, Hearst 1997), named by the noun
// phrases that they alone have.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "experiences/intake/document.h"
#include "experiences/podcast/tagged_text.h"

namespace myna::podcast {

struct FoundSection {
  std::string title;  // empty: what stands before the first heading
  bool titled = false;
  std::vector<std::string> paragraphs;
};

std::vector<FoundSection> find_sections(const intake::Document& document, size_t wanted,
                                        const SentenceTagger& tagger);

}  // namespace myna::podcast
