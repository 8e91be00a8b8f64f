#include "voice/symbol_table.h"

#include "base/error.h"
#include "base/utf8.h"

namespace myna::voice {
namespace {

constexpr int kPadToken = 0;

}  // namespace

SymbolTable::SymbolTable(const std::map<std::string, int64_t>& symbols,
                         const std::string& package) {
  for (const auto& [symbol, id] : symbols) {
    const std::u32string points = to_utf32(symbol);
    if (points.size() != 1 || id <= kPadToken || id >= kTokenSlots) {
      throw Error(ErrorCode::kCorruptData,
                  "'" + symbol + "' is not a symbol of the model's alphabet",
                  "install the model again: myna models pull " + package);
    }
    ids_[points[0]] = static_cast<int>(id);
  }
}

std::vector<int> SymbolTable::tokens(std::u32string_view phonemes) const {
  std::vector<int> tokens;
  tokens.reserve(phonemes.size() + 2);
  tokens.push_back(kPadToken);
  for (size_t i = 0; i < phonemes.size(); ++i) {
    const auto found = ids_.find(phonemes[i]);
    if (found == ids_.end()) {
      std::string symbol;
      append_utf8(symbol, phonemes[i]);
      throw Error(ErrorCode::kInvalidArgument, "phoneme '" + symbol + "' at position " +
                                                   std::to_string(i + 1) +
                                                   " is not in the voice's alphabet");
    }
    tokens.push_back(found->second);
  }
  tokens.push_back(kPadToken);
  return tokens;
}

}  // namespace myna::voice
