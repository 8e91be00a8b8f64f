#include "text/g2p/lexicon.h"

#include <chrono>

#include "base/error.h"
#include "text/text_test_support.h"

namespace myna::text {
namespace {

std::vector<TestWord> small_words() {
  return {{"cat", {{ReadingTag::kDefault, u"kˈæt"}}},
          {"live", {{ReadingTag::kDefault, u"lˈIv"}, {ReadingTag::kVerb, u"lˈɪv"}}},
          {"US", {{ReadingTag::kDefault, u"ˌʌs"}, {ReadingTag::kNoun, u"", true}}},
          {"rare", {{ReadingTag::kDefault, u"ɹˈɛɹ"}}, LexiconTier::kSilver}};
}

ErrorCode code_of(const std::filesystem::path& path) {
  try {
    Lexicon::open(path);
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::kInternal;
}

PhonemeString read(const LexiconEntry& entry, ReadingTag tag) {
  PhonemeString phonemes;
  return entry.append_reading(tag, phonemes) ? phonemes : u"(spelled)";
}

TEST(Lexicon, FindsWordsAndTheirReadings) {
  const TemporaryDirectory directory;
  write_file_atomically(directory.path() / "lexicon.bin", make_lexicon(small_words()));
  const Lexicon lexicon = Lexicon::open(directory.path() / "lexicon.bin");
  EXPECT_EQ(lexicon.size(Dialect::kAmerican), 4u);
  for (const Dialect dialect : {Dialect::kAmerican, Dialect::kBritish}) {
    const auto live = lexicon.find("live", dialect);
    ASSERT_TRUE(live);
    EXPECT_TRUE(live->is_homograph());
    EXPECT_EQ(read(*live, ReadingTag::kVerb), u"lˈɪv");
    EXPECT_EQ(read(*live, ReadingTag::kNoun), u"lˈIv");  // no such reading: the default
    EXPECT_EQ(read(*lexicon.find("US", dialect), ReadingTag::kNoun), u"(spelled)");
    EXPECT_EQ(lexicon.find("rare", dialect)->tier(), LexiconTier::kSilver);
    EXPECT_FALSE(lexicon.find("dog", dialect));
    EXPECT_FALSE(lexicon.find("", dialect));
  }
}

TEST(Lexicon, MissingFileIsUnavailableWithAdvice) {
  const TemporaryDirectory directory;
  EXPECT_EQ(code_of(directory.path() / "lexicon.bin"), ErrorCode::kUnavailable);
}

TEST(Lexicon, EveryTruncationAndEveryFlippedByteIsRefused) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "lexicon.bin";
  const std::string good = make_lexicon(small_words());
  for (size_t size = 0; size < good.size(); ++size) {
    write_file_atomically(path, good.substr(0, size));
    ASSERT_EQ(code_of(path), ErrorCode::kCorruptData) << "cut to " << size;
  }
  for (size_t at = 0; at < good.size(); ++at) {
    if (at >= 36 && at < 64) continue;  // the unused part of the header
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x55);
    write_file_atomically(path, bad);
    ASSERT_EQ(code_of(path), ErrorCode::kCorruptData) << "byte " << at;
  }
}

// The checksum must not be what keeps reads in bounds: with it mended, a broken table is either
// refused or harmless (the sanitizers watch).
TEST(Lexicon, BrokenTablesWithARightChecksumNeverReadOutOfBounds) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "lexicon.bin";
  const std::string good = make_lexicon(small_words());
  size_t refused = 0, accepted = 0;
  for (size_t at = 64; at < good.size(); ++at) {
    for (const unsigned char value : {0x00, 0x01, 0x7F, 0x80, 0xFF}) {
      std::string bad = good;
      bad[at] = static_cast<char>(value);
      const uint64_t checksum = lexicon_checksum(std::string_view(bad).substr(64));
      std::memcpy(bad.data() + 24, &checksum, 8);
      write_file_atomically(path, bad);
      try {
        const Lexicon lexicon = Lexicon::open(path);
        ++accepted;
        for (const TestWord& word : small_words()) {
          for (const Dialect dialect : {Dialect::kAmerican, Dialect::kBritish}) {
            if (const auto entry = lexicon.find(word.word, dialect))
              read(*entry, ReadingTag::kVerb);
          }
        }
      } catch (const Error& error) {
        ASSERT_EQ(error.code(), ErrorCode::kCorruptData);
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 500u);
  EXPECT_GT(accepted, 100u);
}

TEST(Lexicon, InstalledOneHasBothDialects) {
  const Lexicon& lexicon = installed_lexicon();
  EXPECT_GT(lexicon.size(Dialect::kAmerican), 180000u);
  EXPECT_GT(lexicon.size(Dialect::kBritish), 190000u);
  EXPECT_EQ(read(*lexicon.find("water", Dialect::kAmerican), ReadingTag::kDefault), u"wˈɔɾəɹ");
  EXPECT_EQ(read(*lexicon.find("water", Dialect::kBritish), ReadingTag::kDefault), u"wˈɔːtə");
  EXPECT_EQ(read(*lexicon.find("read", Dialect::kAmerican), ReadingTag::kPast), u"ɹˈɛd");
}

}  // namespace
}  // namespace myna::text
