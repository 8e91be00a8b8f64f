// Roman numerals.
#pragma once

#include <string_view>

namespace myna::text {

// The value of a numeral in capitals, 1 to 3999; 0 for anything that is not strictly one (IIX).
int roman_value(std::string_view numeral);

}  // namespace myna::text
