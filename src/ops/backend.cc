#include "ops/backend.h"

#include <algorithm>
#include <cassert>

#include "base/error.h"
#include "ops/row_layout.h"

namespace myna::ops {

std::unique_ptr<Arena> Backend::make_arena() { return std::make_unique<Arena>(); }

std::span<const float> Backend::resident(std::span<const float> values) { return values; }

std::unique_ptr<const RowLayout> Backend::make_layout(std::span<const size_t> rows, Arena&,
                                                      std::span<const size_t> capacities) {
  auto layout = std::make_unique<RowLayout>();
  layout->offsets.reserve(rows.size() + 1);
  layout->offsets.push_back(0);
  layout->filled.assign(rows.begin(), rows.end());
  for (size_t i = 0; i < rows.size(); ++i) {
    const size_t count = capacities.empty() ? rows[i] : capacities[i];
    layout->offsets.push_back(layout->offsets.back() + count);
    layout->largest = std::max(layout->largest, count);
  }
  return layout;
}

void Backend::upload(std::span<const float> values, Rows y, Arena&) {
  assert(values.size() == y.rows * y.channels);
  for (size_t t = 0; t < y.rows; ++t) {
    std::copy_n(values.data() + t * y.channels, y.channels, y.row(t));
  }
}

void Backend::download(ConstRows x, std::span<float> values, Arena&) {
  assert(values.size() == x.rows * x.channels);
  if (x.stride == x.channels) {
    std::copy_n(x.data, values.size(), values.data());
    return;
  }
  for (size_t t = 0; t < x.rows; ++t) {
    std::copy_n(x.row(t), x.channels, values.data() + t * x.channels);
  }
}

namespace {
[[noreturn]] void refuse(const Backend& backend) {
  throw Error(ErrorCode::kUnavailable,
              "the backend '" + backend.description() + "' cannot run the flash voice",
              "use --device cpu");
}
}  // namespace

Prepared Backend::prepare_conv_next(const ConvNextSpec&, const ConvNextWeights&) { refuse(*this); }

void Backend::conv_next(const PreparedWeights&, ConstRows, ConstRows, Rows, Arena&) {
  refuse(*this);
}

void Backend::source_filter(const SourceFilterSpec&, std::span<const SourceFilterVariation>,
                            ConstRows, ConstRows, Rows, Arena&) {
  refuse(*this);
}

}  // namespace myna::ops
