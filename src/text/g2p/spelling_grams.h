// The spelling model's second opinion: which pairs of a letter and its chunk follow each other. The
// LSTM scores the chunks of each letter by themselves; a beam search over its best chunks adds what
// these grams say, and keeps exactly one main stress. docs/models/pronunciation.md specifies it,
// tools/training/train_spelling_grams.py counts the grams.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "text/front_end.h"

namespace myna::text {

// Immutable; safe from many threads. The slots belong to the caller.
class SpellingGrams {
 public:
  static constexpr size_t kMaxOrder = 8;
  // Letters and chunks are told apart by 8 bits each.
  static constexpr size_t kMaxChunks = 255;

  struct Settings {
    size_t order = 0;    // tokens of the longest gram
    float strength = 0;  // of the grams against the LSTM
    float window = 0;    // chunks that are so much worse than the best one are not tried
  };

  SpellingGrams() = default;
  // slots: a power of two of them, at least one of them empty; 2 <= settings.order <= kMaxOrder.
  SpellingGrams(std::span<const int32_t> slots, Settings settings);

  // The best chunk for each letter, with the main stress in exactly one of them. letters: numbers
  // of the letters; scores: [letters, width], of which as many columns as is_stressed has are read.
  // There must be chunks with and without the main stress.
  void choose(std::span<const size_t> letters, std::span<const float> scores, size_t width,
              std::span<const uint8_t> is_stressed, Dialect dialect,
              std::vector<size_t>& chunks) const;

 private:
  struct Hypothesis {
    float score = 0;
    bool has_stress = false;
    int32_t trace = -1;                             // of its last chunk
    uint32_t length = 0;                            // tokens in `tokens`
    std::array<uint32_t, kMaxOrder> tokens{};       // the last ones, newest first
    std::array<int32_t, kMaxOrder + 1> fallback{};  // [n]: the cost of a context of n tokens
    size_t contexts = 0;                            // the longest context that the table has
  };
  struct Trace {
    int32_t before = -1;
    uint32_t chunk = 0;
  };

  uint32_t find(uint32_t hash) const;
  void measure_contexts(Hypothesis& hypothesis, uint32_t start) const;
  float score(const Hypothesis& hypothesis, uint32_t start, uint32_t token) const;
  size_t keep_best(std::vector<Hypothesis>& hypotheses) const;

  std::span<const int32_t> slots_;
  uint32_t mask_ = 0;
  Settings settings_;
};

}  // namespace myna::text
