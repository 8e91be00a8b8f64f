// Words that no dictionary knows: phonemes from the letters by rule, with stress. Decent for names
// and new words, no more; it always says something.
#pragma once

#include <string_view>

#include "text/front_end.h"
#include "text/g2p/phoneme_string.h"

namespace myna::text {

// word: ASCII letters in lower case (others are skipped); nothing gives nothing. Appends.
void letters_to_sounds(std::string_view word, Dialect dialect, PhonemeString& out);

// True when the letters could be read as a word: "OPEC", but not "FBI" or "XKCD".
bool is_pronounceable(std::string_view lower);

}  // namespace myna::text
