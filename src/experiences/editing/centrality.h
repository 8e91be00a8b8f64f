// How much each sentence of a text says of what the others say: LexRank. Time and memory grow with
// the square of the number of sentences.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "experiences/editing/source_text.h"

namespace myna::editing {

// Weights of words (tf-idf among the sentences given), by word in ascending order, of length 1.
using WordVector = std::vector<std::pair<uint32_t, double>>;

std::vector<WordVector> unit_vectors(std::span<const SourceSentence* const> sentences);
double cosine(const WordVector& a, const WordVector& b);
// One value a sentence; their sum is 1.
std::vector<double> centralities(const std::vector<WordVector>& vectors);

}  // namespace myna::editing
