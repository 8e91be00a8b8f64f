// styles.json of this directory, put into the program by CMake.
#pragma once

#include <string_view>

namespace myna::voice {

extern const std::string_view kBuiltinStyles;

}  // namespace myna::voice
