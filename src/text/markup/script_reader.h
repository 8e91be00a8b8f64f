// Dialogue scripts: turns under the names of their speakers, and a header that casts voices and
// styles. docs/formats/dialogue-script.md.
#pragma once

#include <string_view>

#include "text/front_end.h"
#include "text/split/block.h"
#include "text/split/diagnostics.h"

namespace myna::text {

void read_script(std::string_view source, const FrontEndOptions& options,
                 DiagnosticList& diagnostics, const BlockSink& sink);

// The text has a header with a cast, or most of its paragraphs begin with one of a few names that
// come back ("Anna: ..."). Ordinary prose with a "Note:" is none.
bool looks_like_script(std::string_view source);

}  // namespace myna::text
