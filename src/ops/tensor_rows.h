// Views of time-major activations, [time, channels] row-major with a row stride, so that a part of
// the channels of a wider buffer is a view too (concatenation is writing into neighbouring views).
// Non-owning; the memory belongs to an Arena (ops/arena.h) or to the caller. It is the backend's:
// models hand views on and never look behind `data`, which may be memory of another device.
//
// A batch is the rows of its items one after another, without padding; `layout` says where each
// begins (ops/row_layout.h). Without one all rows are one item's.
#pragma once

#include <cstddef>
#include <span>

namespace myna::ops {

struct RowLayout;

struct ConstRows {
  const float* data = nullptr;
  size_t rows = 0;
  size_t channels = 0;
  size_t stride = 0;  // floats from one row to the next, >= channels
  const RowLayout* layout = nullptr;

  const float* row(size_t index) const { return data + index * stride; }
};

struct Rows {
  float* data = nullptr;
  size_t rows = 0;
  size_t channels = 0;
  size_t stride = 0;
  const RowLayout* layout = nullptr;

  float* row(size_t index) const { return data + index * stride; }
  operator ConstRows() const { return {data, rows, channels, stride, layout}; }
  // Channels [first, first + count) of the same rows.
  Rows columns(size_t first, size_t count) const {
    return {data + first, rows, count, stride, layout};
  }
  // As one item.
  Rows first_rows(size_t count) const { return {data, count, channels, stride, nullptr}; }
};

}  // namespace myna::ops
