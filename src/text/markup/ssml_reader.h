// SSML 1.1 with the extensions of Azure (mstts:) that have a meaning here. docs/formats/ssml.md
// says what each element does.
#pragma once

#include <string_view>

#include "text/front_end.h"
#include "text/split/block.h"
#include "text/split/diagnostics.h"

namespace myna::text {

// <p> and the ends of the text end blocks; everything else becomes annotations. At a fault in the
// XML what stands before it has been handed over.
void read_ssml(std::string_view source, const FrontEndOptions& options, DiagnosticList& diagnostics,
               const BlockSink& sink);

}  // namespace myna::text
