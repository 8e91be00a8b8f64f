// "Did you mean": the closest of a list of names.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace myna {

// Levenshtein distance in bytes.
size_t edit_distance(std::string_view a, std::string_view b);

// Up to `count` candidates whose distance to `name` is at most half of its length (at least 2),
// closest first; a candidate that contains `name` comes before all others.
std::vector<std::string> closest_names(std::string_view name,
                                       std::span<const std::string> candidates, size_t count = 3);

}  // namespace myna
