// The character references of HTML, all 2,231 of them, by way of the HTML parser.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace myna::intake {

// What stands between & and ;: "amp", "eacute", "#233", "#xE9". UTF-8; nothing for what is no
// reference. Numbers from 128 to 159 mean the characters of Windows-1252, as browsers read them;
// those that are no character give U+FFFD. Safe from many threads.
std::optional<std::string> resolve_reference(std::string_view name);

}  // namespace myna::intake
