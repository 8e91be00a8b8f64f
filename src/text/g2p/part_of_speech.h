// The part of speech of each word in a sentence: a linear model in two passes that we train by
// distilling a larger tagger. docs/models/pronunciation.md specifies it.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "text/g2p/context_features.h"

namespace myna {
class SafetensorsFile;
}

namespace myna::text {

// Penn Treebank tags, some merged (JJ stands for JJR and JJS too). kPossessive is a word that ends
// in 's. The numbers are those of the model; 0 stands for no token.
enum class PartOfSpeech : uint8_t {
  kNone,
  kConjunction,         // CC
  kNumber,              // CD
  kDeterminer,          // DT
  kThere,               // EX
  kPreposition,         // IN
  kAdjective,           // JJ
  kModal,               // MD
  kNoun,                // NN
  kPluralNoun,          // NNS
  kName,                // NNP
  kPossessive,          // POS
  kPronoun,             // PRP
  kPossessivePronoun,   // PRP$
  kAdverb,              // RB
  kParticle,            // RP
  kTo,                  // TO
  kInterjection,        // UH
  kVerb,                // VB
  kPast,                // VBD
  kGerund,              // VBG
  kPastParticiple,      // VBN
  kPresent,             // VBP
  kThirdPersonPresent,  // VBZ
  kWhDeterminer,        // WDT
  kWhPronoun,           // WP
  kWhAdverb,            // WRB
  kMark,
};
inline constexpr size_t kPartOfSpeechCount = 28;

// Immutable after open(); safe from many threads.
class Tagger {
 public:
  // Throws Error kUnavailable or kCorruptData.
  static Tagger open(const std::filesystem::path& path);

  // tags: one for each token.
  void tag(TokenSpan tokens, std::vector<uint8_t>& tags) const;

 private:
  // A row of weights for each bucket, one weight a tag.
  struct Table {
    const int8_t* rows = nullptr;
    uint32_t mask = 0;
  };
  static constexpr size_t kRowSize = 32;
  static uint8_t best_tag(const Table& table, std::span<const uint32_t> features);

  std::shared_ptr<const SafetensorsFile> file_;  // holds the map that the tables lie in
  Table first_, second_;
};

// A sentence with its tags, which are made when somebody asks for the first time. One a thread;
// refill it for each sentence.
class SentenceContext {
 public:
  void clear(const Tagger* tagger) {
    tagger_ = tagger;
    tagged_ = false;
    tokens_.clear();
    text_.clear();
    ends_.clear();
  }
  void add(std::string_view text) {
    tokens_.push_back(make_token(text));
    text_ += text;
    ends_.push_back(text_.size());
  }

  TokenSpan tokens() const { return tokens_; }
  // As it was added; valid until the next add() or clear().
  std::string_view text(size_t at) const {
    const size_t begin = at == 0 ? 0 : ends_[at - 1];
    return std::string_view(text_).substr(begin, ends_[at] - begin);
  }
  TagSpan tags() const {
    if (!tagged_ && tagger_ != nullptr) tagger_->tag(tokens_, tags_);
    tagged_ = true;
    return tags_;
  }
  PartOfSpeech part_of_speech(size_t at) const {
    const TagSpan all = tags();
    return at < all.size() ? static_cast<PartOfSpeech>(all[at]) : PartOfSpeech::kNone;
  }

 private:
  const Tagger* tagger_ = nullptr;
  std::vector<ContextToken> tokens_;
  std::string text_;          // of all tokens, one after the other
  std::vector<size_t> ends_;  // of each in text_
  mutable bool tagged_ = false;
  mutable std::vector<uint8_t> tags_;
};

}  // namespace myna::text
