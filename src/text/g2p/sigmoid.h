// e^x and 1 / (1 + e^-x) to about 1e-6, free of branches so that loops over them become vector
// code.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

namespace myna::text {

// 2^t as an exponent and a polynomial: the Taylor series of 2^f for |f| <= 1/2.
[[gnu::always_inline]] inline float exponential(float x) {
  constexpr float kLog2E = 1.44269504f;
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: adding it rounds to a whole number
  const float t = std::min(std::max(x * kLog2E, -100.0f), 100.0f);
  const float shifted = t + kRound;
  const float f = t - (shifted - kRound);
  const float power =
      1.0f + f * (0.69314718f +
                  f * (0.24022651f + f * (0.05550411f + f * (0.00961813f + f * 0.00133336f))));
  const uint32_t exponent = (std::bit_cast<uint32_t>(shifted) + 127u) << 23;
  return std::bit_cast<float>(exponent) * power;
}

[[gnu::always_inline]] inline float sigmoid(float x) { return 1.0f / (1.0f + exponential(-x)); }

}  // namespace myna::text
