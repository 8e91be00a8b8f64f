// A linear layer along columns (column_kernels.h), in the products that the CPU has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "backend/cpu/column_kernels.h"
#include "backend/cpu/context.h"
#include "ops/backend.h"

namespace myna::backend::cpu {

class ColumnLinear {
 public:
  ColumnLinear() = default;
  ColumnLinear(const ops::LinearWeights& weights, size_t in, size_t out, ops::Precision precision,
               const MicroKernels& micro);

  size_t in() const { return in_; }
  size_t out() const { return out_; }
  size_t panel_bytes() const;
  // in [in()][32], with its range, -> end.out, of which the first `columns` (1 to 32) are wanted;
  // `end` with the bias left open. panel: scratch of panel_bytes().
  void run(const Context& context, const float* in, size_t columns, const LaneRange& range,
           std::byte* panel, ColumnEnd end) const;
  // Whether run() reads the range.
  bool quantises() const { return !scales_.empty(); }

 private:
  // How weights and activations are multiplied.
  enum class Products : uint8_t {
    kFloat,
    kBfloat16,
    kOffsetBytes,  // weights + offset_, unsigned; activations of eight bits
    kSignedBytes,  // MicroKernels::signed_int8_block
    kInt16,
  };

  void quantise(std::span<const float> weights);
  void quantise_row(const float* row, float scale, size_t m);
  bool fits_signed(size_t m) const;

  size_t in_ = 0, out_ = 0;
  Products products_ = Products::kFloat;
  size_t depth_ = 0;                 // in_, rounded up to what the products take at once
  std::vector<float> floats_;        // [out][depth]
  std::vector<uint16_t> bfloat16s_;  // [out][depth]
  // Of integers, weight / scale + offset_:
  std::vector<uint8_t> bytes_;   // [out][depth]
  std::vector<int16_t> int16s_;  // [out][depth]
  int offset_ = 0;
  std::vector<float> scales_;  // [out]
  std::vector<float> sums_;    // [out], of the weights as rounded
  std::vector<float> bias_;    // [out]
};

}  // namespace myna::backend::cpu
