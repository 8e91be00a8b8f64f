// Rows of ConvNeXt blocks on the CPU, in columns (column_kernels.h).
#pragma once

#include <cstddef>
#include <vector>

#include "backend/cpu/column_linear.h"
#include "backend/cpu/context.h"
#include "ops/backend.h"

namespace myna::backend::cpu {

class PackedConvNext final : public ops::PreparedWeights {
 public:
  PackedConvNext(const ops::ConvNextSpec& spec, const ops::ConvNextWeights& weights,
                 const MicroKernels& micro);

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
