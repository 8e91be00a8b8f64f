// One training run of a language model, from settings to checkpoints.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "train/core/data_parallel.h"
#include "train/lm/objective.h"
#include "train/lm/settings.h"
#include "train/lm/token_shards.h"

namespace myna::train {

class LmTraining {
 public:
  // Reads data and initial weights, and goes on from the run directory's newest checkpoint, if
  // there is one.
  explicit LmTraining(const LmRunSettings& settings);
  ~LmTraining();

  // As VoiceTraining::run.
  void run(const std::atomic<bool>& stop, int64_t last_step = 0);

  // Nats a target over a step's batch, without a change; for tests.
  double loss_of(int64_t step) const;
  // Largest load of an expert over the mean, the worst layer, of the last step; 0 without experts.
  double worst_load() const { return worst_load_; }
  int64_t step() const { return step_; }
  const Parameters& parameters() const { return parameters_; }
  const LmModel& model() const { return model_; }
  // With the running means.
  void save_model(const std::filesystem::path& directory);

 private:
  struct Teacher;
  struct Sums {
    double loss = 0, nll = 0, targets = 0, tokens = 0, divergence = 0, norm = 0;
    int64_t steps = 0;
  };
  LmBatch rows_of(int64_t step) const;
  Distillation distillation() const;
  void train_step();
  void validate();
  void save();
  void log(const std::string& json) const;
  void log_training(double seconds);
  void freeze();

  LmRunSettings settings_;
  at::Device device_;
  TokenShards shards_;
  PackedRows rows_;
  std::unique_ptr<PackedRows> validation_;
  DataParallel parallel_;
  Parameters parameters_;
  LmModel model_;
  Optimizer optimizer_;
  std::unique_ptr<Teacher> teacher_;
  std::vector<double> token_bytes_;  // of each token, for bits a byte; empty: not known
  Tensor loads_;                     // of the last step
  double worst_load_ = 0;
  int64_t step_ = 0;
  Sums sums_;
};

}  // namespace myna::train
