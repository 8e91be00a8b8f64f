// One training run of a language model, from settings to checkpoints.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "train/core/processes.h"
#include "train/lm/objective.h"
#include "train/lm/preference.h"
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

  // Nats a target, or a pair's loss, over a step's batch, without a change; for tests.
  double loss_of(int64_t step) const;
  // Largest load of an expert over the mean, the worst layer, of the last step; 0 without experts.
  double worst_load() const { return worst_load_; }
  int64_t step() const { return step_; }
  const Parameters& parameters() const { return parameters_; }
  const LmModel& model() const { return model_; }
  const Optimizer& optimizer() const { return optimizer_; }
  // With the running means. Of one process.
  void save_model(const std::filesystem::path& directory);

 private:
  // A model that is not trained: a teacher, or the reference of preferences.
  struct Frozen {
    Frozen(uint64_t seed, at::Device device, const LmSizes& sizes, const ProcessGroup* experts,
           const std::filesystem::path& directory);
    Parameters parameters;
    LmModel model;
  };
  // Sums over steps, or over the micro-batches and processes of one.
  struct Sums {
    double loss = 0, nll = 0, divergence = 0;
    double preference = 0, chosen = 0, rejected = 0, preferred = 0;
    double stop = 0;  // processes that were told to stop
    // Of whole steps.
    double targets = 0, tokens = 0, norm = 0;
    int64_t steps = 0;

    std::vector<double*> of_processes() {
      return {&loss, &nll, &divergence, &preference, &chosen, &rejected, &preferred, &stop};
    }
  };
  bool prefers() const { return pairs_ != nullptr; }
  LmBatch rows_of(int64_t step) const;
  LmBatch micro_batch(int64_t part) const;
  void open_data();
  void begin();
  void require_same_run() const;
  Distillation distillation() const;
  Tensor backward_of(const LmBatch& batch, int64_t targets, int64_t parts, Sums& sums);
  void add_over_processes(Sums& sums) const;
  void train_step(bool stop);
  [[noreturn]] void stop_not_finite() const;
  void validate();
  void save();
  void log(const std::string& json) const;
  void log_training(double seconds);
  void freeze();

  LmRunSettings settings_;
  at::Device device_;
  TokenShards shards_;
  std::unique_ptr<PackedRows> rows_, validation_;
  std::unique_ptr<PreferencePairs> pairs_, validation_pairs_;
  Processes parallel_;
  Parameters parameters_;
  LmModel model_;
  Optimizer optimizer_;
  std::unique_ptr<Frozen> teacher_, reference_;
  std::vector<double> token_bytes_;  // of each token, for bits a byte; empty: not known
  Tensor loads_;                     // of the last step
  double worst_load_ = 0;
  int64_t step_ = 0;
  bool stop_ = false;  // all processes know that one was told to
  Sums sums_;
};

}  // namespace myna::train
