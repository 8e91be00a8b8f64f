// Words that are spelled alike and said differently ("read", "lead", "Polish"): which reading is
// meant in this sentence. We train it on Wikipedia sentences that people labelled;
// docs/models/pronunciation.md specifies it.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "text/front_end.h"
#include "text/g2p/context_encoder.h"
#include "text/g2p/part_of_speech.h"
#include "text/g2p/phoneme_string.h"

namespace myna::text {

// Immutable after open(); safe from many threads.
class HomographModel {
 public:
  struct Reading {
    std::string name;           // "read_past", as the training data calls it
    uint32_t own_hash = 0;      // of the name
    uint32_t kind_hash = 0;     // of what it shares with other words' readings; 0 for nothing
    PhonemeString phonemes[2];  // American, British
    const PhonemeString& in(Dialect dialect) const {
      return phonemes[dialect == Dialect::kBritish];
    }
  };

  // path: the log-linear model; encoder: that of ContextEncoder, which is asked where the first is
  // in doubt. Throws Error kUnavailable or kCorruptData.
  static HomographModel open(const std::filesystem::path& path,
                             const std::filesystem::path& encoder);

  // The readings of a word in lower case; empty when it is none of this model's.
  std::span<const Reading> readings(std::string_view lower) const;
  // The likeliest of them for the token at `at`. readings: all of a word.
  const Reading& choose(std::span<const Reading> readings, const SentenceContext& context,
                        size_t at) const;

 private:
  struct Word {
    std::string spelling;
    size_t first = 0;  // into readings_
    size_t count = 0;
  };

  std::shared_ptr<const SafetensorsFile> file_;  // holds the map that the weights lie in
  const int8_t* weights_ = nullptr;
  uint32_t mask_ = 0;
  float topic_strength_ = 0;
  float kind_strength_ = 0;
  ContextEncoder encoder_;
  std::vector<uint16_t> encoder_rows_;  // of each of readings_
  std::vector<Reading> readings_;
  std::vector<Word> words_;
  std::vector<uint16_t> slots_;  // word index + 1 by hash, 0 for none; a power of two
};

}  // namespace myna::text
