// What Unicode calls a character, as words; the data is ICU's.
#pragma once

#include <string>
#include <string_view>

namespace myna::text {

// U+00E9 -> "latin small letter e with acute"; empty when it has no name.
std::string unicode_name(char32_t code_point);

struct EmojiMatch {
  size_t byte_count = 0;  // 0: no emoji starts here
  std::string name;       // "grinning face", "thumbs up", "flag of Japan"
};

// The emoji that starts at source[at], with its skin tones, joiners and variation selectors: the
// longest sequence that Unicode joins into one picture. Digits, # and * count only as keycaps.
EmojiMatch emoji_at(std::string_view source, size_t at);
// Its bytes alone: much cheaper.
size_t emoji_length(std::string_view source, size_t at);

}  // namespace myna::text
