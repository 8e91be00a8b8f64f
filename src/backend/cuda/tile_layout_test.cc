#include "backend/cuda/tile_layout.h"

#include <gtest/gtest.h>

#include <set>

namespace myna::backend::cuda {
namespace {

TEST(TileLayout, EightRowsOfAPieceLieInDifferentBanks) {
  for (int piece = 0; piece < 8; ++piece) {
    for (int first = 0; first < 64; first += 8) {
      std::set<int> banks;
      for (int row = first; row < first + 8; ++row) banks.insert(swizzled_byte(row, piece) % 128);
      EXPECT_EQ(banks.size(), 8u);
    }
  }
}

TEST(TileLayout, EveryWeightHasAPlaceOfItsOwn) {
  const WeightTiles tiles{2, 2, 3};
  std::set<size_t> places;
  for (int phase = 0; phase < 2; ++phase) {
    for (int out = 0; out < 256; ++out) {
      for (int in = 0; in < 128; ++in) {
        for (int tap = 0; tap < 3; ++tap) places.insert(weight_byte(tiles, phase, out, in, tap));
      }
    }
  }
  EXPECT_EQ(places.size(), size_t{2} * 256 * 128 * 3);
  EXPECT_LT(*places.rbegin(), tiles.tile(2, 0, 0, 0) * kWeightTileBytes);
}

TEST(TileLayout, WarpsCoverATileOnce) {
  std::set<std::pair<int, int>> places;
  for (int warp = 0; warp < kTileThreads / 32; ++warp) {
    for (int m = 0; m < kWarpRows; m += 16) {
      for (int n = 0; n < kWarpColumns; n += 8) {
        for (int lane = 0; lane < 32; ++lane) {
          for (int i = 0; i < 4; ++i) {
            places.emplace(warp_first_row(warp) + m + sum_row(lane, i),
                           warp_first_column(warp) + n + sum_column(lane, i));
          }
        }
      }
    }
  }
  EXPECT_EQ(places.size(), size_t{kTileRows} * kTileColumns);
}

TEST(TileLayout, RowsBelongToTheItemThatHoldsThem) {
  const int offsets[] = {0, 3, 3, 10, 11};
  const Items items{offsets, 11};
  const int expected[] = {0, 0, 0, 2, 2, 2, 2, 2, 2, 2, 3};
  for (int row = 0; row < 11; ++row) EXPECT_EQ(item_of_row(items, 4, row), expected[row]);
  EXPECT_EQ(items.size(1), 0);
}

// Output row r of a transposed convolution takes tap j from input row (r + padding - j) / stride.
TEST(TileLayout, PhasesWalkTheTapsOfATransposedConvolution) {
  for (const Phases& phases : {Phases{20, 10, 5}, Phases{12, 6, 3}, Phases{5, 2, 1}}) {
    for (int phase = 0; phase < phases.stride; ++phase) {
      std::set<int> taps;
      for (int m = 0; m < phases.taps(); ++m) {
        const int tap = phases.tap(phase, m);
        if (tap >= phases.kernel) continue;
        taps.insert(tap);
        const int t = 4, row = t * phases.stride + phase;
        EXPECT_EQ((t + phases.first_row(phase) + m) * phases.stride, row + phases.padding - tap);
      }
      int wanted = 0;
      for (int j = 0; j < phases.kernel; ++j)
        wanted += (phase + phases.padding - j) % phases.stride == 0;
      EXPECT_EQ(static_cast<int>(taps.size()), wanted);
    }
  }
}

}  // namespace
}  // namespace myna::backend::cuda
