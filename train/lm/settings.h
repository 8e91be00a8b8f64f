// All settings of a language run, as JSON: what --config reads, a checkpoint carries and the log
// begins with.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "train/core/optimizer.h"
#include "train/lm/batch.h"
#include "train/lm/model.h"

namespace myna::train {

struct LmRunSettings {
  std::filesystem::path data, run;
  std::filesystem::path initial;  // weights to begin with: a directory as `export` writes it
  std::string trained = "all";    // "all", or "experts": routers and experts alone
  std::filesystem::path teacher;  // a model whose distributions are learnt, too
  double teacher_share = 0.5, teacher_temperature = 1;
  std::string device = "cpu";
  uint64_t seed = 1;
  int64_t rows = 16, length = 512;  // of a step, over all processes and micro-batches
  int64_t micro_rows = 4;           // at a time
  std::string packing = "stream";   // or "whole"
  bool bfloat16 = false, recompute = false;
  double balance_rate = 1e-3;
  int64_t log_every = 10, validate_every = 200, save_every = 200;  // steps
  int64_t validation_rows = 16;
  int threads = 1;
  int rank = 0, processes = 1;
  std::string rendezvous;
  LmSizes model;
  OptimizerSettings optimizer;
  Schedule schedule;

  // Throws Error kInvalidArgument for an unknown name or a value of the wrong type.
  void merge_json(const std::string& json);
  void set(const std::string& assignment);
  std::string to_json() const;
};

}  // namespace myna::train
