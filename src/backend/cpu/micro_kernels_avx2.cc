// AVX2 and AVX-VNNI. 16 registers: 6 rows by 2 vectors (16 channels) of sums, so a block of 12 x 32
// is four passes over the same panel.
#include <immintrin.h>

#include <type_traits>

#include "backend/cpu/micro_kernels.h"

// Target attributes instead of compiler flags: inline functions of other headers that this file
// instantiates must stay runnable on every machine.
#define MYNA_AVX2 __attribute__((target("avx2,fma")))
#define MYNA_AVX_VNNI __attribute__((target("avx2,fma,avxvnni")))

namespace myna::backend::cpu {
namespace {

// pass(rows as a constant, input, column, sums) for the rows of a block, `kWidth` columns at a
// time.
template <size_t kWidth, typename Block, typename Sum, typename Pass>
void in_passes(const Block& block, size_t rows, Sum* sums, const Pass& pass) {
  size_t m = 0;
  const auto take = [&](auto count) {
    for (; m + count() <= rows; m += count()) {
      for (size_t column = 0; column < block.columns; column += kWidth) {
        pass(count, block.input + m * block.row_step, column, sums + m * kBlockColumns);
      }
    }
  };
  take(std::integral_constant<size_t, 6>());
  take(std::integral_constant<size_t, 4>());
  take(std::integral_constant<size_t, 2>());
  take(std::integral_constant<size_t, 1>());
}

template <size_t kRows>
MYNA_AVX2 void float_pass(const FloatBlock& block, const float* input, size_t column, float* sums) {
  __m256 acc[kRows][2];
#pragma GCC unroll 6
  for (size_t m = 0; m < kRows; ++m) acc[m][0] = acc[m][1] = _mm256_setzero_ps();
  for (size_t tap = 0; tap < block.taps; ++tap) {
    const float* a = input + tap * block.tap_step;
    const float* b = block.panel + tap * block.panel_tap_step + column;
    for (size_t k = 0; k < block.depth; ++k, b += kBlockColumns) {
      const __m256 b0 = _mm256_loadu_ps(b);
      const __m256 b1 = _mm256_loadu_ps(b + 8);
#pragma GCC unroll 6
      for (size_t m = 0; m < kRows; ++m) {
        const __m256 value = _mm256_broadcast_ss(a + m * block.row_step + k);
        acc[m][0] = _mm256_fmadd_ps(value, b0, acc[m][0]);
        acc[m][1] = _mm256_fmadd_ps(value, b1, acc[m][1]);
      }
    }
  }
#pragma GCC unroll 6
  for (size_t m = 0; m < kRows; ++m) {
    _mm256_storeu_ps(sums + m * kBlockColumns + column, acc[m][0]);
    _mm256_storeu_ps(sums + m * kBlockColumns + column + 8, acc[m][1]);
  }
}

void avx2_float(const FloatBlock& block, size_t rows, float* sums) {
  in_passes<16>(block, rows, sums, [&](auto count, const float* input, size_t column, float* to) {
    float_pass<count()>(block, input, column, to);
  });
}

// Two bfloat16 of a channel pair lie in one 32-bit lane; each is the upper half of a float.
MYNA_AVX2 inline __m256 low_half(__m256i pairs) {
  return _mm256_castsi256_ps(_mm256_slli_epi32(pairs, 16));
}
MYNA_AVX2 inline __m256 high_half(__m256i pairs) {
  return _mm256_castsi256_ps(_mm256_and_si256(pairs, _mm256_set1_epi32(-0x10000)));
}

// Two values of 16 bits, or four bytes.
inline int32_t load_word(const void* values) {
  int32_t word;
  __builtin_memcpy(&word, values, sizeof word);
  return word;
}

template <size_t kRows>
MYNA_AVX2 void bfloat16_pass(const Bfloat16Block& block, const uint16_t* input, size_t column,
                             float* sums) {
  __m256 acc[kRows];
#pragma GCC unroll 6
  for (size_t m = 0; m < kRows; ++m) acc[m] = _mm256_setzero_ps();
  for (size_t tap = 0; tap < block.taps; ++tap) {
    const uint16_t* a = input + tap * block.tap_step;
    const uint16_t* b = block.panel + tap * block.panel_tap_step + column * 2;
    for (size_t k = 0; k < block.depth; k += 2, b += kBlockColumns * 2) {
      const __m256i weights = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b));
      const __m256 even = low_half(weights), odd = high_half(weights);
#pragma GCC unroll 6
      for (size_t m = 0; m < kRows; ++m) {
        const __m256i value = _mm256_set1_epi32(load_word(a + m * block.row_step + k));
        acc[m] = _mm256_fmadd_ps(low_half(value), even, acc[m]);
        acc[m] = _mm256_fmadd_ps(high_half(value), odd, acc[m]);
      }
    }
  }
#pragma GCC unroll 6
  for (size_t m = 0; m < kRows; ++m) {
    _mm256_storeu_ps(sums + m * kBlockColumns + column, acc[m]);
  }
}

void avx2_bfloat16(const Bfloat16Block& block, size_t rows, float* sums) {
  in_passes<8>(block, rows, sums, [&](auto count, const uint16_t* input, size_t column, float* to) {
    bfloat16_pass<count()>(block, input, column, to);
  });
}

template <size_t kRows>
MYNA_AVX2 inline void store_sums(const __m256i (&acc)[kRows][2], int32_t* sums) {
#pragma GCC unroll 6
  for (size_t m = 0; m < kRows; ++m) {
    auto* out = reinterpret_cast<__m256i*>(sums + m * kBlockColumns);
    _mm256_storeu_si256(out, acc[m][0]);
    _mm256_storeu_si256(out + 1, acc[m][1]);
  }
}

// What a lane of inputs, the same in all lanes, gives with a lane of weights. Without VNNI: inputs
// of seven bits, whose pairs of products fit 16.
struct SevenBits {
  static constexpr size_t kDepth = 4;  // channels a lane
  MYNA_AVX2 static __m256i products(__m256i input, __m256i weights) {
    return _mm256_madd_epi16(_mm256_maddubs_epi16(input, weights), _mm256_set1_epi16(1));
  }
};
struct SixteenBits {
  static constexpr size_t kDepth = 2;
  MYNA_AVX2 static __m256i products(__m256i input, __m256i weights) {
    return _mm256_madd_epi16(input, weights);
  }
};

template <typename Lane, size_t kRows, typename Input, typename Weight>
MYNA_AVX2 void integer_pass(const BlockOperands<Input, Weight>& block, const Input* input,
                            size_t column, int32_t* sums) {
  __m256i acc[kRows][2];
#pragma GCC unroll 6
  for (size_t m = 0; m < kRows; ++m) acc[m][0] = acc[m][1] = _mm256_setzero_si256();
  for (size_t tap = 0; tap < block.taps; ++tap) {
    const Input* a = input + tap * block.tap_step;
    const Weight* b = block.panel + tap * block.panel_tap_step + column * Lane::kDepth;
    for (size_t k = 0; k < block.depth; k += Lane::kDepth, b += kBlockColumns * Lane::kDepth) {
      const auto* weights = reinterpret_cast<const __m256i*>(b);
      const __m256i b0 = _mm256_loadu_si256(weights);
      const __m256i b1 = _mm256_loadu_si256(weights + 1);
#pragma GCC unroll 6
      for (size_t m = 0; m < kRows; ++m) {
        const __m256i value = _mm256_set1_epi32(load_word(a + m * block.row_step + k));
        acc[m][0] = _mm256_add_epi32(acc[m][0], Lane::products(value, b0));
        acc[m][1] = _mm256_add_epi32(acc[m][1], Lane::products(value, b1));
      }
    }
  }
  store_sums<kRows>(acc, sums + column);
}

template <typename Lane, typename Input, typename Weight>
void avx2_integers(const BlockOperands<Input, Weight>& block, size_t rows, int32_t* sums) {
  in_passes<16>(block, rows, sums, [&](auto count, const Input* input, size_t column, int32_t* to) {
    integer_pass<Lane, count()>(block, input, column, to);
  });
}

template <size_t kRows>
MYNA_AVX2 void signed_int8_pass(const SignedInt8Block& block, const int8_t* input, size_t column,
                                int32_t* sums) {
  __m256i acc[kRows][2];
  const __m256i ones = _mm256_set1_epi16(1);
#pragma GCC unroll 6
  for (size_t m = 0; m < kRows; ++m) acc[m][0] = acc[m][1] = _mm256_setzero_si256();
  for (size_t tap = 0; tap < block.taps; ++tap) {
    const int8_t* a = input + tap * block.tap_step;
    const uint8_t* b = block.panel + tap * block.panel_tap_step + column * 4;
    for (size_t k = 0; k < block.depth; k += 8, b += kBlockColumns * 8) {
      const auto* near = reinterpret_cast<const __m256i*>(b);
      const auto* far = reinterpret_cast<const __m256i*>(b + kBlockColumns * 4);
      const __m256i near0 = _mm256_loadu_si256(near), near1 = _mm256_loadu_si256(near + 1);
      const __m256i far0 = _mm256_loadu_si256(far), far1 = _mm256_loadu_si256(far + 1);
#pragma GCC unroll 6
      for (size_t m = 0; m < kRows; ++m) {
        const int8_t* at = a + m * block.row_step + k;
        const __m256i first = _mm256_set1_epi32(load_word(at));
        const __m256i second = _mm256_set1_epi32(load_word(at + 4));
        const __m256i fours0 = _mm256_add_epi16(_mm256_maddubs_epi16(near0, first),
                                                _mm256_maddubs_epi16(far0, second));
        const __m256i fours1 = _mm256_add_epi16(_mm256_maddubs_epi16(near1, first),
                                                _mm256_maddubs_epi16(far1, second));
        acc[m][0] = _mm256_add_epi32(acc[m][0], _mm256_madd_epi16(fours0, ones));
        acc[m][1] = _mm256_add_epi32(acc[m][1], _mm256_madd_epi16(fours1, ones));
      }
    }
  }
  store_sums<kRows>(acc, sums + column);
}

void avx2_signed_int8(const SignedInt8Block& block, size_t rows, int32_t* sums) {
  in_passes<16>(block, rows, sums,
                [&](auto count, const int8_t* input, size_t column, int32_t* to) {
                  signed_int8_pass<count()>(block, input, column, to);
                });
}

template <size_t kRows>
MYNA_AVX_VNNI void vnni_pass(const Int8Block& block, const uint8_t* input, size_t column,
                             int32_t* sums) {
  __m256i acc[kRows][2];
#pragma GCC unroll 6
  for (size_t m = 0; m < kRows; ++m) acc[m][0] = acc[m][1] = _mm256_setzero_si256();
  for (size_t tap = 0; tap < block.taps; ++tap) {
    const uint8_t* a = input + tap * block.tap_step;
    const int8_t* b = block.panel + tap * block.panel_tap_step + column * 4;
    for (size_t k = 0; k < block.depth; k += 4, b += kBlockColumns * 4) {
      const __m256i b0 = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b));
      const __m256i b1 = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b + 32));
#pragma GCC unroll 6
      for (size_t m = 0; m < kRows; ++m) {
        const __m256i value = _mm256_set1_epi32(load_word(a + m * block.row_step + k));
        acc[m][0] = _mm256_dpbusd_avx_epi32(acc[m][0], value, b0);
        acc[m][1] = _mm256_dpbusd_avx_epi32(acc[m][1], value, b1);
      }
    }
  }
  store_sums<kRows>(acc, sums + column);
}

void avx_vnni_int8(const Int8Block& block, size_t rows, int32_t* sums) {
  in_passes<16>(block, rows, sums,
                [&](auto count, const uint8_t* input, size_t column, int32_t* to) {
                  vnni_pass<count()>(block, input, column, to);
                });
}

}  // namespace

const MicroKernels kAvx2Kernels = {
    avx2_float, avx2_bfloat16,    avx2_integers<SevenBits>, avx2_integers<SixteenBits>,
    7,          avx2_signed_int8,
};
const MicroKernels kAvxVnniKernels = {avx2_float, avx2_bfloat16, avx_vnni_int8,
                                      avx2_integers<SixteenBits>};

}  // namespace myna::backend::cpu
