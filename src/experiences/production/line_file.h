// A spoken line in a file: "MYNALINE", version, rate, numbers of samples and words; samples as
// 16-bit little-endian PCM; of each word its times, span and text. Written and read on one machine;
// whatever is damaged counts as not there. Private to src/experiences/production.
#pragma once

#include <filesystem>
#include <optional>

#include "experiences/production/line_studio.h"

namespace myna::production {

void store_line(const std::filesystem::path& path, int sample_rate, const SpokenLine& line);
// Marks the file as used. Nothing for a file that is not there, damaged, or of another rate.
std::optional<SpokenLine> load_line(const std::filesystem::path& path, int sample_rate);

}  // namespace myna::production
