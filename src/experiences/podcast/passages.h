// Passages: runs of sentences that stand together in the document and can be told together. A
// listener follows a run; single sentences from here and there are a list.
#pragma once

#include <cstddef>
#include <vector>

#include "experiences/podcast/outline.h"

namespace myna::podcast {

struct Passage {
  size_t section = 0;  // index into Outline::sections
  size_t first = 0;    // sentences [first, last] of it, each with something spoken
  size_t last = 0;
  double score = 0;
  bool against = false;  // it limits or contradicts: "however", "fails", "critics"

  bool operator==(const Passage&) const = default;
};

inline constexpr size_t kMinPassageWords = 14;
inline constexpr size_t kMaxPassageWords = 110;
inline constexpr size_t kMaxPassageSentences = 7;

// Best first; none overlaps another or says much of the same again.
std::vector<Passage> find_passages(const Outline& outline, size_t section);

size_t passage_words(const Outline& outline, const Passage& passage);

}  // namespace myna::podcast
