// The units of measure and their names. To add one: a line in unit_table.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "text/front_end.h"

namespace myna::text {

struct UnitName {
  std::string one, many;          // "kilometer", "kilometers"; in the words of the dialect
  bool needs_attachment = false;  // too short to be read as a unit with a space before it
};

// "km", "mg", "kWh", "MHz", ...: first as written, then without regard to case.
std::optional<UnitName> find_unit(std::string_view written, Dialect dialect);

}  // namespace myna::text
