// A token cut into the pieces that the context encoder knows: greedily the longest each time, as in
// WordPiece. tools/training/homograph_encoder.py does the same.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace myna::text {

class WordPieces {
 public:
  static constexpr uint16_t kUnknown = 1;
  static constexpr uint16_t kFirst = 2;  // before a sentence
  static constexpr uint16_t kLast = 3;   // after it

  WordPieces() = default;
  // slots: pairs (hash of the piece, number), a power of two of them, with open addressing from the
  // low bits of the hash; the number is -1 in an empty one, of which there is one at least. The
  // hash is text_hash() of the piece, of "##" and the piece within a word. `slots` outlives this.
  explicit WordPieces(std::span<const int32_t> slots) : slots_(slots) {}

  // Appends the pieces of a token (UTF-8); nothing for an empty one.
  void cut(std::string_view token, std::vector<uint16_t>& pieces) const;

 private:
  void cut_word(std::string_view lower, std::vector<uint16_t>& pieces) const;
  int32_t find(uint32_t hash) const;

  std::span<const int32_t> slots_;
};

}  // namespace myna::text
