// Markdown (CommonMark with tables, strikethrough and task lists, parsed by md4c) as text to speak.
#pragma once

#include <string_view>

#include "text/split/block.h"
#include "text/split/diagnostics.h"

namespace myna::text {

// Headings, paragraphs, list items and table rows become blocks; cells are parted by commas.
// Emphasis becomes prosody, [word](/ipa/) phonemes; code spans are read, links are read as their
// text and images as their alternative text, HTML tags are skipped, code blocks are skipped with
// one warning each. Indented lines are ordinary text: prose indents far more often than it quotes
// code.
void read_markdown(std::string_view source, DiagnosticList& diagnostics, const BlockSink& sink);

// True when the text has Markdown's unmistakable marks: a heading, a fence, a link, a table rule,
// bold text, or several list items.
bool looks_like_markdown(std::string_view source);

}  // namespace myna::text
