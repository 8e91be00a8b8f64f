#include "train/lm/tokenizer.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/error.h"
#include "tests/support/temporary_directory.h"

namespace myna::train {
namespace {

std::vector<std::string> pieces_of(std::string_view text, Digits digits = Digits::kTogether) {
  std::vector<std::string> pieces;
  pretokenize(text, digits, [&](std::string_view piece) { pieces.emplace_back(piece); });
  return pieces;
}

using Pieces = std::vector<std::string>;

TEST(Pretokenizer, CutsAsGpt2Does) {
  EXPECT_EQ(pieces_of("Don't stop, 2024!"), (Pieces{"Don", "'t", " stop", ",", " 2024", "!"}));
  EXPECT_EQ(pieces_of("a  b\n\n c \n"), (Pieces{"a", " ", " b", "\n\n", " c", " \n"}));
  EXPECT_EQ(pieces_of("na\xC3\xAFve \xE6\x97\xA5\xE6\x9C\xAC"),
            (Pieces{"na\xC3\xAFve", " \xE6\x97\xA5\xE6\x9C\xAC"}));
  EXPECT_EQ(pieces_of("x 42", Digits::kSingle), (Pieces{"x", " ", "4", "2"}));
  EXPECT_TRUE(pieces_of("").empty());
}

TEST(Pretokenizer, PiecesAreTheTextWhateverItsBytes) {
  std::string text = "ab \xFF\xC3(\x80 '\xE2\x82";
  for (int i = 0; i < 256; ++i) text += static_cast<char>(i);
  for (const Digits digits : {Digits::kTogether, Digits::kSingle}) {
    std::string joined;
    for (const std::string& piece : pieces_of(text, digits)) joined += piece;
    EXPECT_EQ(joined, text);
  }
}

Tokenizer small_tokenizer(size_t vocabulary = 300) {
  TokenizerTrainer trainer({vocabulary, 2, {"<|endoftext|>"}, Digits::kTogether});
  for (int i = 0; i < 10; ++i) trainer.add("the cat sat on the mat, the rat ate the cat");
  return trainer.train();
}

TEST(Tokenizer, MergesTheMostFrequentPairFirst) {
  TokenizerTrainer trainer({260, 2, {"<|endoftext|>"}, Digits::kTogether});
  trainer.add("abab ab abc");  // "abab", " ab", " abc"
  const Tokenizer tokenizer = trainer.train();
  // a-b comes four times, then " "-ab twice.
  EXPECT_EQ(tokenizer.bytes_of(257), "ab");
  EXPECT_EQ(tokenizer.bytes_of(258), " ab");
  EXPECT_EQ(tokenizer.size(), 259u);  // nothing else comes twice
  EXPECT_EQ(tokenizer.encode("abab").size(), 2u);
}

TEST(Tokenizer, DecodingGivesTheBytesBack) {
  const Tokenizer tokenizer = small_tokenizer();
  std::string text = "the cat\xFF\x00 is na\xC3\xAFve\n\n";
  for (int i = 0; i < 256; ++i) text += static_cast<char>(i);
  EXPECT_EQ(tokenizer.decode(tokenizer.encode(text)), text);
  EXPECT_LT(tokenizer.encode("the cat sat").size(), 6u);
  // A piece of a hundred thousand letters takes no quadratic time.
  EXPECT_EQ(tokenizer.decode(tokenizer.encode(std::string(100000, 'a'))).size(), 100000u);
}

TEST(Tokenizer, FilesKeepIt) {
  const test_support::TemporaryDirectory directory;
  const auto path = directory.path() / "tokenizer.json";
  const Tokenizer tokenizer = small_tokenizer();
  tokenizer.save(path);
  const Tokenizer read = Tokenizer::load(path);
  EXPECT_EQ(read.size(), tokenizer.size());
  EXPECT_EQ(read.special("<|endoftext|>"), 0);
  const std::string text = "the fat cat sat, then 12 rats ate \xE2\x82\xAC 5";
  EXPECT_EQ(read.encode(text), tokenizer.encode(text));
}

// Files of other programs: what would crash later, or not give back what it encodes.
TEST(Tokenizer, RefusesFilesThatMakeNoSense) {
  const auto file = [](const std::string& vocabulary, const std::string& merges,
                       const std::string& added = "[]") {
    return "{\"added_tokens\": " + added + ", \"model\": {\"vocab\": " + vocabulary +
           ", \"merges\": " + merges + "}}";
  };
  const Tokenizer good = Tokenizer::parse(file(R"({"a": 0, "b": 1, "ab": 2})", R"(["a b"])"), "f");
  EXPECT_EQ(good.encode("ab"), std::vector<Token>{2});
  EXPECT_THROW(good.encode("c"), Error);
  for (const std::string& bad :
       {std::string("["), file("[]", "[]"), file(R"({"a": -1})", "[]"), file(R"({"a": 1.5})", "[]"),
        file(R"({"a": 99999999})", "[]"), file(R"({"a": 0, "b": 0})", "[]"),
        file(R"({"": 0})", "[]"), file("{\"a\xE2\x82\xAC\": 0}", "[]"),
        file(R"({"a": 0, "b": 1})", R"(["a b"])"), file(R"({"a": 0, "b": 1})", R"(["a"])"),
        file(R"({"a": 0, "b": 1, "ab": 2})", R"(["a b"])", R"([{"id": 2, "content": "ab"}])"),
        file(R"({"a": 0})", "[]", R"([{"id": -3, "content": "x"}])")}) {
    EXPECT_THROW(Tokenizer::parse(bad, "f"), Error) << bad;
  }
}

TEST(Tokenizer, RefusesWhatIsImpossible) {
  EXPECT_THROW(TokenizerTrainer({100, 1, {}, Digits::kTogether}).train(), Error);
  const Tokenizer tokenizer = small_tokenizer();
  EXPECT_THROW(tokenizer.special("<|im_end|>"), Error);
  const std::vector<Token> unknown = {-1, 1 << 20};
  EXPECT_THROW(tokenizer.decode(unknown), Error);
}

}  // namespace
}  // namespace myna::train
