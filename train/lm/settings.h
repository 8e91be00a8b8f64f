// All settings of a language run, as JSON: what --config reads, a checkpoint carries and the log
// begins with.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "train/core/launch.h"
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
  std::string objective = "next";  // the next token, or "dpo": the better one of two answers
  double preference_beta = 0.1;
  std::string device = "cpu";
  uint64_t seed = 1;
  // Of a step, over all processes and micro-batches; with "dpo" rows are pairs.
  int64_t rows = 16, length = 512;
  int64_t micro_rows = 4;          // at a time
  std::string packing = "stream";  // or "whole"
  bool bfloat16 = false, recompute = false;
  double balance_rate = 1e-3;
  int64_t log_every = 10, validate_every = 200, save_every = 200;  // steps
  int64_t validation_rows = 16;
  int threads = 1;
  Launch launch;                // "rank", "processes", "rendezvous"
  int expert_parallel = 1;      // processes that the experts are divided over
  bool shard_optimizer = true;  // the optimiser's state, over the processes (ZeRO-1)
  double timeout_s = 600;       // of an exchange between processes
  LmSizes model;
  OptimizerSettings optimizer;
  Schedule schedule;

  // Throws Error kInvalidArgument for an unknown name or a value of the wrong type.
  void merge_json(const std::string& json);
  void set(const std::string& assignment);
  std::string to_json() const;
};

}  // namespace myna::train
