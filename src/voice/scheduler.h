// One loaded voice, many requests on many threads. Each listener or job opens a flow, which is a
// Voice like any other, and speaks through it:
//
//   SynthesisScheduler scheduler(voice, {});
//   const auto flow = scheduler.open({.weight = 4});   // somebody listens
//   Narrator narrator(*flow, options, sink);
//
// Pieces of all flows wait in one bounded queue, and workers take them by weighted fair queueing: a
// piece costs its phonemes divided by its flow's weight, and the flow that was served least comes
// next. A job of a thousand sentences delays a short request by the pieces in work, not by the job;
// a flow that was idle has saved nothing up. Where the voice prefers batches, pieces that wait are
// synthesised together, fairest first.
//
// What is refused says so at once: a full queue, too many flows, and a piece whose deadline passes
// before it is begun are Error kResourceExhausted; a cancel is kCancelled, answered within 50 ms
// whether the piece waits or is in work.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "voice/voice.h"

namespace myna::voice {

struct SchedulerOptions {
  size_t max_waiting = 256;  // pieces of all flows that wait to be begun
  size_t max_flows = 256;
  size_t workers = 1;    // a voice uses all its threads for one call: more help only a voice that
                         // works on several calls at a time
  size_t max_batch = 0;  // pieces synthesised together; 0: what the voice prefers
};

struct FlowOptions {
  double weight = 1;  // 0.01 to 100: its share of the voice while others wait too
  // A piece that waits longer than this before it is begun is refused: whoever asked for it has
  // gone, or would hear it too late. Nothing: it waits.
  std::optional<std::chrono::milliseconds> patience = {};
};

struct SchedulerStatistics {
  uint64_t pieces = 0;   // completed
  uint64_t batches = 0;  // of pieces begun together
  uint64_t refused = 0;  // calls: the queue was full
  uint64_t expired = 0;  // pieces whose patience ran out
  uint64_t failed = 0;   // pieces cancelled, or refused by the voice
  size_t waiting = 0;    // pieces, now
  size_t flows = 0;      // now
};

// All methods are safe from many threads. The voice outlives the scheduler, which outlives its
// flows.
class SynthesisScheduler {
 public:
  // Throws Error kInvalidArgument for limits of 0.
  SynthesisScheduler(Voice& voice, const SchedulerOptions& options);
  // Waits for the pieces in work; no flow may be in a call.
  ~SynthesisScheduler();
  SynthesisScheduler(const SynthesisScheduler&) = delete;
  SynthesisScheduler& operator=(const SynthesisScheduler&) = delete;

  // A Voice with the speakers of the scheduler's. synthesize() waits for its turn and for the
  // result, on the caller's thread; synthesize_batch() puts all its pieces in the queue at once.
  // Calls from several threads share the flow's turns. Throws Error kResourceExhausted when
  // max_flows are open, kInvalidArgument for a weight out of range.
  std::unique_ptr<Voice> open(const FlowOptions& options);

  SchedulerStatistics statistics() const;

 private:
  class Flow;
  struct FlowState;
  struct Piece;
  using Clock = std::chrono::steady_clock;

  std::vector<Speech> speak(FlowState& flow, std::span<const SynthesisRequest> requests);
  void add(FlowState& flow, std::span<Piece> pieces);
  // Throws away what is waiting of these; waits for what is in work.
  void withdraw(std::unique_lock<std::mutex>& lock, std::span<Piece> pieces);
  void expire(Clock::time_point now);
  std::vector<Piece*> next_batch();
  void work();
  void synthesize(const std::vector<Piece*>& batch);
  void close(FlowState& flow);

  Voice& voice_;
  SchedulerOptions options_;
  mutable std::mutex mutex_;      // guards what follows, and the state of pieces and flows
  std::condition_variable work_;  // for workers: something waits, or stop_
  std::condition_variable done_;  // for callers: a piece is finished
  std::list<FlowState> flows_;
  double virtual_time_ = 0;  // of the piece that was begun last
  SchedulerStatistics statistics_;
  bool stop_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace myna::voice
