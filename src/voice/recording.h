// Recordings that a text asks for (<audio>): read, one channel, at the narration's rate.
#pragma once

#include <filesystem>
#include <vector>

namespace myna::voice {

// Throws Error: what audio::read_audio_file throws; kResourceExhausted for more than half an hour.
std::vector<float> load_recording(const std::filesystem::path& path, int sample_rate);

}  // namespace myna::voice
