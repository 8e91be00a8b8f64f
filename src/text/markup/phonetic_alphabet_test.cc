#include "text/markup/phonetic_alphabet.h"

#include <gtest/gtest.h>

#include "base/utf8.h"

namespace myna::text {
namespace {

std::string read(std::string_view notation, Dialect dialect = Dialect::kAmerican,
                 PhoneticAlphabet alphabet = PhoneticAlphabet::kIpa) {
  PhonemeString phonemes;
  if (const auto error = parse_phonemes(notation, alphabet, dialect, phonemes))
    return std::to_string(error->begin) + ": " + error->message;
  return to_utf8(std::u32string(phonemes.begin(), phonemes.end()));
}

TEST(PhoneticAlphabet, IpaBecomesTheVoicesAlphabet) {
  EXPECT_EQ(read("həˈloʊ"), "həlˈO");
  EXPECT_EQ(read("/ˈt͡ʃɜː.dʒɪz/"), "ʧˈɜɹʤɪz");
  EXPECT_EQ(read("[ˈwɔːtə]", Dialect::kBritish), "wˈɔːtə");
  EXPECT_EQ(read("ɡəʊt", Dialect::kBritish), "ɡˈQt");
  EXPECT_EQ(read("ɡəʊt"), "ɡˈOt");
  EXPECT_EQ(read("trap", Dialect::kBritish), "tɹˈap");
  EXPECT_EQ(read("træp", Dialect::kBritish), "tɹˈap");
  EXPECT_EQ(read("ˈkɒfi"), "kˈɑfi");
  EXPECT_EQ(read("ˈbɒtl̩", Dialect::kBritish), "bˈɒtᵊl");
  EXPECT_EQ(read("nuː jɔːk"), "nˈu jˈɔk");
}

TEST(PhoneticAlphabet, WhatTheVoiceLacksBecomesTheNearest) {
  EXPECT_EQ(read("ˈɬan"), "lˈæn");
  EXPECT_EQ(read("ʀɑ"), "ʁˈɑ");
}

TEST(PhoneticAlphabet, TheVoicesOwnLettersAreUnderstood) {
  EXPECT_EQ(read("kˈOkəɹO"), "kˈOkəɹO");
  EXPECT_EQ(read("kˈOkəɹO", Dialect::kAmerican, PhoneticAlphabet::kMyna), "kˈOkəɹO");
}

TEST(PhoneticAlphabet, XSampa) {
  EXPECT_EQ(read("h@\"loU", Dialect::kAmerican, PhoneticAlphabet::kXSampa), "həlˈO");
  EXPECT_EQ(read("\"tS3:dZIz", Dialect::kBritish, PhoneticAlphabet::kXSampa), "ʧˈɜːʤɪz");
  EXPECT_EQ(read("\"r\\{bIt", Dialect::kAmerican, PhoneticAlphabet::kXSampa), "ɹˈæbɪt");
}

TEST(PhoneticAlphabet, ErrorsHaveAPlace) {
  EXPECT_EQ(read("ab$"), "2: '$' is no IPA symbol");
  EXPECT_EQ(read("h@%;", Dialect::kAmerican, PhoneticAlphabet::kXSampa),
            "3: ';' is no X-SAMPA symbol");
  EXPECT_EQ(read("  "), "0: there are no phonemes");
  EXPECT_EQ(read("ˈ."), "0: there are no phonemes");
}

}  // namespace
}  // namespace myna::text
