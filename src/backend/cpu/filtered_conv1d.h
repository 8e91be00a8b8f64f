// A float convolution along time by minimal filtering (minimal_filter.h): half the products of the
// plain one for kernels of 3, 7 and 11 taps. A kernel of more than four taps is a sum of filters of
// four; a tile of four outputs moves by four rows, so that all of them share one transformed input.
// A dilation of d makes d convolutions, one a class of rows t mod d.
#pragma once

#include <cstddef>
#include <vector>

#include "backend/cpu/context.h"
#include "ops/backend.h"

namespace myna::backend::cpu {

class FilteredConv1d {
 public:
  // The transforms cost time for each channel, the transformed weights up to twice the memory:
  // not for pointwise or strided layers, nor for wide ones, which run at low rates.
  static bool pays(const ops::Conv1dSpec& spec);

  // What pays() is asked about comes true.
  FilteredConv1d(const ops::Conv1dSpec& spec, const ops::WeightView& weight);

  // As run_conv1d (convolution.h). bias is [out channels rounded up to 32].
  void run(const Context& context, const float* bias, ops::ConstRows x, ptrdiff_t first_row,
           const ops::InputTransform& input, const ops::OutputTransform& output, ops::Rows y,
           ops::Arena& arena) const;

 private:
  friend class FilteredRun;
  template <size_t kTaps>
  void pack(const ops::WeightView& weight);

  ops::Conv1dSpec spec_;
  size_t taps_;    // of one filter: 3 or 4
  size_t groups_;  // filters
  size_t points_;
  size_t blocks_;              // of 32 output channels
  std::vector<float> panels_;  // [block][point][group][in][32]
};

}  // namespace myna::backend::cpu
