// A small made-up voice for the tests: vowels of two formants over a gliding pitch, and hisses.
#pragma once

#include <filesystem>

namespace myna::train {

// Writes two shards, one for validation, and the manifest.
void write_toy_data(const std::filesystem::path& directory, int utterances = 12);
// One more shard, of prosody alone.
void add_toy_prosody(const std::filesystem::path& directory, int utterances);

}  // namespace myna::train
