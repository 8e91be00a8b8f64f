// The first step of a tile: rows of a convolution's input, transformed, with zeros where they lie
// outside of it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "backend/cpu/vector_kernels.h"
#include "ops/backend.h"

namespace myna::backend::cpu {

// tile[r] = input(x[first + r]) for r < count, each row widened with zeros to `depth` channels.
// Returns the range of all values, with zero in it.
inline MinMax transform_tile(const VectorKernels& vector, const ops::InputTransform& input,
                             ops::ConstRows x, ptrdiff_t first, size_t count, size_t depth,
                             float* tile) {
  const auto rows = static_cast<ptrdiff_t>(x.rows);
  const auto begin =
      static_cast<size_t>(std::clamp<ptrdiff_t>(-first, 0, static_cast<ptrdiff_t>(count)));
  const auto end = std::max(begin, static_cast<size_t>(std::clamp<ptrdiff_t>(
                                       rows - first, 0, static_cast<ptrdiff_t>(count))));
  std::memset(tile, 0, begin * depth * sizeof(float));
  std::memset(tile + end * depth, 0, (count - end) * depth * sizeof(float));
  if (begin == end) return {0.0f, 0.0f};
  if (depth > x.channels) {
    for (size_t r = begin; r < end; ++r) {
      std::memset(tile + r * depth + x.channels, 0, (depth - x.channels) * sizeof(float));
    }
  }
  const auto source = static_cast<size_t>(first + static_cast<ptrdiff_t>(begin));
  return vector.transform_rows(input, {x.row(source), end - begin, x.channels, x.stride},
                               tile + begin * depth, depth);
}

}  // namespace myna::backend::cpu
