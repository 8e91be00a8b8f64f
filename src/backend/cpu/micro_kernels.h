// The inner products of every convolution and linear layer: a block of up to 12 output rows by 32
// output channels, summed over taps and input channels. One set a level of the instruction set;
// everything around them (tiling, packing, transforms) is shared (conv_driver.h).
//
// Packed weights ("panels"): output channels in groups of 32, the last one padded with zeros;
// a panel is [tap][input channel][32] floats, [tap][input channel / 2][32][2] bfloat16, or
// [tap][input channel / 4][32][4] int8, the input channels padded with zeros to a multiple of 2 or
// 4: the layouts that vdpbf16ps, vpdpbusd and the tiles of AMX read. int16 lies as bfloat16 does.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "backend/cpu/isa.h"

namespace myna::backend::cpu {

inline constexpr size_t kBlockRows = 12;
inline constexpr size_t kBlockColumns = 32;

// One call's operands. Input row m of tap j starts at input + m * row_step + j * tap_step elements.
template <typename Input, typename Weight>
struct BlockOperands {
  const Input* input;
  size_t row_step;
  size_t tap_step;
  size_t taps;
  size_t depth;  // input channels (a multiple of 4 for int8, of 2 for bfloat16)
  const Weight* panel;
  size_t panel_tap_step;           // weights from one tap to the next (depth * 32)
  size_t columns = kBlockColumns;  // sums of those behind are not needed, and may not be written
};
using FloatBlock = BlockOperands<float, float>;
using Bfloat16Block = BlockOperands<uint16_t, uint16_t>;  // the upper halves of floats
using Int8Block = BlockOperands<uint8_t, int8_t>;
using SignedInt8Block = BlockOperands<int8_t, uint8_t>;  // depth a multiple of 8
using Int16Block = BlockOperands<int16_t, int16_t>;      // panels as those of bfloat16

inline constexpr int kSignedInputSum = 128;  // 128 * 255 < 2^15

// To nearest, ties to even. Finite values only.
constexpr uint16_t to_bfloat16(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  return static_cast<uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}
constexpr float from_bfloat16(uint16_t value) {
  return std::bit_cast<float>(static_cast<uint32_t>(value) << 16);
}

struct MicroKernels {
  // sums[m][n] = sum over taps and depth, for m < rows (1..12); sums is [rows][32], 64-byte
  // aligned. Products are added in the order of taps, then depth, whatever `rows` is: a row's
  // result does not depend on its neighbours.
  void (*float_block)(const FloatBlock& block, size_t rows, float* sums);
  // Summed in float; vdpbf16ps and AMX flush denormals and round each pair of products in their own
  // way, so that levels differ in the last bits of a float.
  void (*bfloat16_block)(const Bfloat16Block& block, size_t rows, float* sums);
  // Inputs of seven bits are at most 128: pairs of their products fit 16 bits (vpmaddubsw), which
  // is what there is without dot products of bytes.
  void (*int8_block)(const Int8Block& block, size_t rows, int32_t* sums);
  // Sums must fit 32 bits.
  void (*int16_block)(const Int16Block& block, size_t rows, int32_t* sums);
  int int8_input_bits = 8;
  // Only where int8_input_bits is 7, and a quarter faster there: the signed bytes are the inputs.
  // Four products are added in 16 bits, so that of each eight inputs (from a multiple of 8) the
  // magnitudes of 0, 1, 4, 5 and those of 2, 3, 6, 7 sum to at most kSignedInputSum.
  void (*signed_int8_block)(const SignedInt8Block& block, size_t rows, int32_t* sums) = nullptr;
};

// Valid for every Isa of supported_isas().
const MicroKernels& micro_kernels(Isa isa);

// Per level; in the file of that name. Calling one on a machine without it is undefined.
extern const MicroKernels kPortableKernels;
extern const MicroKernels kAvx2Kernels;
extern const MicroKernels kAvxVnniKernels;
extern const MicroKernels kAvx512Kernels;
extern const MicroKernels kAvx512VnniKernels;
extern const MicroKernels kAvx512Bf16Kernels;
extern const MicroKernels kAmxKernels;

}  // namespace myna::backend::cpu
