// The inner products of every convolution and linear layer: a block of up to 12 output rows by 32
// output channels, summed over taps and input channels. One set a level of the instruction set;
// everything around them (tiling, packing, transforms) is shared (conv_driver.h).
//
// Packed weights ("panels"): output channels in groups of 32, the last one padded with zeros;
// a panel is [tap][input channel][32] floats, or [tap][input channel / 4][32][4] int8, the input
// channels padded with zeros to a multiple of 4.
#pragma once

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
  size_t depth;  // input channels (a multiple of 4 for int8)
  const Weight* panel;
  size_t panel_tap_step;  // weights from one tap to the next (depth * 32)
};
using FloatBlock = BlockOperands<float, float>;
using Int8Block = BlockOperands<uint8_t, int8_t>;

struct MicroKernels {
  // sums[m][n] = sum over taps and depth, for m < rows (1..12); sums is [rows][32], 64-byte
  // aligned. Products are added in the order of taps, then depth, whatever `rows` is: a row's
  // result does not depend on its neighbours.
  void (*float_block)(const FloatBlock& block, size_t rows, float* sums);
  void (*int8_block)(const Int8Block& block, size_t rows, int32_t* sums);
};

// Valid for every Isa of supported_isas().
const MicroKernels& micro_kernels(Isa isa);

// Per level; in the file of that name. Calling one on a machine without it is undefined.
extern const MicroKernels kPortableKernels;
extern const MicroKernels kAvx2Kernels;
extern const MicroKernels kAvxVnniKernels;
extern const MicroKernels kAvx512Kernels;
extern const MicroKernels kAvx512VnniKernels;

}  // namespace myna::backend::cpu
