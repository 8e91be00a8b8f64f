// A block of inner products on AMX tiles: up to 12 rows by 32 channels, 64 bytes of depth a step.
// The walk over taps and depth is written once over a unit of tiles; micro_kernels_amx.cc has the
// real one, amx_block_test.cc one in plain C++, so that the walk is tested on machines without AMX.
//
// Tiles (Intel SDM volume 1, chapter 18): 16 rows of at most 64 bytes. The input's tile has the
// block's rows and the step's bytes of depth; the weights' two tiles (16 channels each) have a row
// for every 4 bytes of depth, as the panels lie in memory. A depth that is no multiple of 64 bytes
// ends in a shorter step with tiles of its own, because a new configuration clears all sums.
#pragma once

#include <cstddef>
#include <cstdint>

#include "backend/cpu/micro_kernels.h"

namespace myna::backend::cpu {

inline constexpr size_t kTileRowBytes = 64;
inline constexpr size_t kTileColumns = 16;     // 32-bit sums in a tile's row
inline constexpr size_t kPanelRowBytes = 128;  // 32 channels of 4 bytes of depth

// LDTILECFG's operand.
struct alignas(64) TileConfiguration {
  uint8_t palette = 1;
  uint8_t start_row = 0;
  uint8_t reserved[14] = {};
  uint16_t row_bytes[16] = {};
  uint8_t rows[16] = {};

  void set(size_t tile, size_t tile_rows, size_t bytes) {
    rows[tile] = static_cast<uint8_t>(tile_rows);
    row_bytes[tile] = static_cast<uint16_t>(bytes);
  }
};

// Numbers of the tiles.
enum AmxTile : size_t {
  kLeftSums,
  kRightSums,
  kFullInput,
  kFullLeft,
  kFullRight,
  kRestInput,
  kRestLeft,
  kRestRight,
};

inline TileConfiguration amx_configuration(size_t rows, size_t rest_bytes) {
  TileConfiguration configuration;
  configuration.set(kLeftSums, rows, kTileRowBytes);
  configuration.set(kRightSums, rows, kTileRowBytes);
  configuration.set(kFullInput, rows, kTileRowBytes);
  configuration.set(kFullLeft, kTileRowBytes / 4, kTileRowBytes);
  configuration.set(kFullRight, kTileRowBytes / 4, kTileRowBytes);
  if (rest_bytes > 0) {
    configuration.set(kRestInput, rows, rest_bytes);
    configuration.set(kRestLeft, rest_bytes / 4, kTileRowBytes);
    configuration.set(kRestRight, rest_bytes / 4, kTileRowBytes);
  }
  return configuration;
}

// Unit: configure(configuration) clears all tiles, full_step and rest_step add the products of one
// step (input and its bytes from row to row, weights) to the sums, store_sums writes both halves.
template <typename Unit, typename Input, typename Weight, typename Sum>
void amx_block(Unit& unit, const BlockOperands<Input, Weight>& block, size_t rows, Sum* sums) {
  constexpr size_t kStep = kTileRowBytes / sizeof(Input);
  const size_t full_depth = block.depth / kStep * kStep;
  const size_t rest_bytes = (block.depth - full_depth) * sizeof(Input);
  unit.configure(amx_configuration(rows, rest_bytes));
  const size_t row_bytes = block.row_step * sizeof(Input);
  for (size_t tap = 0; tap < block.taps; ++tap) {
    const Input* input = block.input + tap * block.tap_step;
    const Weight* weights = block.panel + tap * block.panel_tap_step;
    for (size_t k = 0; k < full_depth; k += kStep) {
      unit.full_step(input + k, row_bytes, weights + k * kBlockColumns);
    }
    if (rest_bytes > 0) {
      unit.rest_step(input + full_depth, row_bytes, weights + full_depth * kBlockColumns);
    }
  }
  unit.store_sums(sums, kBlockColumns * sizeof(Sum));
}

}  // namespace myna::backend::cpu
