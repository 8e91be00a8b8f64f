// What every training run says of itself.
#pragma once

#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace myna::train {

// Of a clock that never goes back.
inline double now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Of this process so far.
inline double peak_memory_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

// A line of <run>/metrics.jsonl.
inline void append_metrics(const std::filesystem::path& run, const std::string& json) {
  std::ofstream file(run / "metrics.jsonl", std::ios::app);
  file << json << '\n';
}

inline void warn_of_problems(const std::vector<std::string>& checkpoints,
                             const std::vector<std::string>& shards) {
  for (const std::string& problem : checkpoints) {
    std::fprintf(stderr, "warning: checkpoint: %s\n", problem.c_str());
  }
  for (const std::string& problem : shards) {
    std::fprintf(stderr, "warning: shard skipped: %s\n", problem.c_str());
  }
}

}  // namespace myna::train
