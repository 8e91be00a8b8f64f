#include "experiences/editing/centrality.h"

#include <cmath>
#include <map>
#include <unordered_map>

namespace myna::editing {

double cosine(const WordVector& a, const WordVector& b) {
  double sum = 0;
  auto i = a.begin();
  auto j = b.begin();
  while (i != a.end() && j != b.end()) {
    if (i->first < j->first) {
      ++i;
    } else if (j->first < i->first) {
      ++j;
    } else {
      sum += i->second * j->second;
      ++i;
      ++j;
    }
  }
  return sum;
}

std::vector<WordVector> unit_vectors(std::span<const SourceSentence* const> sentences) {
  std::unordered_map<uint32_t, double> holders;
  std::vector<WordVector> vectors;
  for (const SourceSentence* sentence : sentences) {
    std::map<uint32_t, double> counts;
    for (const uint32_t word : sentence->words) ++counts[word];
    for (const auto& [word, count] : counts) ++holders[word];
    vectors.emplace_back(counts.begin(), counts.end());
  }
  for (WordVector& vector : vectors) {
    double sum = 0;
    for (auto& [word, weight] : vector) {
      weight *= std::log(1 + static_cast<double>(sentences.size()) / holders[word]);
      sum += weight * weight;
    }
    if (sum > 0) {
      for (auto& [word, weight] : vector) weight /= std::sqrt(sum);
    }
  }
  return vectors;
}

// Erkan and Radev (2004), continuous LexRank, damping 0.85.
std::vector<double> centralities(const std::vector<WordVector>& vectors) {
  const size_t count = vectors.size();
  std::vector<std::vector<double>> matrix(count, std::vector<double>(count));
  std::vector<double> degrees(count);
  for (size_t i = 0; i < count; ++i) {
    for (size_t j = 0; j < i; ++j) matrix[i][j] = matrix[j][i] = cosine(vectors[i], vectors[j]);
  }
  for (size_t i = 0; i < count; ++i) {
    for (const double value : matrix[i]) degrees[i] += value;
  }
  std::vector<double> rank(count, 1.0 / static_cast<double>(count));
  for (int step = 0; step < 40; ++step) {
    std::vector<double> next(count, 0.15 / static_cast<double>(count));
    for (size_t i = 0; i < count; ++i) {
      if (degrees[i] <= 0) continue;
      for (size_t j = 0; j < count; ++j) next[j] += 0.85 * rank[i] * matrix[i][j] / degrees[i];
    }
    rank = std::move(next);
  }
  return rank;
}

}  // namespace myna::editing
