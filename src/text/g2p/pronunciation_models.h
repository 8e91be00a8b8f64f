// What we train for pronunciation: the files of the model package pronunciation-en.
#pragma once

#include <filesystem>

#include "text/g2p/homograph_model.h"
#include "text/g2p/part_of_speech.h"
#include "text/g2p/spelling_model.h"

namespace myna::text {

// Immutable after open(); safe from many threads.
struct PronunciationModels {
  Tagger tagger;
  HomographModel homographs;
  SpellingModel spelling;

  // Throws Error kUnavailable when a file is missing, kCorruptData when one is damaged.
  static PronunciationModels open(const std::filesystem::path& directory) {
    return {Tagger::open(directory / "tagger.safetensors"),
            HomographModel::open(directory / "homographs.safetensors",
                                 directory / "context.safetensors"),
            SpellingModel::open(directory / "spelling.safetensors")};
  }
};

}  // namespace myna::text
