// The product of a few rows with a matrix of 8-bit weights, in whole numbers: the same on every
// processor. AVX-512, AVX2 or plain code, chosen once when the program runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace myna::text {

inline constexpr size_t kIntegerTile = 32;  // outputs

// out[row][o] = the sum over i of x[row][i] * weight[i][o].
// weights: [tiles, inputs / 2, kIntegerTile, 2], a pair of inputs beside each other; inputs is
// even. x: [rows, inputs]; out: [rows, tiles * kIntegerTile]. The sums must fit 32 bits.
void multiply_integers(const int16_t* x, size_t rows, size_t inputs, const int8_t* weights,
                       size_t tiles, int32_t* out);

using IntegerProduct = void (*)(const int16_t* x, size_t rows, size_t inputs, const int8_t* weights,
                                size_t tiles, int32_t* out);
// Every form of it that this processor runs, the chosen one first. For tests: all give the same.
std::vector<IntegerProduct> integer_products();

}  // namespace myna::text
