// Where `-o` sends audio.
#pragma once

#include <filesystem>
#include <string>

#include "audio/audio_format.h"

namespace myna::cli {

struct OutputTarget {
  audio::AudioFormat format = audio::AudioFormat::kWav;
  std::filesystem::path path;  // empty for standard output, which gets raw PCM
};

// option: a file name whose extension chooses the format, "-", or "" for a name in the current
// directory that is made from the input's (article.md: article.wav; otherwise speech.wav) and that
// is not taken yet (speech-2.wav). Throws Error kInvalidArgument for an unknown extension and for
// raw PCM to a terminal.
OutputTarget resolve_output(const std::string& option, const std::filesystem::path& input_file);

}  // namespace myna::cli
