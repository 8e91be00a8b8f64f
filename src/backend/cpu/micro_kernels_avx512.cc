// AVX-512, AVX-512 VNNI and AVX-512 BF16. 32 registers: 12 rows by 2 vectors (all 32 channels) of
// sums.
#include <immintrin.h>

#include <type_traits>

#include "backend/cpu/micro_kernels.h"

#define MYNA_AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma")))
#define MYNA_AVX512_VNNI \
  __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,fma")))

#define MYNA_AVX512_BF16 \
  __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,fma")))

namespace myna::backend::cpu {
namespace {

// part(count as a constant, first row): as many of the first count as there are, then of the next.
template <int... kCounts, typename Part>
void in_rows(size_t rows, const Part& part) {
  size_t m = 0;
  const auto take = [&](auto count) {
    for (; m + count() <= rows; m += count()) part(count, m);
  };
  (take(std::integral_constant<int, kCounts>()), ...);
}

template <int kRows>
MYNA_AVX512 void float_rows(const FloatBlock& block, size_t first, float* sums) {
  __m512 acc[kRows][2];
#pragma GCC unroll 12
  for (int m = 0; m < kRows; ++m) acc[m][0] = acc[m][1] = _mm512_setzero_ps();
  for (size_t tap = 0; tap < block.taps; ++tap) {
    const float* a = block.input + first * block.row_step + tap * block.tap_step;
    const float* b = block.panel + tap * block.panel_tap_step;
    for (size_t k = 0; k < block.depth; ++k, b += kBlockColumns) {
      const __m512 b0 = _mm512_loadu_ps(b);
      const __m512 b1 = _mm512_loadu_ps(b + 16);
#pragma GCC unroll 12
      for (int m = 0; m < kRows; ++m) {
        const __m512 value = _mm512_set1_ps(a[static_cast<size_t>(m) * block.row_step + k]);
        acc[m][0] = _mm512_fmadd_ps(value, b0, acc[m][0]);
        acc[m][1] = _mm512_fmadd_ps(value, b1, acc[m][1]);
      }
    }
  }
  sums += first * kBlockColumns;
#pragma GCC unroll 12
  for (int m = 0; m < kRows; ++m) {
    _mm512_storeu_ps(sums + static_cast<size_t>(m) * kBlockColumns, acc[m][0]);
    _mm512_storeu_ps(sums + static_cast<size_t>(m) * kBlockColumns + 16, acc[m][1]);
  }
}

void avx512_float(const FloatBlock& block, size_t rows, float* sums) {
  in_rows<12, 4, 1>(rows,
                    [&](auto count, size_t first) { float_rows<count()>(block, first, sums); });
}

// Two values of 16 bits, or four bytes.
inline int32_t load_word(const void* values) {
  int32_t word;
  __builtin_memcpy(&word, values, sizeof word);
  return word;
}

// Two bfloat16 of a channel pair lie in one 32-bit lane; each is the upper half of a float. (GCC 12
// takes its own _mm512_slli_epi32 for a read of something uninitialised.)
MYNA_AVX512 inline __m512 low_half(__m512i pairs) { return (__m512)((__v16su)pairs << 16); }
MYNA_AVX512 inline __m512 high_half(__m512i pairs) {
  return (__m512)((__v16su)pairs & 0xFFFF0000u);
}

// Without vdpbf16ps.
template <int kRows>
MYNA_AVX512 void widened_rows(const Bfloat16Block& block, size_t first, float* sums) {
  __m512 acc[kRows][2];
#pragma GCC unroll 8
  for (int m = 0; m < kRows; ++m) acc[m][0] = acc[m][1] = _mm512_setzero_ps();
  for (size_t tap = 0; tap < block.taps; ++tap) {
    const uint16_t* a = block.input + first * block.row_step + tap * block.tap_step;
    const uint16_t* b = block.panel + tap * block.panel_tap_step;
    for (size_t k = 0; k < block.depth; k += 2, b += kBlockColumns * 2) {
      const __m512i b0 = _mm512_loadu_si512(b);
      const __m512i b1 = _mm512_loadu_si512(b + 32);
      const __m512 even0 = low_half(b0);
      const __m512 even1 = low_half(b1);
      const __m512 odd0 = high_half(b0);
      const __m512 odd1 = high_half(b1);
#pragma GCC unroll 8
      for (int m = 0; m < kRows; ++m) {
        const __m512i pair =
            _mm512_set1_epi32(load_word(a + static_cast<size_t>(m) * block.row_step + k));
        const __m512 even = low_half(pair);
        const __m512 odd = high_half(pair);
        acc[m][0] = _mm512_fmadd_ps(even, even0, acc[m][0]);
        acc[m][1] = _mm512_fmadd_ps(even, even1, acc[m][1]);
        acc[m][0] = _mm512_fmadd_ps(odd, odd0, acc[m][0]);
        acc[m][1] = _mm512_fmadd_ps(odd, odd1, acc[m][1]);
      }
    }
  }
  sums += first * kBlockColumns;
#pragma GCC unroll 8
  for (int m = 0; m < kRows; ++m) {
    _mm512_storeu_ps(sums + static_cast<size_t>(m) * kBlockColumns, acc[m][0]);
    _mm512_storeu_ps(sums + static_cast<size_t>(m) * kBlockColumns + 16, acc[m][1]);
  }
}

void avx512_bfloat16(const Bfloat16Block& block, size_t rows, float* sums) {
  in_rows<8, 4, 1>(rows,
                   [&](auto count, size_t first) { widened_rows<count()>(block, first, sums); });
}

template <int kRows>
MYNA_AVX512_BF16 void dot_rows(const Bfloat16Block& block, size_t first, float* sums) {
  __m512 acc[kRows][2];
#pragma GCC unroll 12
  for (int m = 0; m < kRows; ++m) acc[m][0] = acc[m][1] = _mm512_setzero_ps();
  for (size_t tap = 0; tap < block.taps; ++tap) {
    const uint16_t* a = block.input + first * block.row_step + tap * block.tap_step;
    const uint16_t* b = block.panel + tap * block.panel_tap_step;
    for (size_t k = 0; k < block.depth; k += 2, b += kBlockColumns * 2) {
      const auto b0 = (__m512bh)_mm512_loadu_si512(b);
      const auto b1 = (__m512bh)_mm512_loadu_si512(b + 32);
#pragma GCC unroll 12
      for (int m = 0; m < kRows; ++m) {
        const auto pair =
            (__m512bh)_mm512_set1_epi32(load_word(a + static_cast<size_t>(m) * block.row_step + k));
        acc[m][0] = _mm512_dpbf16_ps(acc[m][0], pair, b0);
        acc[m][1] = _mm512_dpbf16_ps(acc[m][1], pair, b1);
      }
    }
  }
  sums += first * kBlockColumns;
#pragma GCC unroll 12
  for (int m = 0; m < kRows; ++m) {
    _mm512_storeu_ps(sums + static_cast<size_t>(m) * kBlockColumns, acc[m][0]);
    _mm512_storeu_ps(sums + static_cast<size_t>(m) * kBlockColumns + 16, acc[m][1]);
  }
}

void avx512_dot_bfloat16(const Bfloat16Block& block, size_t rows, float* sums) {
  in_rows<12, 4, 1>(rows, [&](auto count, size_t first) { dot_rows<count()>(block, first, sums); });
}

template <int kRows>
MYNA_AVX512 inline void store_sums(const __m512i (&acc)[kRows][2], int32_t* sums) {
#pragma GCC unroll 12
  for (int m = 0; m < kRows; ++m) {
    _mm512_storeu_si512(sums + static_cast<size_t>(m) * kBlockColumns, acc[m][0]);
    _mm512_storeu_si512(sums + static_cast<size_t>(m) * kBlockColumns + 16, acc[m][1]);
  }
}

// What a lane of inputs, the same in all lanes, gives with a lane of weights. Without VNNI: inputs
// of seven bits, whose pairs of products fit 16.
struct SevenBits {
  static constexpr size_t kDepth = 4;  // channels a lane
  MYNA_AVX512 static __m512i products(__m512i input, __m512i weights) {
    return _mm512_madd_epi16(_mm512_maddubs_epi16(input, weights), _mm512_set1_epi16(1));
  }
};
struct SixteenBits {
  static constexpr size_t kDepth = 2;
  MYNA_AVX512 static __m512i products(__m512i input, __m512i weights) {
    return _mm512_madd_epi16(input, weights);
  }
};

template <typename Lane, int kRows, typename Input, typename Weight>
MYNA_AVX512 void integer_rows(const BlockOperands<Input, Weight>& block, size_t first,
                              int32_t* sums) {
  __m512i acc[kRows][2];
#pragma GCC unroll 12
  for (int m = 0; m < kRows; ++m) acc[m][0] = acc[m][1] = _mm512_setzero_si512();
  for (size_t tap = 0; tap < block.taps; ++tap) {
    const Input* a = block.input + first * block.row_step + tap * block.tap_step;
    const Weight* b = block.panel + tap * block.panel_tap_step;
    for (size_t k = 0; k < block.depth; k += Lane::kDepth, b += kBlockColumns * Lane::kDepth) {
      const __m512i b0 = _mm512_loadu_si512(b);
      const __m512i b1 = _mm512_loadu_si512(b + 16 * Lane::kDepth);
#pragma GCC unroll 12
      for (int m = 0; m < kRows; ++m) {
        const __m512i value =
            _mm512_set1_epi32(load_word(a + static_cast<size_t>(m) * block.row_step + k));
        acc[m][0] = _mm512_add_epi32(acc[m][0], Lane::products(value, b0));
        acc[m][1] = _mm512_add_epi32(acc[m][1], Lane::products(value, b1));
      }
    }
  }
  store_sums<kRows>(acc, sums + first * kBlockColumns);
}

template <typename Lane, typename Input, typename Weight>
void avx512_integers(const BlockOperands<Input, Weight>& block, size_t rows, int32_t* sums) {
  in_rows<12, 4, 1>(
      rows, [&](auto count, size_t first) { integer_rows<Lane, count()>(block, first, sums); });
}

template <int kRows>
MYNA_AVX512 void signed_int8_rows(const SignedInt8Block& block, size_t first, int32_t* sums) {
  __m512i acc[kRows][2];
#pragma GCC unroll 12
  for (int m = 0; m < kRows; ++m) acc[m][0] = acc[m][1] = _mm512_setzero_si512();
  const __m512i ones = _mm512_set1_epi16(1);
  for (size_t tap = 0; tap < block.taps; ++tap) {
    const int8_t* a = block.input + first * block.row_step + tap * block.tap_step;
    const uint8_t* b = block.panel + tap * block.panel_tap_step;
    for (size_t k = 0; k < block.depth; k += 8, b += kBlockColumns * 8) {
      const __m512i near0 = _mm512_loadu_si512(b);
      const __m512i near1 = _mm512_loadu_si512(b + 64);
      const __m512i far0 = _mm512_loadu_si512(b + 128);
      const __m512i far1 = _mm512_loadu_si512(b + 192);
#pragma GCC unroll 12
      for (int m = 0; m < kRows; ++m) {
        const int8_t* at = a + static_cast<size_t>(m) * block.row_step + k;
        const __m512i first_four = _mm512_set1_epi32(load_word(at));
        const __m512i second_four = _mm512_set1_epi32(load_word(at + 4));
        const __m512i fours0 = _mm512_add_epi16(_mm512_maddubs_epi16(near0, first_four),
                                                _mm512_maddubs_epi16(far0, second_four));
        const __m512i fours1 = _mm512_add_epi16(_mm512_maddubs_epi16(near1, first_four),
                                                _mm512_maddubs_epi16(far1, second_four));
        acc[m][0] = _mm512_add_epi32(acc[m][0], _mm512_madd_epi16(fours0, ones));
        acc[m][1] = _mm512_add_epi32(acc[m][1], _mm512_madd_epi16(fours1, ones));
      }
    }
  }
  store_sums<kRows>(acc, sums + first * kBlockColumns);
}

void avx512_signed_int8(const SignedInt8Block& block, size_t rows, int32_t* sums) {
  in_rows<6, 4, 1>(
      rows, [&](auto count, size_t first) { signed_int8_rows<count()>(block, first, sums); });
}

template <int kRows>
MYNA_AVX512_VNNI void vnni_rows(const Int8Block& block, size_t first, int32_t* sums) {
  __m512i acc[kRows][2];
#pragma GCC unroll 12
  for (int m = 0; m < kRows; ++m) acc[m][0] = acc[m][1] = _mm512_setzero_si512();
  for (size_t tap = 0; tap < block.taps; ++tap) {
    const uint8_t* a = block.input + first * block.row_step + tap * block.tap_step;
    const int8_t* b = block.panel + tap * block.panel_tap_step;
    for (size_t k = 0; k < block.depth; k += 4, b += kBlockColumns * 4) {
      const __m512i b0 = _mm512_loadu_si512(b);
      const __m512i b1 = _mm512_loadu_si512(b + 64);
#pragma GCC unroll 12
      for (int m = 0; m < kRows; ++m) {
        const __m512i value =
            _mm512_set1_epi32(load_word(a + static_cast<size_t>(m) * block.row_step + k));
        acc[m][0] = _mm512_dpbusd_epi32(acc[m][0], value, b0);
        acc[m][1] = _mm512_dpbusd_epi32(acc[m][1], value, b1);
      }
    }
  }
  store_sums<kRows>(acc, sums + first * kBlockColumns);
}

void avx512_vnni_int8(const Int8Block& block, size_t rows, int32_t* sums) {
  in_rows<12, 4, 1>(rows,
                    [&](auto count, size_t first) { vnni_rows<count()>(block, first, sums); });
}

}  // namespace

const MicroKernels kAvx512Kernels = {
    avx512_float,
    avx512_bfloat16,
    avx512_integers<SevenBits>,
    avx512_integers<SixteenBits>,
    7,
    avx512_signed_int8,
};
const MicroKernels kAvx512VnniKernels = {avx512_float, avx512_bfloat16, avx512_vnni_int8,
                                         avx512_integers<SixteenBits>};
const MicroKernels kAvx512Bf16Kernels = {avx512_float, avx512_dot_bfloat16, avx512_vnni_int8,
                                         avx512_integers<SixteenBits>};

}  // namespace myna::backend::cpu
