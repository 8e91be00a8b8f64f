// Where a text that still grows may be cut: raw text alone, before anything is read.
#pragma once

#include <cstddef>
#include <string_view>

namespace myna::text {

// Behind a mark that ends at text[end - 1], with the text from the start of its paragraph to what
// has come so far: whether the mark and all before it stay as they are, whatever comes. Gives where
// the cut lies, behind blanks and closing marks; 0 when it is not certain.
size_t stable_behind_mark(std::string_view text, size_t end);

// Where a block that ends with text[end - 1] is certainly over: a blank line follows, or a line
// that was complete by itself. 0 when more might belong to it.
size_t stable_behind_block(std::string_view text, size_t end, bool heading);

// After a pause of the writer: the last place in text[from, size) behind complete words, none of
// which is the beginning of something longer: numbers, abbreviations, initials, open markup. Gives
// `from` when there is none.
size_t stable_behind_word(std::string_view text, size_t from);

}  // namespace myna::text
