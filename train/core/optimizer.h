// AdamW (arXiv 1711.05101), Muon for hidden matrices (Jordan et al. 2024, arXiv 2502.16982),
// gradient clipping, schedules and the running mean of the weights.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "train/core/shares.h"

namespace myna::train {

struct OptimizerSettings {
  double learning_rate = 1e-3;
  double beta1 = 0.9, beta2 = 0.98, epsilon = 1e-9;
  double weight_decay = 0.01;
  bool muon = false;  // for matrices; their rate is muon_rate
  double muon_rate = 0.01, muon_momentum = 0.95;
  double clip_norm = 1.0;    // of all gradients together; 0: none
  double ema_decay = 0.999;  // of the running mean, warmed up as (1 + step) / (10 + step)
};

enum class Cooldown : uint8_t { kCosine, kLinear };

// A factor on the learning rate: rises over `warmup` steps, is 1, and falls to `floor` over the
// last `cooldown` steps of `total`.
struct Schedule {
  int64_t total = 1000, warmup = 100, cooldown = 500;
  Cooldown shape = Cooldown::kCosine;
  double floor = 0.02;

  double factor(int64_t step) const;
};

// The state of this process's rows of one tensor. `mean` is Muon's momentum where Muon is used;
// `square` is then empty.
struct OptimizerState {
  Tensor mean, square, ema;
};

class Optimizer {
 public:
  Optimizer(const Parameters& parameters, const OptimizerSettings& settings);
  // Of several processes with the same gradients. Sharded, each updates its share, keeps the state
  // of that alone, and step() and with_ema() are collective. Processes outlive it.
  enum class State : bool { kWhole, kSharded };
  Optimizer(const Parameters& parameters, const OptimizerSettings& settings,
            const Processes& processes, State state);

  // Uses and clears the gradients; step counts from 0. Returns their norm before clipping. When
  // it is not finite nothing is changed.
  double step(int64_t step, double rate_factor);

  // Calls `work` with the running means in the parameters' place.
  void with_ema(const std::function<void()>& work);

  // Bytes of the state in this process.
  int64_t state_bytes() const;
  const Shares& shares() const { return shares_; }

  // The running means begin at the parameters as they are now.
  void restart_ema();

  // In the parameters' order.
  std::vector<OptimizerState>& states() { return states_; }
  const std::vector<OptimizerState>& states() const { return states_; }

 private:
  bool uses_muon(const Parameter& parameter) const;
  void make_states();
  void update(size_t index, double scale, int64_t step, double rate_factor);
  double gradient_norm() const;

  const Parameters& parameters_;
  OptimizerSettings settings_;
  const Processes* processes_ = nullptr;
  Shares shares_;
  std::vector<OptimizerState> states_;
};

// The nearest (semi-)orthogonal matrix, nearly, of each matrix of a stack: five Newton-Schulz steps
// of Muon's quintic.
Tensor orthogonalize(const Tensor& matrix);

}  // namespace myna::train
