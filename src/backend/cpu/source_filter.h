// The source-filter vocoder on the CPU (source_filter_kernels.h).
#pragma once

#include <span>

#include "backend/cpu/context.h"
#include "ops/backend.h"

namespace myna::backend::cpu {

// Of one item: ops::Backend::source_filter. The sizes of the spec are those of the kernels.
void run_source_filter(const Context& context, const ops::SourceFilterSpec& spec,
                       const ops::SourceFilterVariation& variation, ops::ConstRows head,
                       std::span<const float> f0_hz, std::span<float> samples, ops::Arena& arena);

}  // namespace myna::backend::cpu
