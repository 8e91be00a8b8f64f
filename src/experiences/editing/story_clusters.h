// The same story told by several publishers, found by address, by fingerprints of the text (SimHash
// for copies, MinHash for what shares passages), and by the rare words that headline and opening
// have in common.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "experiences/editing/source_text.h"

namespace myna::editing {

struct Fingerprint {
  uint64_t sim_hash = 0;                 // Charikar's, over word pairs
  std::array<uint32_t, 128> min_hash{};  // over runs of three words
  size_t word_count = 0;
};

Fingerprint fingerprint_of(const std::vector<uint32_t>& words);
int sim_hash_distance(uint64_t a, uint64_t b);
// Estimate of the Jaccard similarity of the runs of words.
double min_hash_similarity(const Fingerprint& a, const Fingerprint& b);

// Indices of the sources of each story; the one with the most text first, stories in order of their
// first source. Time grows with the number of pairs that share a rare word.
std::vector<std::vector<size_t>> cluster_stories(std::span<const SourceText> sources);

}  // namespace myna::editing
