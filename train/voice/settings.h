// All settings of a run, as JSON: what --config reads, a checkpoint carries and the log begins
// with.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "train/core/launch.h"
#include "train/core/optimizer.h"
#include "train/voice/adversary.h"
#include "train/voice/objective.h"

namespace myna::train {

struct VoiceRunSettings {
  std::filesystem::path data, run;
  std::filesystem::path initial;  // weights to begin with: a directory as `export` writes it
  std::string device = "cpu";
  std::string trained = "all";  // or "decoder": all else stays as it is
  uint64_t seed = 1;
  int64_t items = 12, frames = 128;  // of a step's batch, over all processes
  int64_t prosody_items = 24;        // more of them, of utterances without audio, if there are any
  bool bfloat16 = false;
  int64_t log_every = 10, validate_every = 200, save_every = 200;  // steps
  int64_t sample_count = 4;      // utterances that validation renders
  std::string validate_command;  // run after each validation with the samples' directory
  int threads = 1;
  Launch launch;  // "rank", "processes", "rendezvous"
  VoiceModelSizes model;
  LossWeights losses;
  AdversarySettings adversary;
  OptimizerSettings optimizer;
  Schedule schedule;

  // Throws Error kInvalidArgument for an unknown name or a value of the wrong type.
  void merge_json(const std::string& json);
  // name=value with dotted names: "optimizer.learning_rate=0.002".
  void set(const std::string& assignment);
  std::string to_json() const;
};

}  // namespace myna::train
