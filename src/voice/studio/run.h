// What the stages of one synthesis share: the backend, the memory, the observer and the caller's
// wish to stop.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel_scope.h"
#include "ops/backend.h"
#include "ops/row_layout.h"
#include "voice/voice.h"

namespace myna::voice::studio {

class Run {
 public:
  Run(ops::Backend& run_backend, ops::Arena& run_arena, const SynthesisRequest& request)
      : Run(run_backend, run_arena, std::span(&request, 1)) {}
  // A batch, one item a request.
  Run(ops::Backend& run_backend, ops::Arena& run_arena, std::span<const SynthesisRequest> requests)
      : backend(run_backend),
        arena(run_arena),
        requests_(requests),
        cancel_flags_(flags_of(requests)),
        cancel_scope_(cancel_flags_),
        recordable_(can_be_recorded()) {}

  ops::Backend& backend;
  ops::Arena& arena;

  // Set, check_cancelled() throws as if a request were cancelled.
  void stop_with(const std::atomic<bool>& stop) { cancel_flags_.back() = &stop; }

  size_t items() const { return requests_.size(); }
  // For what happens on the host whatever the backend is.
  ops::Arena& host_arena() { return host_arena_; }

  // Memory for so many rows an item; the layout of a batch lives as long as the run, its rows in
  // the arena's open scope.
  ops::Rows rows(std::span<const size_t> rows_of_items, size_t channels);
  // For each item as many rows as `rows_of` makes of the rows that it has in x.
  template <typename RowsOf>
  ops::Rows mapped_rows(ops::ConstRows x, size_t channels, const RowsOf& rows_of) {
    if (x.layout == nullptr) return arena.rows(rows_of(x.rows), channels);
    std::vector<size_t> counts(x.layout->items()), capacities(x.layout->items());
    for (size_t i = 0; i < counts.size(); ++i) {
      counts[i] = rows_of(x.layout->filled[i]);
      capacities[i] = rows_of(x.layout->rows(i));
    }
    return rows_within(counts, capacities, channels);
  }

  // What follows, until the object ends, is a part that the backend may record
  // (ops::Backend::begin_part). Nothing where a run cannot be recorded: batches, long texts, and
  // those whose results the host looks at on the way.
  class Part {
   public:
    Part(Run& run, const std::string& name);
    ~Part();
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;

   private:
    Run& run_;
    int exceptions_;
  };

  // Throws Error kCancelled when a caller asked to stop: a batch stops as a whole. Called at least
  // every few milliseconds of work, so that a cancel is answered within 50 ms.
  void check_cancelled() const;

  // Ends a stage: reports each item's result to its observer, and the time since the last report.
  void report(std::string_view stage, ops::ConstRows result);
  // The result of one item, from the host's memory.
  void report(std::string_view stage, size_t item, std::span<const float> result);

 private:
  ops::Rows rows_within(std::span<const size_t> counts, std::span<const size_t> capacities,
                        size_t channels);
  bool can_be_recorded() const;

  static std::vector<const std::atomic<bool>*> flags_of(std::span<const SynthesisRequest> requests);
  bool is_observed() const;
  void report(std::string_view stage, size_t item, std::span<const size_t> shape,
              std::span<const float> values);

  std::span<const SynthesisRequest> requests_;
  std::vector<const std::atomic<bool>*> cancel_flags_;  // of the requests, and one for stop_with()
  CancelScope cancel_scope_;
  bool recordable_ = false;
  ops::Arena host_arena_;
  std::vector<std::unique_ptr<const ops::RowLayout>> layouts_;
  std::chrono::steady_clock::time_point stage_start_ = std::chrono::steady_clock::now();
};

}  // namespace myna::voice::studio
