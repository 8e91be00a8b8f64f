#pragma once

#include <sys/resource.h>

namespace myna::train {

// Of this process so far.
inline double peak_memory_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

}  // namespace myna::train
