// A sentence as the tagger and the homograph model see it: each token as a few hashes, and features
// made of them. docs/models/pronunciation.md lists the templates;
// tools/training/context_features.py computes the same numbers.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

namespace myna::text {

// 32-bit FNV-1a; 0 for no text.
uint32_t text_hash(std::string_view text);
// Mixes a value into a hash.
inline uint32_t mix_features(uint32_t hash, uint32_t value) {
  uint32_t result = (hash ^ (value * 0x9E3779B1u)) * 0x85EBCA6Bu;
  result ^= result >> 15;
  result *= 0xC2B2AE35u;
  return result ^ (result >> 13);
}
// One feature: a template's number and what stands in its places.
uint32_t combine_features(uint32_t feature_template, std::initializer_list<uint32_t> values);

// A word or a mark. All zero outside of the sentence.
struct ContextToken {
  uint32_t word = 0;     // hash of the word in lower case
  uint32_t suffix1 = 0;  // of its last byte, two, three
  uint32_t suffix2 = 0;
  uint32_t suffix3 = 0;
  uint32_t prefix = 0;   // of its first two bytes
  uint32_t stem = 0;     // of its first five
  uint32_t shape = 0;    // bits: 1 capital, 2 capitals only, 4 apostrophe, 8 hyphen
  bool is_mark = true;   // no letter and no digit
  bool is_long = false;  // at least three bytes
};
ContextToken make_token(std::string_view text);

using TokenSpan = std::span<const ContextToken>;
// Tags of the tokens, from 1; 0 outside of the sentence.
using TagSpan = std::span<const uint8_t>;

inline constexpr size_t kWordFeatures = 21;
inline constexpr size_t kTagFeatures = 15;

// What the tagger's first pass looks at; exactly kWordFeatures are appended.
void append_word_features(TokenSpan tokens, size_t at, std::vector<uint32_t>& out);
// What its second pass sees besides: the first pass's tags.
void append_tag_features(TokenSpan tokens, TagSpan tags, size_t at, std::vector<uint32_t>& out);
// What the homograph model looks at: the grammar around the word, and what the text is about.
void append_grammar_features(TokenSpan tokens, TagSpan tags, size_t at, std::vector<uint32_t>& out);
void append_topic_features(TokenSpan tokens, size_t at, std::vector<uint32_t>& out);

}  // namespace myna::text
