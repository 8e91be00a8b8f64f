// The first step for every character: spaces, quotes, dashes and digits of all kinds become the few
// that the later steps know; what has no reading is dropped, with a warning where something is
// lost.
#pragma once

#include <string_view>

#include "text/split/diagnostics.h"
#include "text/split/mapped_text.h"

namespace myna::text {

// Appends source[begin, end) to `out`, filtered:
//   white space -> ' '; curly single quotes, primes -> '; double quotes -> “ ” or "; hyphens -> -;
//   en dash stays, longer dashes -> —; minus U+2212 stays; any decimal digit -> ASCII; ligatures
//   and full-width or styled letters -> plain ones. Silently dropped: soft hyphens, zero-width and
//   bidi marks, variation selectors, emoji, bullets, boxes and other ornaments. Dropped with a
//   warning: control characters, ill-formed UTF-8, letters of scripts that an English voice cannot
//   read (Latin, Greek and Cyrillic stay), unknown symbols.
// Time is linear in end - begin. The cut must not split a UTF-8 sequence.
void append_filtered(std::string_view source, size_t begin, size_t end, MappedText& out,
                     DiagnosticList& diagnostics);

// The same for one character that does not stand in the source as itself: an HTML entity.
void append_filtered_entity(char32_t code_point, SourceSpan source, MappedText& out,
                            DiagnosticList& diagnostics);

}  // namespace myna::text
