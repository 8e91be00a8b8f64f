// For the tests of this module: a small dictionary made on the spot, and the installed one.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/paths.h"
#include "tests/support/temporary_directory.h"
#include "text/front_end.h"
#include "text/g2p/lexicon.h"

namespace myna::text {

struct TestVariant {
  ReadingTag tag = ReadingTag::kDefault;
  PhonemeString phonemes;
  bool spelled = false;
};
struct TestWord {
  std::string word;
  std::vector<TestVariant> variants;
  LexiconTier tier = LexiconTier::kGold;
};

inline uint64_t lexicon_checksum(std::string_view content) {
  uint64_t hash = 0xCBF29CE484222325u;
  for (size_t at = 0; at + 8 <= content.size(); at += 8) {
    uint64_t word;
    std::memcpy(&word, content.data() + at, 8);
    hash = (hash ^ word) * 0x100000001B3u;
  }
  return hash;
}

// lexicon.bin with the same words in both dialects (docs/formats/lexicon.md).
inline std::string make_lexicon(const std::vector<TestWord>& words) {
  const auto put = [](std::string& out, auto value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
  };
  std::u16string alphabet = u"AIOQWYabdefhijklmnopstuvwzðŋɑɒɔəɛɜɡɪɹɾʃʊʌʒʤʧˈˌːθᵊᵻʔæ";
  uint32_t slot_count = 2;
  while (slot_count < 2 * words.size()) slot_count *= 2;
  std::string heap, entries;
  std::vector<uint32_t> slots(slot_count, 0);
  for (size_t i = 0; i < words.size(); ++i) {
    put(entries, static_cast<uint32_t>(heap.size()));
    put(entries, static_cast<uint8_t>(words[i].word.size()));
    put(entries, static_cast<uint8_t>(words[i].tier));
    put(entries, static_cast<uint16_t>(words[i].variants.size()));
    heap += words[i].word;
    for (const TestVariant& variant : words[i].variants) {
      put(heap, static_cast<uint8_t>(variant.tag));
      put(heap, static_cast<uint8_t>(variant.spelled ? 255 : variant.phonemes.size()));
      for (const char16_t symbol : variant.phonemes)
        put(heap, static_cast<uint8_t>(alphabet.find(symbol)));
    }
    uint32_t hash = 0x811C9DC5u;
    for (const char c : words[i].word) hash = (hash ^ static_cast<unsigned char>(c)) * 0x01000193u;
    uint32_t slot = hash & (slot_count - 1);
    while (slots[slot] != 0) slot = (slot + 1) & (slot_count - 1);
    slots[slot] = static_cast<uint32_t>(i + 1);
  }
  while (heap.size() % 8 != 0) heap.push_back('\0');
  if ((entries.size() + slot_count * 4) % 8 != 0)
    ADD_FAILURE() << "the test lexicon is not aligned";

  std::string content;
  for (size_t i = 0; i < 64; ++i)
    put(content, static_cast<uint32_t>(i < alphabet.size() ? alphabet[i] : 0));
  const uint32_t body = 64 + 256 + 2 * 32;
  for (const char* name : {"en-US", "en-GB"}) {
    char padded[8] = {};
    std::memcpy(padded, name, 5);
    content.append(padded, 8);
    const auto slots_at = body;
    const auto entries_at = slots_at + slot_count * 4;
    const auto heap_at = static_cast<uint32_t>(entries_at + entries.size());
    for (const uint32_t value : {slot_count, static_cast<uint32_t>(words.size()), slots_at,
                                 entries_at, heap_at, static_cast<uint32_t>(heap.size())}) {
      put(content, value);
    }
  }
  for (const uint32_t slot : slots) put(content, slot);
  content += entries + heap;

  std::string file("MYNALEX\0", 8);
  put(file, uint32_t{1});
  put(file, uint32_t{2});
  put(file, static_cast<uint64_t>(64 + content.size()));
  put(file, lexicon_checksum(content));
  put(file, static_cast<uint32_t>(alphabet.size()));
  file.resize(64, '\0');
  return file + content;
}

using test_support::TemporaryDirectory;

// The installed dictionary, one front end for all tests. Throws Error kUnavailable, which fails the
// test with the advice to install it, when it is missing.
inline const FrontEnd& installed_front_end() {
  static const FrontEnd kFrontEnd(models_directory() / "lexicon-en");
  return kFrontEnd;
}
inline const Lexicon& installed_lexicon() {
  static const Lexicon kLexicon = Lexicon::open(models_directory() / "lexicon-en" / "lexicon.bin");
  return kLexicon;
}

// Shared test data, where a checkout has it beside it; empty otherwise.
inline std::filesystem::path shared_data(const char* name) {
  const auto path = std::filesystem::path(MYNA_SOURCE_DIR) / ".." / "shared" / "data" / name;
  return std::filesystem::exists(path) ? path : std::filesystem::path{};
}

}  // namespace myna::text
