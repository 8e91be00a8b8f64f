// The inner loops of the spelling model: products of a few rows with a packed matrix, and the
// gates of an LSTM. 32-bit floats; AVX-512, AVX2 or plain code, chosen once when the program runs.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace myna::text {

// A matrix [inputs, outputs] laid out for multiply_add(): tiles of kTileColumns columns, each with
// its inputs in a row. Columns beyond `outputs` are zero.
class PackedMatrix {
 public:
  static constexpr size_t kTileColumns = 64;

  PackedMatrix() = default;
  // values: [inputs, outputs], row-major; inputs is even.
  PackedMatrix(std::span<const float> values, size_t inputs, size_t outputs);

  size_t inputs() const { return inputs_; }
  size_t padded_outputs() const { return tiles_ * kTileColumns; }
  const float* data() const { return data_.data(); }

 private:
  size_t inputs_ = 0;
  size_t tiles_ = 0;
  std::vector<float> data_;
};

// out[row] += x[row] * matrix. x: rows of matrix.inputs() values, x_stride apart; out: rows of
// matrix.padded_outputs() values, out_stride apart.
void multiply_add(const float* x, size_t x_stride, size_t rows, const PackedMatrix& matrix,
                  float* out, size_t out_stride);

// One step of an LSTM. gates: [4 * size]: input, forget, cell and output gate before their
// functions; cell: [size], updated; out: [size].
void lstm_step(const float* gates, size_t size, float* cell, float* out);

}  // namespace myna::text
