// The pronunciation dictionary: docs/formats/lexicon.md, read in place from a memory map.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

#include "base/file.h"
#include "text/front_end.h"
#include "text/g2p/phoneme_string.h"

namespace myna::text {

// Which reading of a homograph is meant; the numbers are those of the file.
enum class ReadingTag : uint8_t {
  kDefault,
  kNoun,
  kVerb,
  kAdjective,
  kAdverb,
  kPast,             // VBD
  kPastParticiple,   // VBN
  kNonThirdPresent,  // VBP
  kDeterminer,       // DT
  kClauseFinal,      // "None": nothing follows in the clause
};
inline constexpr uint8_t kReadingTagCount = 10;

enum class LexiconTier : uint8_t { kGold, kSilver };

// One word of the dictionary. Refers into the Lexicon.
class LexiconEntry {
 public:
  LexiconTier tier() const { return tier_; }
  bool is_homograph() const { return variant_count_ > 1; }
  bool has(ReadingTag tag) const { return find(tag) != nullptr; }
  // The reading for the tag, otherwise DEFAULT, appended to `out`. False (and nothing appended)
  // when the letters are to be named instead.
  bool append_reading(ReadingTag tag, PhonemeString& out) const;

 private:
  friend class Lexicon;
  const uint8_t* find(ReadingTag tag) const;

  const uint8_t* variants_ = nullptr;
  const char16_t* alphabet_ = nullptr;
  uint16_t variant_count_ = 0;
  LexiconTier tier_ = LexiconTier::kGold;
};

// Immutable; safe from many threads.
class Lexicon {
 public:
  // Throws Error kUnavailable when the file is missing, kCorruptData when anything in it breaks the
  // format. After that no lookup can read out of bounds.
  static Lexicon open(const std::filesystem::path& path);

  // The word exactly as written, byte for byte.
  std::optional<LexiconEntry> find(std::string_view word, Dialect dialect) const;
  size_t size(Dialect dialect) const { return section(dialect).entry_count; }

 private:
  struct Section {
    const uint32_t* slots = nullptr;
    const uint8_t* entries = nullptr;
    const uint8_t* heap = nullptr;
    uint32_t slot_count = 0;
    uint32_t entry_count = 0;
  };
  const Section& section(Dialect dialect) const { return sections_[dialect == Dialect::kBritish]; }

  MappedFile file_;
  char16_t alphabet_[64] = {};
  Section sections_[2];
};

}  // namespace myna::text
