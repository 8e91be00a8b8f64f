#include "voice/studio/run.h"

#include <array>
#include <cstring>
#include <vector>

#include "base/error.h"

namespace myna::voice::studio {

void Run::check_cancelled() const {
  if (request_.cancel != nullptr && request_.cancel->load(std::memory_order_relaxed)) {
    throw Error(ErrorCode::kCancelled, "synthesis was cancelled");
  }
}

void Run::report(std::string_view stage, std::span<const size_t> shape,
                 std::span<const float> values) {
  const auto now = std::chrono::steady_clock::now();
  const double seconds = std::chrono::duration<double>(now - stage_start_).count();
  request_.observer({stage, shape, values, seconds});
  stage_start_ = std::chrono::steady_clock::now();
}

void Run::report(std::string_view stage, ops::ConstRows result) {
  check_cancelled();
  if (!request_.observer) return;
  const std::array<size_t, 2> shape = {result.rows, result.channels};
  if (result.stride == result.channels) {
    report(stage, shape, {result.data, result.rows * result.channels});
    return;
  }
  std::vector<float> dense(result.rows * result.channels);
  for (size_t t = 0; t < result.rows; ++t) {
    std::memcpy(dense.data() + t * result.channels, result.row(t), result.channels * sizeof(float));
  }
  report(stage, shape, dense);
}

void Run::report(std::string_view stage, std::span<const float> result) {
  check_cancelled();
  if (!request_.observer) return;
  const std::array<size_t, 1> shape = {result.size()};
  report(stage, shape, result);
}

}  // namespace myna::voice::studio
