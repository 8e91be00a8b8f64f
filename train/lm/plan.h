// The arithmetic of a run: memory and time on so many devices. docs/scale.md has the formulas.
#pragma once

#include <cstdint>
#include <string>

#include "train/lm/settings.h"

namespace myna::train {

struct DeviceKind {
  double memory_gb = 141, teraflops = 989, utilisation = 0.35;  // H200, bfloat16
  double link_gb_s = 450, network_gb_s = 50;                    // within and between machines
  int64_t devices_a_machine = 8;
};

struct LmPlan {
  int64_t parameters = 0, active = 0, expert_parameters = 0;
  int64_t data_parallel = 1, expert_parallel = 1;
  // Gigabytes of one device: weights in bfloat16 and float masters, gradients, optimiser state
  // (ZeRO-1 over the data-parallel group), activations.
  double weights_gb = 0, gradients_gb = 0, optimizer_gb = 0, activations_gb = 0;
  double flops_a_token = 0;  // forward and backward
  double step_s = 0, compute_s = 0, gradient_exchange_s = 0, expert_exchange_s = 0;
  double tokens_per_s = 0;
  bool fits = false;
  double total_gb() const { return weights_gb + gradients_gb + optimizer_gb + activations_gb; }
};

// The smallest expert-parallel group whose share fits into a device.
LmPlan plan_run(const LmRunSettings& settings, int64_t devices, const DeviceKind& kind);
std::string describe(const LmPlan& plan, const LmRunSettings& settings, int64_t devices);

}  // namespace myna::train
