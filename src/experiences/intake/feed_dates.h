// Dates of feeds: RFC 822 and what goes for it, RFC 3339 and W3C's profile of ISO 8601, asctime.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace myna::intake {

// Seconds since 1970, UTC; a time without zone counts as UTC, a date without time as midnight, one
// without day as the first. Nothing for what is no date, and for years outside 1900 to 2200.
std::optional<int64_t> parse_feed_date(std::string_view text);

}  // namespace myna::intake
