#include "text/g2p/matrix_product.h"

#include <algorithm>
#include <cstring>

#include "text/g2p/sigmoid.h"

#if defined(__x86_64__)
#define MYNA_TARGET_AVX2 __attribute__((target("avx2,fma")))
#define MYNA_TARGET_AVX512 __attribute__((target("avx512f,avx512vl,avx512dq,avx2,fma")))
#endif
#define MYNA_INLINE __attribute__((always_inline)) inline

namespace myna::text {
namespace {

typedef float Lanes4 __attribute__((vector_size(16)));
typedef float Lanes8 __attribute__((vector_size(32)));
typedef float Lanes16 __attribute__((vector_size(64)));

// Some rows at once, so that each weight is loaded once for all of them; the sums stay in
// registers. kSplit sums of each output, over every kSplit-th input, keep the adders busy when
// there are few rows.
template <typename Lanes, size_t kRows, size_t kSplit>
MYNA_INLINE void multiply_rows(const float* x, size_t x_stride, const float* weights, size_t inputs,
                               size_t tiles, float* out, size_t out_stride) {
  constexpr size_t kLanes = sizeof(Lanes) / sizeof(float);
  constexpr size_t kVectors = PackedMatrix::kTileColumns / kLanes;
  for (size_t tile = 0; tile < tiles; ++tile) {
    float* tile_out = out + tile * PackedMatrix::kTileColumns;
    Lanes sums[kSplit][kRows][kVectors] = {};
    for (size_t row = 0; row < kRows; ++row) {
      for (size_t v = 0; v < kVectors; ++v)
        std::memcpy(&sums[0][row][v], tile_out + row * out_stride + v * kLanes, sizeof(Lanes));
    }
    for (size_t i = 0; i < inputs; i += kSplit) {
      for (size_t part = 0; part < kSplit; ++part) {
        for (size_t row = 0; row < kRows; ++row) {
          const float value = x[row * x_stride + i + part];
          for (size_t v = 0; v < kVectors; ++v) {
            Lanes weight;
            std::memcpy(&weight, weights + v * kLanes, sizeof(Lanes));
            sums[part][row][v] += weight * value;
          }
        }
        weights += PackedMatrix::kTileColumns;
      }
    }
    for (size_t row = 0; row < kRows; ++row) {
      for (size_t v = 0; v < kVectors; ++v) {
        Lanes sum = sums[0][row][v];
        for (size_t part = 1; part < kSplit; ++part) sum += sums[part][row][v];
        std::memcpy(tile_out + row * out_stride + v * kLanes, &sum, sizeof(Lanes));
      }
    }
  }
}

template <typename Lanes, size_t kRows, size_t kSplit>
MYNA_INLINE void multiply(const float* x, size_t x_stride, size_t rows, const float* weights,
                          size_t inputs, size_t tiles, float* out, size_t out_stride) {
  size_t row = 0;
  for (; row + kRows <= rows; row += kRows) {
    multiply_rows<Lanes, kRows, 1>(x + row * x_stride, x_stride, weights, inputs, tiles,
                                   out + row * out_stride, out_stride);
  }
  for (; row < rows; ++row) {
    multiply_rows<Lanes, 1, kSplit>(x + row * x_stride, x_stride, weights, inputs, tiles,
                                    out + row * out_stride, out_stride);
  }
}

MYNA_INLINE float hyperbolic_tangent(float x) { return 2.0f * sigmoid(2.0f * x) - 1.0f; }

MYNA_INLINE void step(const float* __restrict gates, size_t size, float* __restrict cell,
                      float* __restrict out) {
  for (size_t i = 0; i < size; ++i) {
    const float kept = sigmoid(gates[size + i]) * cell[i];
    const float added = sigmoid(gates[i]) * hyperbolic_tangent(gates[2 * size + i]);
    cell[i] = kept + added;
    out[i] = sigmoid(gates[3 * size + i]) * hyperbolic_tangent(cell[i]);
  }
}

struct Kernels {
  void (*multiply)(const float*, size_t, size_t, const float*, size_t, size_t, float*, size_t);
  void (*step)(const float* __restrict, size_t, float* __restrict, float* __restrict);
};

void multiply_plain(const float* x, size_t x_stride, size_t rows, const float* weights,
                    size_t inputs, size_t tiles, float* out, size_t out_stride) {
  multiply<Lanes4, 1, 1>(x, x_stride, rows, weights, inputs, tiles, out, out_stride);
}
void step_plain(const float* __restrict gates, size_t size, float* __restrict cell,
                float* __restrict out) {
  step(gates, size, cell, out);
}

#if defined(__x86_64__)
MYNA_TARGET_AVX2 void multiply_avx2(const float* x, size_t x_stride, size_t rows,
                                    const float* weights, size_t inputs, size_t tiles, float* out,
                                    size_t out_stride) {
  multiply<Lanes8, 1, 1>(x, x_stride, rows, weights, inputs, tiles, out, out_stride);
}
MYNA_TARGET_AVX2 void step_avx2(const float* __restrict gates, size_t size, float* __restrict cell,
                                float* __restrict out) {
  step(gates, size, cell, out);
}
MYNA_TARGET_AVX512 void multiply_avx512(const float* x, size_t x_stride, size_t rows,
                                        const float* weights, size_t inputs, size_t tiles,
                                        float* out, size_t out_stride) {
  multiply<Lanes16, 4, 2>(x, x_stride, rows, weights, inputs, tiles, out, out_stride);
}
#endif

Kernels choose_kernels() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq")) {
      return {multiply_avx512, step_avx2};
    }
    return {multiply_avx2, step_avx2};
  }
#endif
  return {multiply_plain, step_plain};
}

const Kernels& kernels() {
  static const Kernels kChosen = choose_kernels();
  return kChosen;
}

}  // namespace

PackedMatrix::PackedMatrix(std::span<const float> values, size_t inputs, size_t outputs)
    : inputs_(inputs),
      tiles_((outputs + kTileColumns - 1) / kTileColumns),
      data_(tiles_ * kTileColumns * inputs, 0.0f) {
  for (size_t tile = 0; tile < tiles_; ++tile) {
    const size_t first = tile * kTileColumns;
    const size_t count = std::min(kTileColumns, outputs - first);
    for (size_t i = 0; i < inputs; ++i) {
      std::copy_n(&values[i * outputs + first], count, &data_[(tile * inputs + i) * kTileColumns]);
    }
  }
}

void multiply_add(const float* x, size_t x_stride, size_t rows, const PackedMatrix& matrix,
                  float* out, size_t out_stride) {
  kernels().multiply(x, x_stride, rows, matrix.data(), matrix.inputs(),
                     matrix.padded_outputs() / PackedMatrix::kTileColumns, out, out_stride);
}

void lstm_step(const float* gates, size_t size, float* cell, float* out) {
  kernels().step(gates, size, cell, out);
}

}  // namespace myna::text
