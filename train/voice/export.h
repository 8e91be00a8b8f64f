// From a checkpoint to what the engine reads: docs/models/myna-voice-1.md, "Package".
#pragma once

#include <cstddef>
#include <filesystem>

#include "train/voice/rendering.h"

namespace myna::train {

// What the running means make of a validation utterance, stage by stage, without noise: a golden
// for other implementations. With the teacher's prosody its audio is there, too, with the margins
// of VoiceBatch. Throws Error.
void dump_rendering(const std::filesystem::path& checkpoint, size_t utterance, ProsodyFrom from,
                    const std::filesystem::path& file);

// What the engine multiplies the noise with; a little trained model has more of it than the ear
// likes, as noise stands for every phase that it does not know.
struct NoiseLevels {
  double unvoiced = 1, voiced = 1;
};

// The running means as <directory>/voice.safetensors with parameters.json. Throws Error.
void export_voice(const std::filesystem::path& checkpoint, const std::filesystem::path& directory,
                  const NoiseLevels& noise = {});

}  // namespace myna::train
