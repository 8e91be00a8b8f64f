// Lexical tokens: what the rules of normalize/ look at.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace myna::text {

enum class TokenKind : uint8_t {
  kWord,    // letters with inner apostrophes: don't, O'Brien, naïve
  kNumber,  // ASCII digits
  kSymbol,  // one code point of anything else
};

struct Token {
  uint32_t begin = 0;  // bytes into the text
  uint32_t end = 0;
  TokenKind kind = TokenKind::kWord;
  bool space_before = false;  // also true for the first token
  char32_t symbol = 0;        // kSymbol only
};

// A word longer than this is no word: it is cut, so that nothing later has to fear its length.
inline constexpr size_t kMaxWordLetters = 48;
inline constexpr size_t kMaxNumberDigits = 400;

// Cuts filtered text (split/character_filter.h) into tokens. Linear.
void tokenize(std::string_view text, std::vector<Token>& tokens);
// The same for text[begin, end) alone; the tokens keep their places in `text`.
void tokenize(std::string_view text, size_t begin, size_t end, std::vector<Token>& tokens);

// Upper or lower case of what may be ASCII, Latin, Greek or Cyrillic letters.
bool is_all_upper(std::string_view word);    // every letter is a capital; at least one letter
bool is_capitalized(std::string_view word);  // starts with a capital
bool is_ascii_letters(std::string_view word);
bool equals_ignoring_case(std::string_view a,
                          std::string_view lower);  // `lower` is ASCII lower case

}  // namespace myna::text
