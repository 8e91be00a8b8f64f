#include "text/normalize/token.h"

#include <unicode/uchar.h>

#include <algorithm>

#include "base/utf8.h"

namespace myna::text {
namespace {

bool is_ascii_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_ascii_digit(char c) { return c >= '0' && c <= '9'; }

// The bytes of a letter or combining mark at text[at]; 0 when there is none.
size_t letter_length(std::string_view text, size_t at) {
  if (at >= text.size()) return 0;
  const char c = text[at];
  if (is_ascii_letter(c)) return 1;
  if (static_cast<unsigned char>(c) < 0x80) return 0;
  const DecodedCodePoint decoded = decode_utf8(text, at);
  const auto code = static_cast<UChar32>(decoded.code_point);
  // The ordinal signs and the micro sign are letters to Unicode, symbols to a reader.
  if (code == 0xAA || code == 0xBA || code == 0xB5 || code == 0x2126) return 0;
  if (u_isalpha(code) || u_charType(code) == U_NON_SPACING_MARK) return decoded.byte_count;
  return 0;
}

}  // namespace

void tokenize(std::string_view text, std::vector<Token>& tokens) {
  tokenize(text, 0, text.size(), tokens);
}

void tokenize(std::string_view text, size_t begin, size_t end, std::vector<Token>& tokens) {
  tokens.clear();
  text = text.substr(0, end);
  bool space_before = true;
  for (size_t at = begin; at < text.size();) {
    if (text[at] == ' ') {
      space_before = true;
      ++at;
      continue;
    }
    Token token;
    token.begin = static_cast<uint32_t>(at);
    token.space_before = space_before;
    space_before = false;
    if (is_ascii_digit(text[at])) {
      token.kind = TokenKind::kNumber;
      const size_t limit = std::min(text.size(), at + kMaxNumberDigits);
      while (at < limit && is_ascii_digit(text[at])) ++at;
    } else if (size_t length = letter_length(text, at); length != 0) {
      token.kind = TokenKind::kWord;
      for (size_t letters = 0; length != 0 && letters < kMaxWordLetters; ++letters) {
        at += length;
        length = letter_length(text, at);
        if (length == 0 && at + 1 < text.size() && text[at] == '\'' &&
            letter_length(text, at + 1) != 0) {
          length = 1;  // the apostrophe belongs to the word
        }
      }
    } else {
      const DecodedCodePoint decoded = decode_utf8(text, at);
      token.kind = TokenKind::kSymbol;
      token.symbol = decoded.code_point;
      at += decoded.byte_count;
    }
    token.end = static_cast<uint32_t>(at);
    tokens.push_back(token);
  }
}

bool is_all_upper(std::string_view word) {
  bool has_letter = false;
  for (size_t at = 0; at < word.size();) {
    if (static_cast<unsigned char>(word[at]) < 0x80) {
      if (word[at] >= 'a' && word[at] <= 'z') return false;
      has_letter |= word[at] >= 'A' && word[at] <= 'Z';
      ++at;
      continue;
    }
    const DecodedCodePoint decoded = decode_utf8(word, at);
    const auto code = static_cast<UChar32>(decoded.code_point);
    if (u_isalpha(code)) {
      if (!u_isupper(code)) return false;
      has_letter = true;
    }
    at += decoded.byte_count;
  }
  return has_letter;
}

bool is_capitalized(std::string_view word) {
  if (word.empty()) return false;
  if (static_cast<unsigned char>(word[0]) < 0x80) return word[0] >= 'A' && word[0] <= 'Z';
  return u_isupper(static_cast<UChar32>(decode_utf8(word, 0).code_point));
}

bool is_ascii_letters(std::string_view word) {
  for (const char c : word) {
    if (!is_ascii_letter(c)) return false;
  }
  return !word.empty();
}

bool equals_ignoring_case(std::string_view a, std::string_view lower) {
  if (a.size() != lower.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    const char c = a[i] >= 'A' && a[i] <= 'Z' ? static_cast<char>(a[i] + 32) : a[i];
    if (c != lower[i]) return false;
  }
  return true;
}

}  // namespace myna::text
