#include "text/g2p/word_pieces.h"

#include <algorithm>
#include <array>

#include "text/g2p/context_features.h"

namespace myna::text {
namespace {

constexpr size_t kLongestWord = 48;  // bytes; longer ones are unknown

constexpr uint32_t kFnvStart = 0x811C9DC5u;
uint32_t hash_on(uint32_t hash, char c) {
  return (hash ^ static_cast<unsigned char>(c)) * 0x01000193u;
}

// Bytes of the character at the front of `text`.
size_t character_size(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const size_t size = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  return std::min(size, text.size());
}

// Letters and digits, and what is neither ASCII nor general punctuation (U+2000 to U+206F).
bool is_of_word(std::string_view character) {
  const char c = character[0];
  if (static_cast<unsigned char>(c) < 0x80)
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  if (character.size() != 3 || c != '\xE2') return true;
  return character[1] != '\x80' && (character[1] != '\x81' || character[2] > '\xAF');
}

}  // namespace

int32_t WordPieces::find(uint32_t hash) const {
  const size_t mask = slots_.size() / 2 - 1;
  for (size_t slot = hash & mask; slots_[2 * slot + 1] >= 0; slot = (slot + 1) & mask) {
    if (static_cast<uint32_t>(slots_[2 * slot]) == hash) return slots_[2 * slot + 1];
  }
  return -1;
}

void WordPieces::cut_word(std::string_view lower, std::vector<uint16_t>& pieces) const {
  const size_t first = pieces.size();
  for (size_t at = 0; at < lower.size() && lower.size() <= kLongestWord;) {
    // The hashes of all beginnings, then the longest that is a piece.
    std::array<uint32_t, kLongestWord> hashes{};
    uint32_t hash = at == 0 ? kFnvStart : hash_on(hash_on(kFnvStart, '#'), '#');
    for (size_t i = at; i < lower.size(); ++i) hashes[i] = hash = hash_on(hash, lower[i]);
    size_t end = lower.size();
    int32_t piece = -1;
    while (end > at && (piece = find(hashes[end - 1])) < 0) --end;
    if (piece < 0) break;
    pieces.push_back(static_cast<uint16_t>(piece));
    at = end;
    if (at == lower.size()) return;
  }
  pieces.resize(first);
  pieces.push_back(kUnknown);
}

void WordPieces::cut(std::string_view token, std::vector<uint16_t>& pieces) const {
  std::array<char, kLongestWord + 1> word{};
  size_t size = 0;
  const auto finish_word = [&] {
    if (size > 0) cut_word({word.data(), size}, pieces);
    size = 0;
  };
  while (!token.empty()) {
    const std::string_view character = token.substr(0, character_size(token));
    token.remove_prefix(character.size());
    if (is_of_word(character)) {
      for (const char c : character) {
        // What does not fit makes the word too long.
        if (size < word.size()) word[size++] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
      }
      continue;
    }
    finish_word();
    if (character != " ") cut_word(character, pieces);
  }
  finish_word();
}

}  // namespace myna::text
