// What the stages of one synthesis share: the backend, the memory, the observer and the caller's
// wish to stop.
#pragma once

#include <atomic>
#include <chrono>
#include <span>
#include <string_view>

#include "ops/backend.h"
#include "voice/voice.h"

namespace myna::voice::studio {

class Run {
 public:
  Run(ops::Backend& run_backend, ops::Arena& run_arena, const SynthesisRequest& request)
      : backend(run_backend), arena(run_arena), request_(request) {}

  ops::Backend& backend;
  ops::Arena& arena;

  // Throws Error kCancelled when the caller asked to stop. Called at least every few milliseconds
  // of work, so that a cancel is answered within 50 ms.
  void check_cancelled() const;

  // Ends a stage: reports its result and the time since the last report.
  void report(std::string_view stage, ops::ConstRows result);
  void report(std::string_view stage, std::span<const float> result);

 private:
  void report(std::string_view stage, std::span<const size_t> shape, std::span<const float> values);

  const SynthesisRequest& request_;
  std::chrono::steady_clock::time_point stage_start_ = std::chrono::steady_clock::now();
};

}  // namespace myna::voice::studio
