// Which rows of a batch belong to which item, and what that makes of an operation's arguments: a
// backend that works item by item takes the views of one item from here.
#pragma once

#include <cassert>
#include <vector>

#include "ops/backend.h"
#include "ops/tensor_rows.h"

namespace myna::ops {

// Item i has the rows [offsets[i], offsets[i + 1]), of which the first filled[i] are its own: those
// behind them belong to nobody, as memory for more (Backend::capacity_of). Made by a backend
// (Backend::make_layout).
struct RowLayout {
  std::vector<size_t> offsets;          // [items + 1], from 0
  std::vector<size_t> filled;           // [items]
  size_t largest = 0;                   // rows of the longest item
  const int* device_offsets = nullptr;  // the same in the backend's memory, where it needs them

  size_t items() const { return offsets.size() - 1; }
  size_t rows(size_t item) const { return offsets[item + 1] - offsets[item]; }
};

inline size_t item_count(ConstRows rows) {
  return rows.layout == nullptr ? 1 : rows.layout->items();
}
inline size_t item_rows(ConstRows rows, size_t item) {
  return rows.layout == nullptr ? rows.rows : rows.layout->rows(item);
}
// Without those that belong to nobody, which only a single item has.
inline Rows filled_rows(Rows rows) {
  const bool may_have_more = rows.layout != nullptr && rows.layout->items() == 1;
  return may_have_more ? rows.first_rows(rows.layout->filled.front()) : rows;
}
inline ConstRows item_of(ConstRows rows, size_t item) {
  if (rows.layout == nullptr) return rows;
  return {rows.row(rows.layout->offsets[item]), rows.layout->rows(item), rows.channels, rows.stride,
          nullptr};
}
inline Rows item_of(Rows rows, size_t item) {
  if (rows.layout == nullptr) return rows;
  return {rows.row(rows.layout->offsets[item]), rows.layout->rows(item), rows.channels, rows.stride,
          nullptr};
}
inline ChannelMoments item_of(ChannelMoments moments, size_t item, size_t channels) {
  if (moments.mean == nullptr) return {};
  return {moments.mean + item * channels, moments.variance + item * channels};
}
inline ChannelAffine item_of(ChannelAffine affine, size_t item) {
  if (affine.scale != nullptr) affine.scale += item * affine.item_stride;
  if (affine.shift != nullptr) affine.shift += item * affine.item_stride;
  return affine;
}
inline InputTransform item_of(InputTransform input, size_t item) {
  input.affine = item_of(input.affine, item);
  return input;
}
inline OutputTransform item_of(OutputTransform output, size_t item, size_t channels) {
  if (output.residual.data != nullptr) output.residual = item_of(output.residual, item);
  if (output.addend.data != nullptr) output.addend = item_of(output.addend, item);
  output.moments = item_of(output.moments, item, channels);
  return output;
}

// operation(x of an item, y of the same item, item) for each item.
template <typename Operation>
void for_each_item(ConstRows x, Rows y, const Operation& operation) {
  assert(item_count(x) == item_count(y));
  if (y.layout == nullptr) return operation(x, y, 0);
  for (size_t i = 0; i < y.layout->items(); ++i) operation(item_of(x, i), item_of(y, i), i);
}

}  // namespace myna::ops
