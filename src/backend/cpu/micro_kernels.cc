#include "backend/cpu/micro_kernels.h"

#include <algorithm>

namespace myna::backend::cpu {
namespace {

float widen(float value) { return value; }
float widen(uint16_t value) { return from_bfloat16(value); }
int32_t widen(uint8_t value) { return value; }
int32_t widen(int8_t value) { return value; }
int32_t widen(int16_t value) { return value; }

template <typename Block, typename Sum>
void portable_block(const Block& block, size_t depth_group, size_t rows, Sum* sums) {
  std::fill_n(sums, rows * kBlockColumns, Sum{0});
  for (size_t m = 0; m < rows; ++m) {
    for (size_t tap = 0; tap < block.taps; ++tap) {
      const auto* input = block.input + m * block.row_step + tap * block.tap_step;
      const auto* panel = block.panel + tap * block.panel_tap_step;
      for (size_t k = 0; k < block.depth; ++k) {
        const auto* weights =
            panel + (k / depth_group) * depth_group * kBlockColumns + k % depth_group;
        for (size_t n = 0; n < kBlockColumns; ++n) {
          sums[m * kBlockColumns + n] += widen(input[k]) * widen(weights[n * depth_group]);
        }
      }
    }
  }
}

void portable_float(const FloatBlock& block, size_t rows, float* sums) {
  portable_block(block, 1, rows, sums);
}
void portable_bfloat16(const Bfloat16Block& block, size_t rows, float* sums) {
  portable_block(block, 2, rows, sums);
}
void portable_int8(const Int8Block& block, size_t rows, int32_t* sums) {
  portable_block(block, 4, rows, sums);
}
void portable_int16(const Int16Block& block, size_t rows, int32_t* sums) {
  portable_block(block, 2, rows, sums);
}

}  // namespace

const MicroKernels kPortableKernels = {portable_float, portable_bfloat16, portable_int8,
                                       portable_int16};

const MicroKernels& micro_kernels(Isa isa) {
  switch (isa) {
    case Isa::kPortable:
      return kPortableKernels;
    case Isa::kAvx2:
      return kAvx2Kernels;
    case Isa::kAvxVnni:
      return kAvxVnniKernels;
    case Isa::kAvx512:
      return kAvx512Kernels;
    case Isa::kAvx512Vnni:
      return kAvx512VnniKernels;
    case Isa::kAvx512Bf16:
      return kAvx512Bf16Kernels;
    case Isa::kAmx:
      return kAmxKernels;
  }
  return kPortableKernels;
}

}  // namespace myna::backend::cpu
