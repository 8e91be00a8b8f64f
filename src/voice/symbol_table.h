// The alphabet that Kokoro and the Flash model share: 114 symbols to token ids, from a model card.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace myna::voice {

// Immutable; safe from many threads.
class SymbolTable {
 public:
  static constexpr int kTokenSlots = 178;

  // symbols: one code point of UTF-8 each. Throws Error kCorruptData for anything else, or for an
  // id outside of the model's slots; `package` is for the message.
  SymbolTable(const std::map<std::string, int64_t>& symbols, const std::string& package);

  bool has(char32_t symbol) const { return ids_.contains(symbol); }
  // With the padding token 0 at both ends. Throws Error kInvalidArgument that names the first
  // unknown symbol and its position.
  std::vector<int> tokens(std::u32string_view phonemes) const;

 private:
  std::map<char32_t, int> ids_;
};

}  // namespace myna::voice
