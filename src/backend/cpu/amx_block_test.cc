// The walk of amx_block.h over tiles in plain C++, against the portable kernels. With a machine
// that has AMX, cpu_backend_test holds the real tiles against backend/ref.
#include "backend/cpu/amx_block.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

namespace myna::backend::cpu {
namespace {

// What the instructions do, after Intel's Software Developer's Manual (LDTILECFG, TILELOADD,
// TDPBUSD, TDPBF16PS): rows and bytes beyond a tile's configuration are never read or written.
class SoftwareTiles {
 public:
  void configure(const TileConfiguration& configuration) {
    ASSERT_EQ(configuration.palette, 1);
    configuration_ = configuration;
    for (size_t tile = 0; tile < 8; ++tile) {
      ASSERT_LE(configuration.rows[tile], 16);
      ASSERT_LE(configuration.row_bytes[tile], kTileRowBytes);
      ASSERT_EQ(configuration.row_bytes[tile] % 4, 0);
    }
    std::memset(tiles_, 0, sizeof tiles_);
  }

  void full_step(const uint8_t* input, size_t row_bytes, const int8_t* weights) {
    step(kFullInput, input, row_bytes, weights);
  }
  void rest_step(const uint8_t* input, size_t row_bytes, const int8_t* weights) {
    step(kRestInput, input, row_bytes, weights);
  }
  void full_step(const uint16_t* input, size_t row_bytes, const uint16_t* weights) {
    step(kFullInput, input, row_bytes, weights);
  }
  void rest_step(const uint16_t* input, size_t row_bytes, const uint16_t* weights) {
    step(kRestInput, input, row_bytes, weights);
  }

  void store_sums(void* sums, size_t row_bytes) {
    for (size_t tile : {kLeftSums, kRightSums}) {
      for (size_t row = 0; row < configuration_.rows[tile]; ++row) {
        std::memcpy(static_cast<char*>(sums) + row * row_bytes + tile * kTileRowBytes,
                    tiles_[tile][row], configuration_.row_bytes[tile]);
      }
    }
  }

 private:
  template <typename Input, typename Weight>
  void step(size_t input_tile, const Input* input, size_t row_bytes, const Weight* weights) {
    load(input_tile, input, row_bytes);
    load(input_tile + 1, weights, kPanelRowBytes);
    multiply<Input>(kLeftSums, input_tile, input_tile + 1);
    load(input_tile + 2, weights + kTileRowBytes / sizeof(Weight), kPanelRowBytes);
    multiply<Input>(kRightSums, input_tile, input_tile + 2);
  }

  void load(size_t tile, const void* from, size_t row_bytes) {
    std::memset(tiles_[tile], 0, sizeof tiles_[tile]);
    for (size_t row = 0; row < configuration_.rows[tile]; ++row) {
      std::memcpy(tiles_[tile][row], static_cast<const char*>(from) + row * row_bytes,
                  configuration_.row_bytes[tile]);
    }
  }

  template <typename Input>
  void multiply(size_t sums, size_t a, size_t b) {
    // The instruction faults on shapes that do not fit.
    ASSERT_EQ(configuration_.rows[sums], configuration_.rows[a]);
    ASSERT_EQ(configuration_.row_bytes[sums], configuration_.row_bytes[b]);
    ASSERT_EQ(configuration_.row_bytes[a] / 4, configuration_.rows[b]);
    for (size_t m = 0; m < configuration_.rows[sums]; ++m) {
      for (size_t k = 0; k < configuration_.rows[b]; ++k) {
        for (size_t n = 0; n < kTileColumns; ++n) {
          add(tiles_[sums][m] + 4 * n, tiles_[a][m] + 4 * k, tiles_[b][k] + 4 * n, Input{});
        }
      }
    }
  }

  static void add(uint8_t* sum, const uint8_t* a, const uint8_t* b, uint8_t) {
    int32_t value;
    std::memcpy(&value, sum, sizeof value);
    for (size_t i = 0; i < 4; ++i) value += a[i] * static_cast<int8_t>(b[i]);
    std::memcpy(sum, &value, sizeof value);
  }
  static void add(uint8_t* sum, const uint8_t* a, const uint8_t* b, uint16_t) {
    float value;
    uint16_t left[2], right[2];
    std::memcpy(&value, sum, sizeof value);
    std::memcpy(left, a, sizeof left);
    std::memcpy(right, b, sizeof right);
    for (size_t i = 0; i < 2; ++i) value += from_bfloat16(left[i]) * from_bfloat16(right[i]);
    std::memcpy(sum, &value, sizeof value);
  }

  TileConfiguration configuration_;
  uint8_t tiles_[8][16][kTileRowBytes];
};

struct Case {
  size_t taps, depth, row_step, tap_step, rows;
};

const std::vector<Case> kCases = {
    {3, 128, 128, 128, 12}, {11, 256, 256, 5 * 256, 12}, {1, 64, 64, 64, 1},
    {7, 4, 4, 4, 12},       {1, 1092, 1092, 1092, 5},    {2, 72, 6 * 72, 72, 7},
};

template <typename Input, typename Weight, typename Sum>
void compare(const Case& c, const std::vector<Input>& input, const std::vector<Weight>& panel,
             void (*portable)(const BlockOperands<Input, Weight>&, size_t, Sum*)) {
  SCOPED_TRACE(testing::Message() << c.taps << " taps, depth " << c.depth << ", rows " << c.rows);
  const BlockOperands<Input, Weight> block{
      input.data(), c.row_step, c.tap_step, c.taps, c.depth, panel.data(), c.depth * kBlockColumns};
  std::vector<Sum> expected(kBlockRows * kBlockColumns, Sum{77});
  std::vector<Sum> found = expected;  // rows beyond those asked for stay as they are
  portable(block, c.rows, expected.data());
  SoftwareTiles tiles;
  amx_block(tiles, block, c.rows, found.data());
  EXPECT_EQ(found, expected);
}

size_t input_size(const Case& c) {
  return (c.rows - 1) * c.row_step + (c.taps - 1) * c.tap_step + c.depth;
}

TEST(AmxBlock, Int8WalkIsThatOfThePortableKernel) {
  std::mt19937 random(1);
  for (const Case& c : kCases) {
    std::vector<uint8_t> input(input_size(c));
    std::vector<int8_t> panel(c.taps * c.depth * kBlockColumns);
    for (uint8_t& value : input) value = static_cast<uint8_t>(random());
    for (int8_t& value : panel) value = static_cast<int8_t>(random());
    compare(c, input, panel, kPortableKernels.int8_block);
  }
}

TEST(AmxBlock, Bfloat16WalkIsThatOfThePortableKernel) {
  std::mt19937 random(2);
  std::uniform_int_distribution<int> small(-8, 8);  // sums stay exact in float, in any order
  for (const Case& c : kCases) {
    std::vector<uint16_t> input(input_size(c)), panel(c.taps * c.depth * kBlockColumns);
    for (uint16_t& value : input) value = to_bfloat16(static_cast<float>(small(random)));
    for (uint16_t& value : panel) value = to_bfloat16(static_cast<float>(small(random)) * 0.125f);
    compare(c, input, panel, kPortableKernels.bfloat16_block);
  }
}

// The tiles of this machine, not those of SoftwareTiles.
TEST(AmxBlock, TheMachinesTilesGiveTheSame) {
  const std::vector<Isa> supported = supported_isas();
  if (std::find(supported.begin(), supported.end(), Isa::kAmx) == supported.end()) {
    GTEST_SKIP() << "this machine has no AMX";
  }
  std::mt19937 random(3);
  for (const Case& c : kCases) {
    std::vector<uint8_t> input(input_size(c));
    std::vector<int8_t> panel(c.taps * c.depth * kBlockColumns);
    for (uint8_t& value : input) value = static_cast<uint8_t>(random());
    for (int8_t& value : panel) value = static_cast<int8_t>(random());
    const Int8Block block{
        input.data(),           c.row_step, c.tap_step, c.taps, c.depth, panel.data(),
        c.depth * kBlockColumns};
    std::vector<int32_t> expected(kBlockRows * kBlockColumns, 77), found = expected;
    kPortableKernels.int8_block(block, c.rows, expected.data());
    kAmxKernels.int8_block(block, c.rows, found.data());
    EXPECT_EQ(found, expected) << c.taps << " taps, depth " << c.depth;
  }
}

TEST(Bfloat16, RoundsToNearestEven) {
  EXPECT_EQ(from_bfloat16(to_bfloat16(1.0f)), 1.0f);
  EXPECT_EQ(from_bfloat16(to_bfloat16(1.0f + 1.0f / 256)), 1.0f);               // tie: down to even
  EXPECT_EQ(from_bfloat16(to_bfloat16(1.0f + 3.0f / 256)), 1.0f + 4.0f / 256);  // tie: up to even
  EXPECT_EQ(from_bfloat16(to_bfloat16(-1.0f - 1.1f / 256)), -1.0f - 2.0f / 256);
}

}  // namespace
}  // namespace myna::backend::cpu
