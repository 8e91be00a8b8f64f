#include "text/g2p/integer_product.h"

#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#define MYNA_TARGET_AVX2 __attribute__((target("avx2")))
#define MYNA_TARGET_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx2")))
#endif

namespace myna::text {
namespace {

void multiply_plain(const int16_t* x, size_t rows, size_t inputs, const int8_t* weights,
                    size_t tiles, int32_t* out) {
  for (size_t tile = 0; tile < tiles; ++tile) {
    const int8_t* tile_weights = weights + tile * inputs * kIntegerTile;
    for (size_t row = 0; row < rows; ++row) {
      const int16_t* values = x + row * inputs;
      int32_t sums[kIntegerTile] = {};
      for (size_t i = 0; i < inputs; i += 2) {
        const int8_t* pairs = tile_weights + i * kIntegerTile;
        for (size_t o = 0; o < kIntegerTile; ++o)
          sums[o] += values[i] * pairs[2 * o] + values[i + 1] * pairs[2 * o + 1];
      }
      std::memcpy(out + (row * tiles + tile) * kIntegerTile, sums, sizeof(sums));
    }
  }
}

#if defined(__x86_64__)

// Two neighbouring inputs as one 32-bit number, which is what a lane of pmaddwd multiplies.
int32_t pair_at(const int16_t* x) {
  int32_t pair = 0;
  std::memcpy(&pair, x, sizeof(pair));
  return pair;
}

template <size_t kRows>
MYNA_TARGET_AVX2 void multiply_rows_avx2(const int16_t* x, size_t inputs, const int8_t* weights,
                                         size_t tiles, int32_t* out) {
  constexpr size_t kVectors = kIntegerTile / 8;
  for (size_t tile = 0; tile < tiles; ++tile) {
    __m256i sums[kRows][kVectors];
    for (auto& row : sums) {
      for (auto& sum : row) sum = _mm256_setzero_si256();
    }
    for (size_t i = 0; i < inputs; i += 2) {
      for (size_t v = 0; v < kVectors; ++v) {
        const __m256i weight = _mm256_cvtepi8_epi16(
            _mm_loadu_si128(reinterpret_cast<const __m128i*>(weights + v * 16)));
        for (size_t row = 0; row < kRows; ++row) {
          const __m256i pair = _mm256_set1_epi32(pair_at(x + row * inputs + i));
          sums[row][v] = _mm256_add_epi32(sums[row][v], _mm256_madd_epi16(weight, pair));
        }
      }
      weights += 2 * kIntegerTile;
    }
    for (size_t row = 0; row < kRows; ++row) {
      for (size_t v = 0; v < kVectors; ++v) {
        _mm256_storeu_si256(
            reinterpret_cast<__m256i*>(out + (row * tiles + tile) * kIntegerTile + v * 8),
            sums[row][v]);
      }
    }
  }
}

template <size_t kRows>
MYNA_TARGET_AVX512 void multiply_rows_avx512(const int16_t* x, size_t inputs, const int8_t* weights,
                                             size_t tiles, int32_t* out) {
  constexpr size_t kVectors = kIntegerTile / 16;
  for (size_t tile = 0; tile < tiles; ++tile) {
    __m512i sums[kRows][kVectors];
    for (auto& row : sums) {
      for (auto& sum : row) sum = _mm512_setzero_si512();
    }
    for (size_t i = 0; i < inputs; i += 2) {
      for (size_t v = 0; v < kVectors; ++v) {
        const __m512i weight = _mm512_cvtepi8_epi16(
            _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weights + v * 32)));
        for (size_t row = 0; row < kRows; ++row) {
          const __m512i pair = _mm512_set1_epi32(pair_at(x + row * inputs + i));
          sums[row][v] = _mm512_add_epi32(sums[row][v], _mm512_madd_epi16(weight, pair));
        }
      }
      weights += 2 * kIntegerTile;
    }
    for (size_t row = 0; row < kRows; ++row) {
      for (size_t v = 0; v < kVectors; ++v)
        _mm512_storeu_si512(out + (row * tiles + tile) * kIntegerTile + v * 16, sums[row][v]);
    }
  }
}

MYNA_TARGET_AVX2 void multiply_avx2(const int16_t* x, size_t rows, size_t inputs,
                                    const int8_t* weights, size_t tiles, int32_t* out) {
  const size_t columns = tiles * kIntegerTile;
  size_t row = 0;
  for (; row + 3 <= rows; row += 3)
    multiply_rows_avx2<3>(x + row * inputs, inputs, weights, tiles, out + row * columns);
  for (; row < rows; ++row)
    multiply_rows_avx2<1>(x + row * inputs, inputs, weights, tiles, out + row * columns);
}

MYNA_TARGET_AVX512 void multiply_avx512(const int16_t* x, size_t rows, size_t inputs,
                                        const int8_t* weights, size_t tiles, int32_t* out) {
  const size_t columns = tiles * kIntegerTile;
  size_t row = 0;
  for (; row + 8 <= rows; row += 8)
    multiply_rows_avx512<8>(x + row * inputs, inputs, weights, tiles, out + row * columns);
  for (; row + 3 <= rows; row += 3)
    multiply_rows_avx512<3>(x + row * inputs, inputs, weights, tiles, out + row * columns);
  for (; row < rows; ++row)
    multiply_rows_avx512<1>(x + row * inputs, inputs, weights, tiles, out + row * columns);
}
#endif

}  // namespace

std::vector<IntegerProduct> integer_products() {
  std::vector<IntegerProduct> products;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
    products.push_back(multiply_avx512);
  if (__builtin_cpu_supports("avx2")) products.push_back(multiply_avx2);
#endif
  products.push_back(multiply_plain);
  return products;
}

void multiply_integers(const int16_t* x, size_t rows, size_t inputs, const int8_t* weights,
                       size_t tiles, int32_t* out) {
  static const IntegerProduct kChosen = integer_products().front();
  kChosen(x, rows, inputs, weights, tiles, out);
}

}  // namespace myna::text
