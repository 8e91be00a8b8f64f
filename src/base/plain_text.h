// Small things that several readers and writers of text do alike.
#pragma once

#include <string>
#include <string_view>

namespace myna {

// Without the ASCII white space at both ends; a view into `text`.
std::string_view trimmed(std::string_view text);

// With A to Z as a to z; all other bytes stay.
std::string ascii_lower(std::string_view text);

// As the text of an HTML or XML element, or a value between quotes: & < > " ' become references.
std::string escaped_markup(std::string_view text);

// As the text of a WebVTT cue, or the name in a voice tag: & < > become references. WebVTT knows no
// others for quotation marks, and has no need of them.
std::string escaped_cue(std::string_view text);

}  // namespace myna
