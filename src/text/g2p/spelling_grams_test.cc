#include "text/g2p/spelling_grams.h"

#include <gtest/gtest.h>

#include "text/g2p/context_features.h"

namespace myna::text {
namespace {

constexpr uint32_t kAmerican = 300, kStart = 0xFFFF, kEnd = 0xFFFE;
constexpr size_t kPlain = 0, kOther = 1, kStressed = 2;
const std::vector<uint8_t> kIsStressed = {0, 0, 1};

uint32_t token(size_t letter, size_t chunk) { return static_cast<uint32_t>(letter << 8 | chunk); }

// Slots of a table, as docs/models/pronunciation.md has them.
class Slots {
 public:
  explicit Slots(size_t size) : slots_(size, 0) {}

  // tokens: newest first. cost and left in steps of 1/16 nat.
  void add(std::initializer_list<uint32_t> tokens, uint32_t cost, int left = 0) {
    uint32_t hash = kAmerican;
    for (const uint32_t token : tokens) hash = mix_features(hash, token + 1);
    size_t slot = hash % slots_.size();
    while (slots_[slot] != 0) slot = (slot + 1) % slots_.size();
    const uint32_t bits =
        std::max(hash >> 16, 1u) << 16 | cost << 8 | static_cast<uint32_t>(left + 128);
    slots_[slot] = static_cast<int32_t>(bits);
  }
  std::span<const int32_t> get() const { return slots_; }

 private:
  std::vector<int32_t> slots_;
};

std::vector<size_t> choose(const SpellingGrams& grams, const std::vector<float>& scores) {
  const std::vector<size_t> letters = {3, 4};
  std::vector<size_t> chunks;
  grams.choose(letters, scores, 3, kIsStressed, Dialect::kAmerican, chunks);
  return chunks;
}

// Single tokens alike, but after letter 3 with the stressed chunk the other chunk of letter 4.
Slots some_slots() {
  Slots slots(64);
  for (const size_t letter : {3, 4}) {
    for (const size_t chunk : {kPlain, kOther, kStressed}) slots.add({token(letter, chunk)}, 32);
  }
  slots.add({kStart}, 255);
  slots.add({kEnd}, 32);
  slots.add({token(4, kOther), token(3, kStressed)}, 0);
  slots.add({token(4, kPlain), token(3, kStressed)}, 160);
  return slots;
}

TEST(SpellingGrams, OutweighASmallDifferenceOfTheScores) {
  const Slots slots = some_slots();
  const std::vector<float> scores = {-3, -9, 0, 0, -1, -9};
  const SpellingGrams with(slots.get(), {3, 1.0f, 12.0f});
  EXPECT_EQ(choose(with, scores), (std::vector<size_t>{kStressed, kOther}));
  const SpellingGrams without(slots.get(), {3, 0.0f, 12.0f});
  EXPECT_EQ(choose(without, scores), (std::vector<size_t>{kStressed, kPlain}));
}

TEST(SpellingGrams, KeepExactlyOneMainStress) {
  const Slots slots = some_slots();
  const SpellingGrams grams(slots.get(), {3, 0.1f, 2.0f});
  // Both letters want it: the second one more.
  EXPECT_EQ(choose(grams, {-1, -9, 0, -3, -9, 0}), (std::vector<size_t>{kPlain, kStressed}));
  // None wants it: the first one less unwillingly, though its window does not reach so far.
  EXPECT_EQ(choose(grams, {0, -9, -5, 0, -9, -8})[0], kStressed);
}

TEST(SpellingGrams, FallBackToShorterGramsAtTheirCost) {
  Slots slots = some_slots();
  // Whatever follows the plain chunk of letter 3 and is not known there costs 5 nats more.
  slots.add({token(3, kPlain)}, 32, -80);
  const SpellingGrams grams(slots.get(), {2, 1.0f, 12.0f});
  EXPECT_EQ(choose(grams, {0, -9, -1, 0, -9, 0})[0], kPlain);
  Slots costly(64);
  for (const size_t chunk : {kPlain, kOther, kStressed}) costly.add({token(4, chunk)}, 32);
  costly.add({token(3, kOther)}, 32);
  costly.add({token(3, kStressed)}, 32);
  costly.add({token(3, kPlain)}, 32, -80);
  costly.add({kEnd}, 32);
  costly.add({token(4, kPlain), token(3, kStressed)}, 32);
  const SpellingGrams other(costly.get(), {2, 1.0f, 12.0f});
  EXPECT_EQ(choose(other, {0, -9, -1, 0, -9, 0})[0], kStressed);
}

}  // namespace
}  // namespace myna::text
