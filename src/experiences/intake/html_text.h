// Visible text of HTML.
#pragma once

#include <string>
#include <string_view>

namespace myna::intake {

// Paragraphs, headings, list items and table cells on lines of their own, a blank line between
// them; runs of white space are one blank. Scripts, styles, forms and what is hidden (hidden,
// aria-hidden, display:none, visibility:hidden, opacity or size zero) is left out. Input over 8 MiB
// is cut.
std::string html_to_text(std::string_view html);

// The same on one line, for titles and names. Text that has no markup comes back as it is.
std::string html_to_line(std::string_view html);

// Runs of white space, no-break spaces among them, as one blank; none at the ends.
std::string fold_blanks(std::string_view text);

}  // namespace myna::intake
