// AVX2 and AVX-VNNI. 16 registers: 6 rows by 2 vectors (16 channels) of sums, so a block of 12 x 32
// is up to four passes over the same panel.
#include <immintrin.h>

#include "backend/cpu/micro_kernels.h"

// Target attributes instead of compiler flags: inline functions of other headers that this file
// instantiates must stay runnable on every machine.
#define MYNA_AVX2 __attribute__((target("avx2,fma")))
#define MYNA_AVX_VNNI __attribute__((target("avx2,fma,avxvnni")))

namespace myna::backend::cpu {
namespace {

template <int kRows>
MYNA_AVX2 void float_pass(const FloatBlock& block, const float* input, size_t column, float* sums) {
  __m256 acc[kRows][2];
#pragma GCC unroll 6
  for (int m = 0; m < kRows; ++m) acc[m][0] = acc[m][1] = _mm256_setzero_ps();
  for (size_t tap = 0; tap < block.taps; ++tap) {
    const float* a = input + tap * block.tap_step;
    const float* b = block.panel + tap * block.panel_tap_step + column;
    for (size_t k = 0; k < block.depth; ++k, b += kBlockColumns) {
      const __m256 b0 = _mm256_loadu_ps(b);
      const __m256 b1 = _mm256_loadu_ps(b + 8);
#pragma GCC unroll 6
      for (int m = 0; m < kRows; ++m) {
        const __m256 value = _mm256_broadcast_ss(a + static_cast<size_t>(m) * block.row_step + k);
        acc[m][0] = _mm256_fmadd_ps(value, b0, acc[m][0]);
        acc[m][1] = _mm256_fmadd_ps(value, b1, acc[m][1]);
      }
    }
  }
#pragma GCC unroll 6
  for (int m = 0; m < kRows; ++m) {
    _mm256_storeu_ps(sums + static_cast<size_t>(m) * kBlockColumns + column, acc[m][0]);
    _mm256_storeu_ps(sums + static_cast<size_t>(m) * kBlockColumns + column + 8, acc[m][1]);
  }
}

template <int kRows>
MYNA_AVX2 void float_rows(const FloatBlock& block, size_t first, float* sums) {
  const float* input = block.input + first * block.row_step;
  for (size_t column = 0; column < kBlockColumns; column += 16) {
    float_pass<kRows>(block, input, column, sums + first * kBlockColumns);
  }
}

MYNA_AVX2 void avx2_float(const FloatBlock& block, size_t rows, float* sums) {
  size_t m = 0;
  for (; m + 6 <= rows; m += 6) float_rows<6>(block, m, sums);
  for (; m + 3 <= rows; m += 3) float_rows<3>(block, m, sums);
  for (; m < rows; ++m) float_rows<1>(block, m, sums);
}

// Two bfloat16 of a channel pair lie in one 32-bit lane; each is the upper half of a float.
MYNA_AVX2 inline __m256 low_half(__m256i pairs) {
  return _mm256_castsi256_ps(_mm256_slli_epi32(pairs, 16));
}
MYNA_AVX2 inline __m256 high_half(__m256i pairs) {
  return _mm256_castsi256_ps(_mm256_and_si256(pairs, _mm256_set1_epi32(-0x10000)));
}

inline int32_t load_pair(const uint16_t* values) {
  int32_t word;
  __builtin_memcpy(&word, values, sizeof word);
  return word;
}

template <int kRows>
MYNA_AVX2 void bfloat16_pass(const Bfloat16Block& block, const uint16_t* input, size_t column,
                             float* sums) {
  __m256 acc[kRows];
#pragma GCC unroll 6
  for (int m = 0; m < kRows; ++m) acc[m] = _mm256_setzero_ps();
  for (size_t tap = 0; tap < block.taps; ++tap) {
    const uint16_t* a = input + tap * block.tap_step;
    const uint16_t* b = block.panel + tap * block.panel_tap_step + column * 2;
    for (size_t k = 0; k < block.depth; k += 2, b += kBlockColumns * 2) {
      const __m256i weights = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b));
      const __m256 even = low_half(weights), odd = high_half(weights);
#pragma GCC unroll 6
      for (int m = 0; m < kRows; ++m) {
        const __m256i value =
            _mm256_set1_epi32(load_pair(a + static_cast<size_t>(m) * block.row_step + k));
        acc[m] = _mm256_fmadd_ps(low_half(value), even, acc[m]);
        acc[m] = _mm256_fmadd_ps(high_half(value), odd, acc[m]);
      }
    }
  }
#pragma GCC unroll 6
  for (int m = 0; m < kRows; ++m) {
    _mm256_storeu_ps(sums + static_cast<size_t>(m) * kBlockColumns + column, acc[m]);
  }
}

template <int kRows>
MYNA_AVX2 void bfloat16_rows(const Bfloat16Block& block, size_t first, float* sums) {
  const uint16_t* input = block.input + first * block.row_step;
  for (size_t column = 0; column < kBlockColumns; column += 8) {
    bfloat16_pass<kRows>(block, input, column, sums + first * kBlockColumns);
  }
}

MYNA_AVX2 void avx2_bfloat16(const Bfloat16Block& block, size_t rows, float* sums) {
  size_t m = 0;
  for (; m + 6 <= rows; m += 6) bfloat16_rows<6>(block, m, sums);
  for (; m < rows; ++m) bfloat16_rows<1>(block, m, sums);
}

inline int32_t load_four_bytes(const uint8_t* bytes) {
  int32_t word;
  __builtin_memcpy(&word, bytes, sizeof word);
  return word;
}

// Without VNNI: inputs of seven bits, whose pairs of products fit 16.
template <int kRows>
MYNA_AVX2 void int7_pass(const Int8Block& block, const uint8_t* input, size_t column,
                         int32_t* sums) {
  __m256i acc[kRows][2];
  const __m256i ones = _mm256_set1_epi16(1);
#pragma GCC unroll 6
  for (int m = 0; m < kRows; ++m) acc[m][0] = acc[m][1] = _mm256_setzero_si256();
  for (size_t tap = 0; tap < block.taps; ++tap) {
    const uint8_t* a = input + tap * block.tap_step;
    const int8_t* b = block.panel + tap * block.panel_tap_step + column * 4;
    for (size_t k = 0; k < block.depth; k += 4, b += kBlockColumns * 4) {
      const __m256i b0 = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b));
      const __m256i b1 = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b + 32));
#pragma GCC unroll 6
      for (int m = 0; m < kRows; ++m) {
        const __m256i value =
            _mm256_set1_epi32(load_four_bytes(a + static_cast<size_t>(m) * block.row_step + k));
        const __m256i pairs0 = _mm256_madd_epi16(_mm256_maddubs_epi16(value, b0), ones);
        const __m256i pairs1 = _mm256_madd_epi16(_mm256_maddubs_epi16(value, b1), ones);
        acc[m][0] = _mm256_add_epi32(acc[m][0], pairs0);
        acc[m][1] = _mm256_add_epi32(acc[m][1], pairs1);
      }
    }
  }
#pragma GCC unroll 6
  for (int m = 0; m < kRows; ++m) {
    auto* out = reinterpret_cast<__m256i*>(sums + static_cast<size_t>(m) * kBlockColumns + column);
    _mm256_storeu_si256(out, acc[m][0]);
    _mm256_storeu_si256(out + 1, acc[m][1]);
  }
}

template <int kRows>
MYNA_AVX2 void int7_rows(const Int8Block& block, size_t first, int32_t* sums) {
  const uint8_t* input = block.input + first * block.row_step;
  for (size_t column = 0; column < kBlockColumns; column += 16) {
    int7_pass<kRows>(block, input, column, sums + first * kBlockColumns);
  }
}

MYNA_AVX2 void avx2_int7(const Int8Block& block, size_t rows, int32_t* sums) {
  size_t m = 0;
  for (; m + 6 <= rows; m += 6) int7_rows<6>(block, m, sums);
  for (; m + 3 <= rows; m += 3) int7_rows<3>(block, m, sums);
  for (; m < rows; ++m) int7_rows<1>(block, m, sums);
}

template <int kRows>
MYNA_AVX_VNNI void vnni_pass(const Int8Block& block, const uint8_t* input, size_t column,
                             int32_t* sums) {
  __m256i acc[kRows][2];
#pragma GCC unroll 6
  for (int m = 0; m < kRows; ++m) acc[m][0] = acc[m][1] = _mm256_setzero_si256();
  for (size_t tap = 0; tap < block.taps; ++tap) {
    const uint8_t* a = input + tap * block.tap_step;
    const int8_t* b = block.panel + tap * block.panel_tap_step + column * 4;
    for (size_t k = 0; k < block.depth; k += 4, b += kBlockColumns * 4) {
      const __m256i b0 = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b));
      const __m256i b1 = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b + 32));
#pragma GCC unroll 6
      for (int m = 0; m < kRows; ++m) {
        const __m256i value =
            _mm256_set1_epi32(load_four_bytes(a + static_cast<size_t>(m) * block.row_step + k));
        acc[m][0] = _mm256_dpbusd_avx_epi32(acc[m][0], value, b0);
        acc[m][1] = _mm256_dpbusd_avx_epi32(acc[m][1], value, b1);
      }
    }
  }
#pragma GCC unroll 6
  for (int m = 0; m < kRows; ++m) {
    auto* out = reinterpret_cast<__m256i*>(sums + static_cast<size_t>(m) * kBlockColumns + column);
    _mm256_storeu_si256(out, acc[m][0]);
    _mm256_storeu_si256(out + 1, acc[m][1]);
  }
}

template <int kRows>
MYNA_AVX_VNNI void vnni_rows(const Int8Block& block, size_t first, int32_t* sums) {
  const uint8_t* input = block.input + first * block.row_step;
  for (size_t column = 0; column < kBlockColumns; column += 16) {
    vnni_pass<kRows>(block, input, column, sums + first * kBlockColumns);
  }
}

MYNA_AVX_VNNI void avx_vnni_int8(const Int8Block& block, size_t rows, int32_t* sums) {
  size_t m = 0;
  for (; m + 6 <= rows; m += 6) vnni_rows<6>(block, m, sums);
  for (; m < rows; ++m) vnni_rows<1>(block, m, sums);
}

}  // namespace

const MicroKernels kAvx2Kernels = {avx2_float, avx2_bfloat16, avx2_int7, 7};
const MicroKernels kAvxVnniKernels = {avx2_float, avx2_bfloat16, avx_vnni_int8};

}  // namespace myna::backend::cpu
