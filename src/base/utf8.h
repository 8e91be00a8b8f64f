// UTF-8: decoding that never fails and never reads past the end, validation with a position, and
// line/column for messages.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace myna {

inline constexpr char32_t kReplacementCharacter = U'\uFFFD';

struct DecodedCodePoint {
  char32_t code_point;  // kReplacementCharacter for an ill-formed sequence
  size_t byte_count;    // 1..4; for an ill-formed sequence its maximal subpart (Unicode 15, 3.9)
  bool valid;
};

// Decodes the code point at text[offset]; offset < text.size().
DecodedCodePoint decode_utf8(std::string_view text, size_t offset);

void append_utf8(std::string& out, char32_t code_point);
std::string to_utf8(std::u32string_view code_points);
// Ill-formed sequences become kReplacementCharacter.
std::u32string to_utf32(std::string_view text);

// The byte offset of the first ill-formed sequence, nothing when the text is well-formed UTF-8
// (no overlong forms, no surrogates, nothing above U+10FFFF).
std::optional<size_t> find_invalid_utf8(std::string_view text);

struct LineColumn {
  size_t line;    // from 1
  size_t column;  // from 1, in code points
};
// Lines end at "\n". offset may be text.size().
LineColumn line_column_at(std::string_view text, size_t offset);

}  // namespace myna
