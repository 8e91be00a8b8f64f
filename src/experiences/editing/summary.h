// Which sentences tell a story: centrality among the sentences of all its sources (LexRank),
// weighted towards the opening of each, without saying anything twice (MMR), in an order that can
// be followed.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "experiences/editing/source_text.h"

namespace myna::editing {

struct SentenceReference {
  size_t source = 0;    // index into the sources
  size_t sentence = 0;  // index into SourceText::sentences
  bool operator==(const SentenceReference&) const = default;
};

struct SummarySentence {
  SentenceReference reference;
  std::vector<std::string> spoken;  // one or two sentences made of it
  double value = 0;                 // centrality, 1 is the best of the story
};

struct SummaryOptions {
  size_t most = 8;               // sentences
  double position_weight = 0.7;  // 0: centrality alone; 1: opening alone
  double headline_weight = 0.4;  // of the share of the headline's words that a sentence has
  double redundancy = 0.5;       // overlap from which a sentence says nothing new
  size_t max_spoken_words = 20;
};

// In order of choice: the first n are the best summary of n sentences, and each needs only ones
// that stand before it in this list. `known`: sentences that were told before, as words.
std::vector<SummarySentence> summarize(std::span<const SourceText> sources,
                                       const std::vector<size_t>& story,
                                       const SummaryOptions& options = {},
                                       const std::vector<std::vector<uint32_t>>& known = {});

// The order of telling: the leading source from its beginning, then the others.
void sort_for_telling(std::vector<SummarySentence>& sentences, const std::vector<size_t>& story);

}  // namespace myna::editing
