// Words that the dictionary lacks or has wrongly: names in the news and names of tools. To add one:
// a line in own_words.cc.
#pragma once

#include <string_view>

#include "text/front_end.h"

namespace myna::text {

// The phonemes of `word` in ASCII; empty when it is not listed. The case means nothing, but words
// of up to three letters are names: "Xi" alone, not the Greek "xi" or the numeral "XI".
std::u16string_view find_own_word(std::string_view word, Dialect dialect);

}  // namespace myna::text
