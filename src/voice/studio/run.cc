#include "voice/studio/run.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

#include "base/error.h"

namespace myna::voice::studio {

ops::Rows Run::rows(std::span<const size_t> rows_of_items, size_t channels) {
  if (rows_of_items.size() == 1) return arena.rows(rows_of_items[0], channels);
  layouts_.push_back(backend.make_layout(rows_of_items, arena));
  return arena.rows(layouts_.back()->offsets.back(), channels, layouts_.back().get());
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
