// Checkpoints: everything that a run goes on from, in one safetensors file that appears under its
// name only when complete. `latest.json` beside them names the last two with their hashes; a
// damaged one is passed over for the one before it.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "train/core/optimizer.h"
#include "train/core/parameters.h"

namespace myna::train {

struct CheckpointInfo {
  int64_t step = 0;      // steps done
  std::string settings;  // JSON of the run
  std::filesystem::path file;
};

// <directory>/step-<n>.safetensors, then latest.json; the third last is removed. Throws Error kIo;
// the checkpoints before it are then as they were. The file has the whole model and the whole
// state, however they are divided: where they are, every process calls it and rank 0 writes.
void save_checkpoint(const std::filesystem::path& directory, const Parameters& parameters,
                     const Optimizer& optimizer, const CheckpointInfo& info);

// The newest sound checkpoint into parameters and optimiser; nothing when there is none. Problems
// of newer ones are appended to `problems`. Throws Error kCorruptData when there are checkpoints
// and none is sound, or when it is one of another model; a parameter that the model has since got
// and that begins at zero stays there, and `problems` say so.
std::optional<CheckpointInfo> load_checkpoint(const std::filesystem::path& directory,
                                              Parameters& parameters, Optimizer& optimizer,
                                              std::vector<std::string>& problems);

// The one of this step, if it is there and sound; otherwise nothing is changed, and `problems` say
// why.
std::optional<CheckpointInfo> load_checkpoint_of(int64_t step,
                                                 const std::filesystem::path& directory,
                                                 Parameters& parameters, Optimizer& optimizer,
                                                 std::vector<std::string>& problems);

// Reads parameters (the running means, if `ema`) from a checkpoint file, with or without a
// latest.json beside it.
CheckpointInfo load_weights(const std::filesystem::path& file, Parameters& parameters, bool ema);

// Named tensors as a file, floats and integers alike (booleans are not stored).
void save_tensors(const std::filesystem::path& path,
                  const std::vector<std::pair<std::string, Tensor>>& tensors,
                  const std::map<std::string, std::string>& metadata);

}  // namespace myna::train
