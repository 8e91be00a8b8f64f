// Views of time-major activations, [time, channels] row-major with a row stride, so that a part of
// the channels of a wider buffer is a view too (concatenation is writing into neighbouring views).
// Non-owning; the memory belongs to an Arena (ops/arena.h) or to the caller.
#pragma once

#include <cstddef>
#include <span>

namespace myna::ops {

struct ConstRows {
  const float* data = nullptr;
  size_t rows = 0;
  size_t channels = 0;
  size_t stride = 0;  // floats from one row to the next, >= channels

  const float* row(size_t index) const { return data + index * stride; }
};

struct Rows {
  float* data = nullptr;
  size_t rows = 0;
  size_t channels = 0;
  size_t stride = 0;

  float* row(size_t index) const { return data + index * stride; }
  operator ConstRows() const { return {data, rows, channels, stride}; }
  // Channels [first, first + count) of the same rows.
  Rows columns(size_t first, size_t count) const { return {data + first, rows, count, stride}; }
  Rows first_rows(size_t count) const { return {data, count, channels, stride}; }
};

}  // namespace myna::ops
