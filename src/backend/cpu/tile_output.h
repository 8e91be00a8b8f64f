// The last step of a tile: blocks of sums become rows of a convolution's output, and tiles their
// share of its moments.
#pragma once

#include <algorithm>
#include <cstddef>

#include "backend/cpu/context.h"
#include "ops/backend.h"

namespace myna::backend::cpu {

// Ends the rows t, t + step, ... (`count` of them) of y from `column` on. Calls
// finish(m, rows, end, out, out_stride) for the sums from row m on: once, unless the residual is
// at a lower rate.
template <typename Finish>
void finish_rows(const ops::OutputTransform& output, ops::Rows y, size_t t, size_t step,
                 size_t count, size_t column, const float* bias, const Finish& finish) {
  const auto end_of = [&](size_t row) {
    BlockEnd end{bias, nullptr, 0, nullptr, 0};
    if (output.residual.data != nullptr) {
      end.residual = output.residual.row(row / output.residual_rows_divisor) + column;
      end.residual_stride = step * output.residual.stride;
    }
    if (output.addend.data != nullptr) {
      end.addend = output.addend.row(row) + column;
      end.addend_stride = step * output.addend.stride;
    }
    return end;
  };
  if (output.residual.data == nullptr || output.residual_rows_divisor == 1) {
    finish(0, count, end_of(t), y.row(t) + column, step * y.stride);
    return;
  }
  for (size_t m = 0; m < count; ++m, t += step) {
    finish(m, 1, end_of(t), y.row(t) + column, y.stride);
  }
}

// Moments of rows [first, first + rows) and channels [first_channel, first_channel + channels) of
// y into `partial` of their tile, [2][y.channels].
inline void store_partial_moments(const VectorKernels& vector, ops::Rows y, size_t first,
                                  size_t rows, size_t first_channel, size_t channels,
                                  float* partial) {
  float* mean = partial + first_channel;
  vector.tile_moments({y.row(first) + first_channel, rows, channels, y.stride}, mean,
                      mean + y.channels);
}

}  // namespace myna::backend::cpu
