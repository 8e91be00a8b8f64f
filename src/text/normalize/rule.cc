#include "text/normalize/rule.h"

#include <algorithm>

namespace myna::text {

bool Tokens::ends_before(size_t i) const {
  if (!exists(i) || tokens_[i].space_before) return true;
  if (tokens_[i].kind != TokenKind::kSymbol) return false;
  static constexpr std::u32string_view kClosing = U".,;:!?)]}\"'”…—";
  return kClosing.find(tokens_[i].symbol) != std::u32string_view::npos &&
         (!exists(i + 1) || tokens_[i + 1].space_before ||
          tokens_[i + 1].kind == TokenKind::kSymbol || tokens_[i].symbol == U'—');
}

bool Tokens::sentence_may_start(size_t i) const {
  // Opening quotes belong to the sentence that they open.
  if (!exists(i)) return true;
  return std::binary_search(sentence_starts_.begin(), sentence_starts_.end(), tokens_[i].begin);
}

bool Tokens::abbreviation_ends_sentence(size_t next) const {
  if (!sentence_may_start(next)) return false;
  if (!exists(next)) return true;
  if (is_symbol(next, U'“') || is_symbol(next, U'"')) return true;
  return is_word(next) && is_capitalized(text(next)) &&
         (text(next).size() == 1 || !is_all_upper(text(next)));
}

}  // namespace myna::text
