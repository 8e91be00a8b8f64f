// Plain text: paragraphs end at blank lines, hard-wrapped lines are joined.
#pragma once

#include <string_view>

#include "text/split/block.h"
#include "text/split/diagnostics.h"

namespace myna::text {

void read_plain(std::string_view source, DiagnosticList& diagnostics, const BlockSink& sink);

}  // namespace myna::text
