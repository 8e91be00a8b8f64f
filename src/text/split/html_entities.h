// HTML character references, as Markdown allows them.
#pragma once

#include <optional>
#include <string_view>

namespace myna::text {

// "&amp;" -> '&', "&#233;" -> 'é', "&#xE9;" -> 'é'. Nothing for unknown names and for numbers that
// are no code point. Covers the names that occur in running text, not the whole HTML list.
std::optional<char32_t> decode_html_entity(std::string_view entity);

}  // namespace myna::text
