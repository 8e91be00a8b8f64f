// Reads audio files back, by libsndfile: WAV, FLAC, MP3, Ogg Opus and whatever else it knows. Made
// for checks of what Myna wrote and for reference recordings; the file is held in memory.
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "audio/encoder.h"

namespace myna::audio {

struct DecodedAudio {
  std::vector<float> samples;  // [frame, channel], nominally in [-1, 1]
  int sample_rate = 0;         // Hz
  int channel_count = 0;
  AudioTags tags;

  size_t frame_count() const {
    return channel_count > 0 ? samples.size() / static_cast<size_t>(channel_count) : 0;
  }
};

// Throws Error kNotFound or kIo, kCorruptData for a file that is not audio or is damaged,
// kResourceExhausted for more than max_frames.
DecodedAudio read_audio_file(const std::filesystem::path& path,
                             size_t max_frames = size_t{1} << 31);

}  // namespace myna::audio
