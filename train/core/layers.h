// The layers that the voice models are made of. Activations are [batch, time, channels].
#pragma once

#include <string>
#include <vector>

#include "train/core/parameters.h"

namespace myna::train {

// y = x W^T + b. weight [out, in].
class Linear {
 public:
  Linear(Parameters& parameters, const std::string& name, int64_t in, int64_t out, double gain = 1);
  Tensor operator()(const Tensor& x) const;
  const Tensor& weight() const { return weight_; }
  const Tensor& bias() const { return bias_; }

 private:
  Tensor weight_, bias_;
};

// One weight a channel and tap, y[t, c] = b[c] + sum_j w[j, c] x[t + j - left, c], zeros beyond the
// ends. weight [kernel, channels].
class DepthwiseConvolution {
 public:
  DepthwiseConvolution(Parameters& parameters, const std::string& name, int64_t channels,
                       int64_t kernel, int64_t left);
  Tensor operator()(const Tensor& x) const;

 private:
  int64_t kernel_, left_;
  Tensor weight_, bias_;
};

// ConvNeXt (arXiv 2201.03545) with its normalisation steered by a condition (FiLM, arXiv
// 1709.07871): x + down(gelu(up(LayerNorm(depthwise(x)) * (1 + gamma) + beta))) with [gamma, beta]
// = film(condition). LayerNorm is over channels, without statistics over time. gelu is the tanh
// one.
class ConvNextBlock {
 public:
  struct Shape {
    int64_t channels, hidden, kernel, left, condition;
    int64_t depth;  // blocks in a row: the last layer begins smaller the more there are
  };
  ConvNextBlock(Parameters& parameters, const std::string& name, const Shape& shape);
  // condition [batch, condition]. mask [batch, time, 1] or undefined: rows that stay zero.
  Tensor operator()(const Tensor& x, const Tensor& condition, const Tensor& mask = {}) const;

 private:
  int64_t channels_;
  DepthwiseConvolution depthwise_;
  Linear film_, up_, down_;
};

std::vector<ConvNextBlock> make_blocks(Parameters& parameters, const std::string& name,
                                       ConvNextBlock::Shape shape);

}  // namespace myna::train
