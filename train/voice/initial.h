// A run that begins with a package as `export` writes it, to go on with it or to teach it other
// voices: docs/models/myna-voice-1.md, "Package".
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "train/core/parameters.h"

namespace myna::train {

// Weights of <directory>/voice.safetensors into the parameters; voices go by their names, and one
// that the package does not have begins as the mean of its voices. Returns the package's steps.
// Throws Error: kNotFound or kIo where there is none, kCorruptData for a model of other sizes or
// with another alphabet (`vocabulary`: JSON, symbol to token).
int64_t load_voice_package(const std::filesystem::path& directory, const Parameters& parameters,
                           const std::vector<std::string>& speakers, const std::string& vocabulary);

}  // namespace myna::train
