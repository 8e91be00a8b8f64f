#include "text/g2p/context_encoder.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "text/g2p/integer_product.h"
#include "text/text_test_support.h"

namespace myna::text {
namespace {

std::filesystem::path models_path() {
  return std::filesystem::path(MYNA_SOURCE_DIR) / "models" / "pronunciation-en";
}

TEST(IntegerProduct, IsExactInEveryFormForEveryNumberOfRows) {
  constexpr size_t kInputs = 6, kTiles = 2, kOutputs = kTiles * kIntegerTile;
  std::vector<int8_t> weights(kInputs * kOutputs);
  const auto weight = [](size_t i, size_t o) {
    return static_cast<int8_t>(static_cast<int>((i * 37 + o * 11) % 255) - 127);
  };
  for (size_t tile = 0; tile < kTiles; ++tile) {
    for (size_t i = 0; i < kInputs; ++i) {
      for (size_t o = 0; o < kIntegerTile; ++o) {
        weights[((tile * kInputs / 2 + i / 2) * kIntegerTile + o) * 2 + i % 2] =
            weight(i, tile * kIntegerTile + o);
      }
    }
  }
  for (size_t rows = 1; rows <= 21; ++rows) {
    std::vector<int16_t> x(rows * kInputs);
    for (size_t i = 0; i < x.size(); ++i)
      x[i] = static_cast<int16_t>(static_cast<int>(i * 7919 % 16383) - 8191);
    for (const IntegerProduct product : integer_products()) {
      std::vector<int32_t> out(rows * kOutputs, -1);
      product(x.data(), rows, kInputs, weights.data(), kTiles, out.data());
      for (size_t row = 0; row < rows; ++row) {
        for (size_t o = 0; o < kOutputs; ++o) {
          int32_t sum = 0;
          for (size_t i = 0; i < kInputs; ++i) sum += x[row * kInputs + i] * weight(i, o);
          ASSERT_EQ(out[row * kOutputs + o], sum) << rows << " rows, " << row << ", " << o;
        }
      }
    }
  }
}

TEST(WordPieces, AreTheLongestThatFit) {
  constexpr size_t kSlots = 32;
  std::vector<int32_t> slots(2 * kSlots, -1);
  const std::vector<std::string_view> pieces = {"",       "",     "",  "",    "un",
                                                "##like", "##ly", "'", "like"};
  for (size_t number = 4; number < pieces.size(); ++number) {
    const uint32_t hash = text_hash(pieces[number]);
    size_t slot = hash % kSlots;
    while (slots[2 * slot + 1] >= 0) slot = (slot + 1) % kSlots;
    slots[2 * slot] = static_cast<int32_t>(hash);
    slots[2 * slot + 1] = static_cast<int32_t>(number);
  }
  const WordPieces word_pieces(slots);
  const auto cut = [&](std::string_view token) {
    std::vector<uint16_t> result;
    word_pieces.cut(token, result);
    return result;
  };
  using testing::ElementsAre;
  EXPECT_THAT(cut("Unlikely"), ElementsAre(4, 5, 6));
  EXPECT_THAT(cut("un'like"), ElementsAre(4, 7, 8));
  EXPECT_THAT(cut("unlikeness"), ElementsAre(WordPieces::kUnknown));
  EXPECT_THAT(cut(std::string(1000, 'u')), ElementsAre(WordPieces::kUnknown));
  EXPECT_THAT(cut("—"), ElementsAre(WordPieces::kUnknown));
  EXPECT_THAT(cut(""), ElementsAre());
}

// The numbers are those of tools/training/homograph_encoder.py with the weights before rounding.
TEST(ContextEncoder, AgreesWithTheTrainer) {
  const ContextEncoder encoder = ContextEncoder::open(models_path() / "context.safetensors");
  const auto row_of = [&](std::string_view name) {
    const auto& names = encoder.readings();
    return static_cast<uint16_t>(std::find(names.begin(), names.end(), name) - names.begin());
  };
  struct Case {
    std::vector<std::string_view> tokens;
    size_t at;
    const char *first, *second;
    float lead;  // of the first reading over the second
  };
  const Case cases[] = {
      {{"The", "bass", "player", "caught", "a", "bass", "in", "the", "lake", "."},
       5,
       "bass",
       "bass_corp",
       -4.738F},
      {{"There", "was", "a", "tear", "in", "her", "new", "dress", "."},
       3,
       "tear_vrb",
       "tear_nou",
       4.988F},
      {{"“", "They", "don't", "record", "the", "well-known", "band", "'s", "Polish", "songs", "—",
        "do", "they", "?"},
       3,
       "record_vrb",
       "record_nou",
       7.316F},
      {{"Read", "it", "."}, 0, "read_present", "read_past", 1.55F},
  };
  for (const Case& c : cases) {
    SentenceContext context;
    context.clear(nullptr);
    for (const std::string_view token : c.tokens) context.add(token);
    const std::vector<uint16_t> rows = {row_of(c.first), row_of(c.second)};
    std::vector<float> scores(2);
    encoder.score(context, c.at, rows, scores);
    EXPECT_NEAR(scores[0] - scores[1], c.lead, 0.15F + 0.03F * std::abs(c.lead)) << c.first;
  }
}

// Long, empty and odd sentences.
TEST(ContextEncoder, TakesAnySentence) {
  const ContextEncoder encoder = ContextEncoder::open(models_path() / "context.safetensors");
  for (const size_t length : {1, 2, 40, 500}) {
    SentenceContext context;
    context.clear(nullptr);
    for (size_t i = 0; i < length; ++i) context.add(i % 7 == 3 ? "—" : i % 5 == 0 ? "ÆØÅ" : "bass");
    for (const size_t at : {size_t{0}, length / 2, length - 1}) {
      const std::vector<uint16_t> rows = {0, 1, 2};
      std::vector<float> scores(3);
      encoder.score(context, at, rows, scores);
      for (const float score : scores) EXPECT_TRUE(std::isfinite(score));
    }
  }
}

}  // namespace
}  // namespace myna::text
