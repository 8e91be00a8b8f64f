#include "voice/studio/run.h"

#include <algorithm>
#include <array>
#include <exception>
#include <numeric>
#include <vector>

#include "base/error.h"
#include "voice/performance.h"

namespace myna::voice::studio {

ops::Rows Run::rows(std::span<const size_t> rows_of_items, size_t channels) {
  if (!recordable_) return rows_within(rows_of_items, rows_of_items, channels);
  const std::array<size_t, 1> capacities = {backend.capacity_of(rows_of_items[0])};
  return rows_within(rows_of_items, capacities, channels);
}

ops::Rows Run::rows_within(std::span<const size_t> counts, std::span<const size_t> capacities,
                           size_t channels) {
  if (counts.size() == 1 && !recordable_) return arena.rows(counts[0], channels);
  layouts_.push_back(recordable_ ? backend.make_layout(counts, arena, capacities)
                                 : backend.make_layout(counts, arena));
  return arena.rows(layouts_.back()->offsets.back(), channels, layouts_.back().get());
}

bool Run::can_be_recorded() const {
  // The tables of positions end at 512, and long texts are not waited for.
  constexpr size_t kMostPhonemes = 256;
  if (requests_.size() != 1 || is_observed() || requests_[0].phonemes.size() + 2 > kMostPhonemes) {
    return false;
  }
  // Whether the backend records at all: the smallest shape is rounded up where it does.
  if (backend.capacity_of(1) == 1) return false;
  const Performance performance{requests_[0].phonemes, requests_[0].phoneme_controls,
                                requests_[0].control};
  return performance.neutral_pitch() && performance.neutral_effort();
}

Run::Part::Part(Run& run, const std::string& name)
    : run_(run), exceptions_(std::uncaught_exceptions()) {
  if (run_.recordable_) run_.backend.begin_part(name, run_.arena);
}

Run::Part::~Part() {
  if (!run_.recordable_) return;
  try {
    run_.backend.end_part(run_.arena, std::uncaught_exceptions() == exceptions_);
  } catch (const Error&) {
    // The next thing that the device is asked for fails in the same way, and says so.
  }
}

std::vector<const std::atomic<bool>*> Run::flags_of(std::span<const SynthesisRequest> requests) {
  static const std::atomic<bool> kNever{false};
  std::vector<const std::atomic<bool>*> flags;
  for (const SynthesisRequest& request : requests) {
    if (request.cancel != nullptr) flags.push_back(request.cancel);
  }
  flags.push_back(&kNever);
  return flags;
}

// The loops inside of a CPU backend's operations look at the same flags.
void Run::check_cancelled() const {
  if (cancel_scope_.requested()) throw Error(ErrorCode::kCancelled, "synthesis was cancelled");
}

bool Run::is_observed() const {
  return std::any_of(requests_.begin(), requests_.end(),
                     [](const SynthesisRequest& request) { return bool{request.observer}; });
}

void Run::report(std::string_view stage, size_t item, std::span<const size_t> shape,
                 std::span<const float> values) {
  if (!requests_[item].observer) return;
  const auto now = std::chrono::steady_clock::now();
  const double seconds = std::chrono::duration<double>(now - stage_start_).count();
  requests_[item].observer({stage, shape, values, seconds});
  stage_start_ = std::chrono::steady_clock::now();
}

void Run::report(std::string_view stage, ops::ConstRows result) {
  check_cancelled();
  if (!is_observed()) return;
  std::vector<float> values(result.rows * result.channels);
  backend.download(result, values, arena);
  std::span<const float> rest = values;
  for (size_t item = 0; item < items(); ++item) {
    const size_t rows = ops::item_rows(result, item);
    const std::array<size_t, 2> shape = {rows, result.channels};
    // A single channel is a curve or a signal.
    const std::span<const size_t> dimensions = std::span(shape).first(result.channels == 1 ? 1 : 2);
    report(stage, item, dimensions, rest.first(rows * result.channels));
    rest = rest.subspan(rows * result.channels);
  }
}

void Run::report(std::string_view stage, size_t item, std::span<const float> result) {
  check_cancelled();
  const std::array<size_t, 1> shape = {result.size()};
  report(stage, item, shape, result);
}

}  // namespace myna::voice::studio
