// Index maths of the kernels, as plain functions that run on both sides and have unit tests of
// their own (tile_layout_test.cc).
#pragma once

#include "backend/cuda/device.h"

namespace myna::backend::cuda {

// How the rows of a tensor belong to the items of a batch (ops/row_layout.h), as a kernel sees it.
struct Items {
  const int* offsets;  // [count + 1] on the device; null: one item of `rows` rows
  int rows;

  MYNA_HOST_DEVICE int begin(int item) const { return offsets == nullptr ? 0 : offsets[item]; }
  MYNA_HOST_DEVICE int size(int item) const {
    return offsets == nullptr ? rows : offsets[item + 1] - offsets[item];
  }
};

// The item that a row of the whole batch belongs to.
MYNA_HOST_DEVICE int item_of_row(const Items& items, int count, int row) {
  if (items.offsets == nullptr) return 0;
  int low = 0, high = count - 1;
  while (low < high) {
    const int middle = (low + high + 1) / 2;
    if (items.offsets[middle] <= row) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

// The convolution on tensor cores computes tiles of kTileRows output rows by kTileColumns output
// channels, kTileDepth input channels of one tap at a time. In shared memory a row of a tile has
// kTileDepth bfloat16 values, 128 bytes in eight pieces of 16, and piece p of row r lies at place
// p ^ (r % 8): eight rows of one piece, which ldmatrix reads at a time, are in different banks.
inline constexpr int kTileRows = 128;
inline constexpr int kTileColumns = 128;
inline constexpr int kTileDepth = 64;
inline constexpr int kPieceValues = 8;
inline constexpr int kTileRowBytes = kTileDepth * 2;
inline constexpr int kWeightTileBytes = kTileColumns * kTileRowBytes;

MYNA_HOST_DEVICE int swizzled_byte(int row, int piece) {
  return row * kTileRowBytes + ((piece ^ (row & 7)) << 4);
}

// Prepared weights are tiles in the order in which a block of threads reads them, each as it will
// lie in shared memory: [phase][column tile][depth tile][tap][kWeightTileBytes].
struct WeightTiles {
  int column_tiles, depth_tiles, taps;

  MYNA_HOST_DEVICE size_t tile(int phase, int column_tile, int depth_tile, int tap) const {
    return ((static_cast<size_t>(phase) * column_tiles + column_tile) * depth_tiles + depth_tile) *
               taps +
           tap;
  }
};
// Byte of the weight of output channel `out` and input channel `in` within all tiles.
MYNA_HOST_DEVICE size_t weight_byte(const WeightTiles& tiles, int phase, int out, int in, int tap) {
  const int depth = in % kTileDepth;
  return tiles.tile(phase, out / kTileColumns, in / kTileDepth, tap) * kWeightTileBytes +
         static_cast<size_t>(swizzled_byte(out % kTileColumns, depth / kPieceValues)) +
         static_cast<size_t>(depth % kPieceValues) * 2;
}

// Eight warps share a tile, four along the rows, two along the columns: 32 x 64 each.
inline constexpr int kTileThreads = 256;
inline constexpr int kWarpRows = 32;
inline constexpr int kWarpColumns = 64;
MYNA_HOST_DEVICE int warp_first_row(int warp) { return warp % 4 * kWarpRows; }
MYNA_HOST_DEVICE int warp_first_column(int warp) { return warp / 4 * kWarpColumns; }

// What a lane names to load_matrix_x4 for a 16 x 16 fragment of activations: registers 0 to 3 are
// then (rows 0-7, first 8 of depth), (rows 8-15, first), (rows 0-7, last 8), (rows 8-15, last).
MYNA_HOST_DEVICE int activation_fragment_row(int lane) {
  return (lane & 7) + ((lane >> 3) & 1) * 8;
}
MYNA_HOST_DEVICE int activation_fragment_piece(int lane) { return lane >> 4; }
// And for two neighbouring fragments of 8 output channels: registers 0 and 1 are the first one's,
// 2 and 3 the second's.
MYNA_HOST_DEVICE int weight_fragment_row(int lane) { return (lane & 7) + ((lane >> 4) & 1) * 8; }
MYNA_HOST_DEVICE int weight_fragment_piece(int lane) { return (lane >> 3) & 1; }

// Where sum i of a 16 x 8 fragment belongs.
MYNA_HOST_DEVICE int sum_row(int lane, int i) { return lane / 4 + i / 2 * 8; }
MYNA_HOST_DEVICE int sum_column(int lane, int i) { return lane % 4 * 2 + i % 2; }

// A transposed convolution is `stride` convolutions, one an output phase. Output row
// t * stride + phase takes the input rows t + phase_first_row(...) + m for the taps
// phase_tap(..., m), m from 0; taps outside of the kernel have the weight 0.
struct Phases {
  int kernel, stride, padding;

  MYNA_HOST_DEVICE int taps() const { return (kernel + stride - 1) / stride; }
  MYNA_HOST_DEVICE int first_row(int phase) const {
    return (phase + padding) / stride - (taps() - 1);
  }
  MYNA_HOST_DEVICE int tap(int phase, int m) const {
    return (phase + padding) % stride + (taps() - 1 - m) * stride;
  }
};

constexpr int divide_up(int value, int divisor) { return (value + divisor - 1) / divisor; }

}  // namespace myna::backend::cuda
