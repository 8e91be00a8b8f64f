// Small lists of words in tables.
#pragma once

#include <span>
#include <string_view>

#include "text/normalize/token.h"

namespace myna::text {

// Without regard to case; `list` holds lower case.
inline bool is_in_list(std::string_view word, std::span<const std::string_view> list) {
  for (const std::string_view entry : list) {
    if (equals_ignoring_case(word, entry)) return true;
  }
  return false;
}

}  // namespace myna::text
