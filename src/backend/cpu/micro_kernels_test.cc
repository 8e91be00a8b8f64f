// The integer inner products of every instruction set of this machine against sums in 64 bits: they
// are exact, for any number of rows, up to the largest values that they allow.
#include "backend/cpu/micro_kernels.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>
#include <vector>

namespace myna::backend::cpu {
namespace {

class MicroKernelsTest : public ::testing::TestWithParam<Isa> {
 protected:
  const MicroKernels& kernels() const { return micro_kernels(GetParam()); }

  template <typename Value>
  std::vector<Value> draw(size_t count, int low, int high) {
    std::uniform_int_distribution<int> values(low, high);
    std::vector<Value> result(count);
    for (Value& value : result) value = static_cast<Value>(values(random_));
    return result;
  }

  // group: channels that lie side by side in a panel.
  template <typename Input, typename Weight>
  void expect_exact(void (*kernel)(const BlockOperands<Input, Weight>&, size_t, int32_t*),
                    const std::vector<Input>& input, const std::vector<Weight>& panel, size_t depth,
                    size_t group) {
    for (size_t rows = 1; rows <= kBlockRows; ++rows) {
      // Fewer columns than a block's, too.
      const size_t columns = rows % 3 == 1 ? 16 : kBlockColumns;
      alignas(64) int32_t sums[kBlockRows * kBlockColumns];
      kernel({input.data(), depth, 0, 1, depth, panel.data(), 0, columns}, rows, sums);
      for (size_t m = 0; m < rows; ++m) {
        for (size_t n = 0; n < columns; ++n) {
          int64_t expected = 0;
          for (size_t k = 0; k < depth; ++k) {
            const size_t at = (k / group * kBlockColumns + n) * group + k % group;
            expected += int64_t{input[m * depth + k]} * int64_t{panel[at]};
          }
          ASSERT_EQ(sums[m * kBlockColumns + n], expected)
              << rows << " rows, row " << m << ", channel " << n << ", depth " << depth;
        }
      }
    }
  }

  std::mt19937 random_{7};
};

TEST_P(MicroKernelsTest, Int8) {
  // Of seven bits where pairs of products are added in 16.
  const int most = kernels().int8_input_bits == 7 ? 128 : 255;
  for (const size_t depth : {4, 20, 256}) {
    expect_exact(kernels().int8_block, draw<uint8_t>(kBlockRows * depth, 0, most),
                 draw<int8_t>(depth * kBlockColumns, -128, 127), depth, 4);
  }
  constexpr size_t kDepth = 64;
  expect_exact(kernels().int8_block,
               std::vector<uint8_t>(kBlockRows * kDepth, static_cast<uint8_t>(most)),
               std::vector<int8_t>(kDepth * kBlockColumns, -128), kDepth, 4);
}

TEST_P(MicroKernelsTest, Int16) {
  for (const size_t depth : {2, 18, 256}) {
    expect_exact(kernels().int16_block, draw<int16_t>(kBlockRows * depth, -1000, 1000),
                 draw<int16_t>(depth * kBlockColumns, -4095, 4095), depth, 2);
  }
  // Sums up to what 32 bits hold.
  constexpr size_t kDepth = 64;
  constexpr int kInput = std::numeric_limits<int32_t>::max() / 4095 / kDepth;
  expect_exact(kernels().int16_block, std::vector<int16_t>(kBlockRows * kDepth, kInput),
               std::vector<int16_t>(kDepth * kBlockColumns, 4095), kDepth, 2);
}

TEST_P(MicroKernelsTest, SignedInt8) {
  if (kernels().signed_int8_block == nullptr) GTEST_SKIP() << "dot products of bytes are faster";
  for (const size_t depth : {8, 40, 512}) {
    expect_exact(kernels().signed_int8_block,
                 draw<int8_t>(kBlockRows * depth, -kSignedInputSum / 4, kSignedInputSum / 4),
                 draw<uint8_t>(depth * kBlockColumns, 0, 255), depth, 4);
  }
  // One input that has all of a sum to itself, and four that share it.
  constexpr size_t kDepth = 32;
  std::vector<int8_t> input(kBlockRows * kDepth);
  for (size_t at = 0; at < input.size(); at += 8) {
    input[at] = input[at + 6] = -kSignedInputSum;
    if (at % 16 != 0) continue;
    for (const size_t k : {0, 1, 4, 5}) input[at + k] = kSignedInputSum / 4;
  }
  expect_exact(kernels().signed_int8_block, input,
               std::vector<uint8_t>(kDepth * kBlockColumns, 255), kDepth, 4);
}

INSTANTIATE_TEST_SUITE_P(Isa, MicroKernelsTest, ::testing::ValuesIn(supported_isas()),
                         [](const auto& tested) { return std::string(isa_name(tested.param)); });

}  // namespace
}  // namespace myna::backend::cpu
