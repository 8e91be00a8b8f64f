// Rows of ConvNeXt blocks on the CPU, in columns (column_kernels.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "backend/cpu/column_kernels.h"
#include "backend/cpu/context.h"
#include "ops/backend.h"

namespace myna::backend::cpu {

// A linear layer whose products run over a tile of frames.
class ColumnLinear {
 public:
  ColumnLinear() = default;
  // weight_bits: of kInt8, MicroKernels::int8_input_bits.
  ColumnLinear(const ops::LinearWeights& weights, size_t in, size_t out, ops::Precision precision,
               int weight_bits);

  size_t in() const { return in_; }
  size_t out() const { return out_; }
  size_t panel_bytes() const;
  // in [in()][32] -> end.out; `end` with the bias left open. panel: scratch of panel_bytes().
  void run(const Context& context, const float* in, std::byte* panel, ColumnEnd end) const;

 private:
  int weight_offset() const { return 1 << (weight_bits_ - 1); }

  size_t in_ = 0, out_ = 0;
  ops::Precision precision_ = ops::Precision::kFloat32;
  size_t depth_ = 0;                 // in_, rounded up to what the products take at once
  std::vector<float> floats_;        // [out][depth]
  std::vector<uint16_t> bfloat16s_;  // [out][depth]
  int weight_bits_ = 8;
  std::vector<uint8_t> bytes_;  // [out][depth], weight / scale + weight_offset()
  std::vector<float> scales_;   // [out]
  std::vector<float> sums_;     // [out], of weight / scale
  std::vector<float> bias_;     // [out]
};

class PackedConvNext final : public ops::PreparedWeights {
 public:
  PackedConvNext(const ops::ConvNextSpec& spec, const ops::ConvNextWeights& weights,
                 int weight_bits);

  // One item. film: [scale, shift] of each block.
  void run(const Context& context, ops::ConstRows x, const float* film, ops::Rows y,
           ops::Arena& arena) const;

 private:
  struct Block {
    std::vector<float> depthwise_weight;  // [channels][kernel]
    std::vector<float> depthwise_bias;
    ColumnLinear up, down;
  };
  struct Columns;
  struct Scratch;

  void enter(const Context& context, ops::ConstRows x, const Columns& to, const Scratch& scratch,
             size_t tile) const;
  void run_block(const Context& context, const Block& block, const float* film, const Columns& from,
                 const Columns& to, const Scratch& scratch, size_t tile) const;
  void leave(const Context& context, const Columns& from, ops::Rows y, const Scratch& scratch,
             size_t tile) const;

  ops::ConvNextSpec spec_;
  ColumnLinear in_, out_;
  std::vector<Block> blocks_;
};

}  // namespace myna::backend::cpu
