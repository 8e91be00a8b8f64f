// Names of months, full and short.
#pragma once

#include <optional>

#include "text/normalize/rule.h"

namespace myna::text {

struct MonthMatch {
  std::string_view name;   // "January"
  size_t count = 1;        // tokens, with the period of "Jan."
  bool ambiguous = false;  // also an ordinary word in lower case: may, march
};

std::optional<MonthMatch> month_at(const Tokens& tokens, size_t at);
std::string_view month_name(int number);  // 1 to 12

}  // namespace myna::text
