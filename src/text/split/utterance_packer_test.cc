#include "text/split/utterance_packer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace myna::text {
namespace {

PackItem item(std::string word, size_t length, size_t at) {
  PackItem pack;
  pack.word.text = std::move(word);
  pack.word.source = {at, at + 1};
  pack.symbols = std::u32string(length, U'a');
  return pack;
}
PackItem mark(char32_t symbol, size_t at) {
  PackItem pack;
  pack.is_mark = true;
  pack.space_before = symbol == U'—';
  pack.word.source = {at, at + 1};
  pack.symbols = {symbol};
  return pack;
}

struct Packer {
  std::vector<Utterance> utterances;
  UtterancePacker packer;
  explicit Packer(const FrontEndOptions& options = {})
      : packer(options,
               [this](Utterance&& utterance) { utterances.push_back(std::move(utterance)); }) {}
  void sentence(size_t words, size_t length, char32_t end = U'.') {
    std::vector<PackItem> items;
    for (size_t i = 0; i < words; ++i) items.push_back(item("w", length, i));
    items.push_back(mark(end, words));
    packer.add_sentence(items);
  }
};

size_t word_count(const std::vector<Utterance>& utterances) {
  size_t count = 0;
  for (const Utterance& utterance : utterances) count += utterance.words.size();
  return count;
}

TEST(UtterancePacker, JoinsShortSentencesUpToTheTarget) {
  Packer p;
  for (int i = 0; i < 10; ++i) p.sentence(8, 5);  // 48 or 49 symbols each
  p.packer.end_block(Break::kParagraph);
  p.packer.finish();
  ASSERT_EQ(p.utterances.size(), 3u);
  for (const Utterance& utterance : p.utterances) EXPECT_LE(utterance.phonemes.size(), 200u);
  EXPECT_EQ(p.utterances[0].break_after, Break::kSentence);
  EXPECT_EQ(p.utterances[2].break_after, Break::kParagraph);
  EXPECT_EQ(word_count(p.utterances), 80u);
}

TEST(UtterancePacker, CutsALongSentenceAtItsClauses) {
  Packer p;
  std::vector<PackItem> items;
  for (size_t i = 0; i < 60; ++i) {
    items.push_back(item("w", 5, items.size()));
    if (i == 27) items.push_back(mark(U';', items.size()));
  }
  p.packer.add_sentence(items);
  p.packer.end_block(Break::kParagraph);
  p.packer.finish();
  ASSERT_EQ(p.utterances.size(), 2u);
  EXPECT_EQ(p.utterances[0].words.size(), 28u);
  EXPECT_EQ(p.utterances[0].break_after, Break::kClause);
}

TEST(UtterancePacker, CutsBetweenWordsWithoutClauses) {
  Packer p;
  p.sentence(200, 4);
  p.packer.end_block(Break::kHeading);
  p.packer.finish();
  EXPECT_EQ(word_count(p.utterances), 200u);
  for (size_t i = 0; i < p.utterances.size(); ++i) {
    EXPECT_LE(p.utterances[i].phonemes.size(), 250u);
    EXPECT_GE(p.utterances[i].phonemes.size(), 100u);
    EXPECT_EQ(p.utterances[i].break_after,
              i + 1 == p.utterances.size() ? Break::kHeading : Break::kNone);
  }
}

TEST(UtterancePacker, NoLimitIsEverExceeded) {
  for (const size_t limit : {size_t{1}, size_t{20}, size_t{50}, size_t{250}}) {
    FrontEndOptions options;
    options.max_phonemes = limit;
    Packer p(options);
    std::vector<PackItem> items = {item("long", 700, 0), item("b", 3, 1), mark(U',', 2),
                                   item("c", 30, 3)};
    p.packer.add_sentence(items);
    p.sentence(30, 9);
    p.packer.end_block(Break::kParagraph);
    p.packer.finish();
    p.packer.finish();
    size_t symbols = 0;
    for (const Utterance& utterance : p.utterances) {
      EXPECT_LE(utterance.phonemes.size(), std::max<size_t>(limit, 16));
      for (const Phoneme& phoneme : utterance.phonemes) symbols += phoneme.symbol == U'a';
      for (const Word& word : utterance.words) {
        for (size_t i = 0; i < word.phoneme_count; ++i) {
          EXPECT_EQ(
              &utterance
                   .words[static_cast<size_t>(utterance.phonemes[word.first_phoneme + i].word)],
              &word);
        }
      }
    }
    EXPECT_EQ(symbols, 700u + 3 + 30 + 270);
  }
}

TEST(UtterancePacker, TheFirstUtterancesGrow) {
  FrontEndOptions options;
  options.first_target_phonemes = 40;
  Packer p(options);
  for (int i = 0; i < 4; ++i) p.sentence(33, 5);  // 199 symbols each, no place but between words
  p.packer.end_block(Break::kParagraph);
  p.packer.finish();
  ASSERT_GE(p.utterances.size(), 5u);
  size_t spoken = 0;
  for (size_t i = 0; i < p.utterances.size(); ++i) {
    const size_t length = p.utterances[i].phonemes.size();
    const size_t most = i == 0 ? 40 : spoken + p.utterances[0].phonemes.size();
    EXPECT_LE(length, std::max<size_t>(most, 200 * (most >= 200))) << i;
    spoken += length;
  }
  EXPECT_EQ(word_count(p.utterances), 4 * 33u);
}

TEST(UtterancePacker, TheFirstUtteranceIsAClauseWhereThereIsOne) {
  FrontEndOptions options;
  options.first_target_phonemes = 40;
  Packer p(options);
  std::vector<PackItem> items;
  for (size_t i = 0; i < 20; ++i) {
    items.push_back(item("w", 5, items.size()));
    if (i == 3 || i == 9) items.push_back(mark(U',', items.size()));
  }
  p.packer.add_sentence(items);
  p.packer.finish();
  ASSERT_GE(p.utterances.size(), 2u);
  EXPECT_EQ(p.utterances[0].words.size(), 4u);
  EXPECT_EQ(p.utterances[0].break_after, Break::kClause);
  EXPECT_EQ(p.utterances[1].words.size(), 6u);
  EXPECT_EQ(word_count(p.utterances), 20u);
}

TEST(UtterancePacker, GrowthGoesOnWhereEarlierTextEnded) {
  FrontEndOptions options;
  options.first_target_phonemes = 40;
  options.phonemes_before = 400;
  Packer p(options);
  p.sentence(33, 5);
  p.packer.finish();
  EXPECT_EQ(p.utterances.size(), 1u);
}

}  // namespace
}  // namespace myna::text
