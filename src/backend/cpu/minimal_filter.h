// Minimal filtering along time (Toom 1963, Cook 1966; Winograd 1980, chapter 5; for neural networks
// Lavin and Gray, arXiv 1509.09308): four outputs of a filter of r taps from 4 + r - 1 products
// instead of 4 r. With n = r + 3 points,
//   y = output * ((weight * g) . (input * d)),   d n inputs, g r taps, y 4 outputs,
// where "." is element by element and becomes the sum over input channels of a convolution.
//
// The points are those with the smallest error of a sum of 128 channels in float among sets of
// small powers of two: 6e-7 of the result for 3 taps, 1.2e-6 for 11 taps in threes of 4
// (docs/decisions/0013).
#pragma once

#include <array>
#include <cstddef>

namespace myna::backend::cpu {

inline constexpr size_t kFilterOutputs = 4;

template <size_t kTaps>
struct FilterPoints;
template <>
struct FilterPoints<3> {
  static constexpr std::array<double, 5> kFinite = {0.0, 1.0, -1.0, 0.5, -2.0};
};
template <>
struct FilterPoints<4> {
  static constexpr std::array<double, 6> kFinite = {0.0, 1.0, -1.0, 2.0, -2.0, -0.5};
};

// The three matrices; the last point is infinity. A row of `input` and of `weight` may be scaled
// against each other: rows of `input` have their largest entry in [1, 2).
template <size_t kTaps>
struct MinimalFilter {
  static constexpr size_t kPoints = kFilterOutputs + kTaps - 1;
  double input[kPoints][kPoints] = {};
  double weight[kPoints][kTaps] = {};
  double output[kFilterOutputs][kPoints] = {};

  constexpr MinimalFilter() {
    constexpr auto& points = FilterPoints<kTaps>::kFinite;
    for (size_t j = 0; j < kPoints; ++j) {
      // input[j]: the coefficients of the product of (x - q) over the other finite points.
      double polynomial[kPoints + 1] = {1.0};
      size_t degree = 0;
      double denominator = 1.0;
      for (size_t l = 0; l + 1 < kPoints; ++l) {
        if (l == j) continue;
        ++degree;
        for (size_t i = degree + 1; i-- > 0;) {
          polynomial[i] = (i > 0 ? polynomial[i - 1] : 0.0) - points[l] * polynomial[i];
        }
        if (j + 1 < kPoints) denominator *= points[j] - points[l];
      }
      double scale = 1.0, largest = 0.0;
      for (double value : polynomial) largest = value * value > largest ? value * value : largest;
      for (; largest * scale * scale >= 4.0; scale *= 0.5) {
      }
      for (; largest * scale * scale < 1.0; scale *= 2.0) {
      }
      for (size_t i = 0; i < kPoints; ++i) input[j][i] = polynomial[i] * scale;
      double power = 1.0;
      for (size_t k = 0; k < kTaps; ++k) {
        const bool infinity = j + 1 == kPoints;
        weight[j][k] =
            infinity ? (k + 1 == kTaps ? 1.0 / scale : 0.0) : power / denominator / scale;
        if (!infinity) power *= points[j];
      }
      power = 1.0;
      for (size_t i = 0; i < kFilterOutputs; ++i) {
        const bool infinity = j + 1 == kPoints;
        output[i][j] = infinity ? (i + 1 == kFilterOutputs ? 1.0 : 0.0) : power;
        if (!infinity) power *= points[j];
      }
    }
  }
};

}  // namespace myna::backend::cpu
