// Letters of other alphabets as the ASCII letters that an English reader would use.
#pragma once

#include <string>
#include <string_view>

namespace myna::text {

// café -> cafe, Straße -> Strasse, Москва -> Moskva, Αθήνα -> Athina; case is kept. Combining marks
// and characters without a counterpart are dropped.
std::string to_ascii_letters(std::string_view word);

// The name of a Greek letter that stands alone: π -> pi. Empty for anything else.
std::string_view greek_letter_name(std::string_view letter);

}  // namespace myna::text
