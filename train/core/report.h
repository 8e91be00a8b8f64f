// A page about a run that needs nothing but itself: curves of every loss, spectrograms and players
// of the newest samples.
#pragma once

#include <filesystem>

namespace myna::train {

// Reads <run>/metrics.jsonl and the newest of <run>/samples. Throws Error kNotFound, kIo.
void write_report(const std::filesystem::path& run, const std::filesystem::path& page);

}  // namespace myna::train
