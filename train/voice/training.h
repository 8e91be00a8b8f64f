// One training run of the voice model, from settings to checkpoints.
#pragma once

#include <atomic>
#include <optional>

#include "train/core/processes.h"
#include "train/voice/settings.h"
#include "train/voice/shards.h"

namespace myna::train {

class VoiceTraining {
 public:
  // Reads the data and goes on from the run directory's newest checkpoint, if there is one.
  explicit VoiceTraining(const VoiceRunSettings& settings);

  // Until schedule.total, `stop` or `last_step` (steps done; 0: none). A checkpoint is written at
  // the end. Throws Error kCorruptData when a loss is not finite: the batch and the weights then
  // lie in <run>/not-finite.safetensors, and the checkpoints are those before.
  void run(const std::atomic<bool>& stop, int64_t last_step = 0);

  // Loss of each part over a step's batch, without a change; for tests.
  std::vector<std::pair<std::string, double>> losses_of(int64_t step) const;
  int64_t step() const { return step_; }
  const Parameters& parameters() const { return parameters_; }

 private:
  VoiceBatch batch_of(int64_t step) const;
  void freeze();
  void load();
  void train_step();
  Adversary::Heard hear_adversary(Losses& losses) const;
  void save();
  void validate();
  void write_samples(const std::filesystem::path& directory) const;
  [[noreturn]] void stop_not_finite(const VoiceBatch& batch, const Losses& losses);
  void log(const std::string& json) const;
  int64_t own_items() const { return settings_.items / settings_.launch.processes; }
  int64_t own_prosody_items() const {
    return without_audio_.empty() || settings_.trained == "decoder"
               ? 0
               : settings_.prosody_items / settings_.launch.processes;
  }

  VoiceRunSettings settings_;
  at::Device device_;
  VoiceShards shards_;
  Processes parallel_;
  Parameters parameters_;
  VoiceModel model_;
  VoiceObjective objective_;
  Optimizer optimizer_;
  std::optional<Adversary> adversary_;
  std::vector<size_t> usable_;         // training utterances with enough frames, and audio
  std::vector<size_t> without_audio_;  // the same of those that have prosody alone
  int64_t step_ = 0;
  double loss_sum_ = 0;
  std::vector<std::pair<std::string, double>> part_sums_;
  double norm_sum_ = 0;
  int64_t summed_ = 0;
  double window_start_ = 0;
};

}  // namespace myna::train
