// Names of symbols that are read wherever they stand.
#pragma once

#include <string_view>

namespace myna::text {

// '&' -> "and", '°' -> "degrees"; empty when the symbol has no name of its own.
std::string_view symbol_name(char32_t symbol);

}  // namespace myna::text
