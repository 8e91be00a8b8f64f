// ConvNeXt blocks in plain loops and double sums.
#include <cassert>
#include <cmath>

#include "backend/ref/ref_ops.h"

namespace myna::backend::ref {
namespace {

using Matrix = std::vector<std::vector<double>>;  // [time][channels]

std::vector<float> copy(std::span<const float> values) { return {values.begin(), values.end()}; }

ConvNextStack::Linear linear(const ops::LinearWeights& weights) {
  return {copy(weights.weight), copy(weights.bias)};
}

Matrix multiply(const ConvNextStack::Linear& layer, const Matrix& x) {
  Matrix y(x.size(), std::vector<double>(layer.bias.size()));
  for (size_t t = 0; t < x.size(); ++t) {
    for (size_t o = 0; o < y[t].size(); ++o) {
      double sum = static_cast<double>(layer.bias[o]);
      const float* row = layer.weight.data() + o * x[t].size();
      for (size_t i = 0; i < x[t].size(); ++i) sum += static_cast<double>(row[i]) * x[t][i];
      y[t][o] = sum;
    }
  }
  return y;
}

void normalize(Matrix& x, double epsilon) {
  for (std::vector<double>& row : x) {
    double mean = 0, variance = 0;
    for (double value : row) mean += value / static_cast<double>(row.size());
    for (double value : row) {
      variance += (value - mean) * (value - mean) / static_cast<double>(row.size());
    }
    for (double& value : row) value = (value - mean) / std::sqrt(variance + epsilon);
  }
}

double gelu(double x) {
  return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
}

}  // namespace

ConvNextStack make_conv_next(const ops::ConvNextSpec& spec, const ops::ConvNextWeights& weights) {
  ConvNextStack stack{spec, {}, {}, {}};
  if (spec.in_channels > 0) stack.in = linear(weights.in);
  if (spec.out_channels > 0) stack.out = linear(weights.out);
  for (const ops::ConvNextBlockWeights& block : weights.blocks) {
    stack.blocks.push_back({copy(block.depthwise_weight), copy(block.depthwise_bias),
                            linear(block.up), linear(block.down)});
  }
  return stack;
}

void conv_next(const ConvNextStack& stack, ops::ConstRows input, const float* film, ops::Rows y) {
  const ops::ConvNextSpec& spec = stack.spec;
  Matrix x(input.rows, std::vector<double>(input.channels));
  for (size_t t = 0; t < input.rows; ++t) {
    for (size_t c = 0; c < input.channels; ++c) x[t][c] = static_cast<double>(input.row(t)[c]);
  }
  if (spec.in_channels > 0) x = multiply(stack.in, x);
  const auto rows = static_cast<ptrdiff_t>(x.size());
  for (const ConvNextStack::Block& block : stack.blocks) {
    Matrix m(x.size(), std::vector<double>(spec.channels));
    for (ptrdiff_t t = 0; t < rows; ++t) {
      for (size_t c = 0; c < spec.channels; ++c) {
        double sum = static_cast<double>(block.depthwise_bias[c]);
        for (size_t j = 0; j < spec.kernel; ++j) {
          const ptrdiff_t from = t + static_cast<ptrdiff_t>(j) - static_cast<ptrdiff_t>(spec.left);
          if (from < 0 || from >= rows) continue;
          sum += static_cast<double>(block.depthwise_weight[j * spec.channels + c]) *
                 x[static_cast<size_t>(from)][c];
        }
        m[static_cast<size_t>(t)][c] = sum;
      }
    }
    normalize(m, static_cast<double>(spec.epsilon));
    const float* scale = film;
    const float* shift = film + spec.channels;
    film += 2 * spec.channels;
    for (std::vector<double>& row : m) {
      for (size_t c = 0; c < row.size(); ++c) {
        row[c] = row[c] * static_cast<double>(scale[c]) + static_cast<double>(shift[c]);
      }
    }
    Matrix hidden = multiply(block.up, m);
    for (std::vector<double>& row : hidden) {
      for (double& value : row) value = gelu(value);
    }
    const Matrix added = multiply(block.down, hidden);
    for (size_t t = 0; t < x.size(); ++t) {
      for (size_t c = 0; c < spec.channels; ++c) x[t][c] += added[t][c];
    }
  }
  if (spec.out_channels > 0) {
    normalize(x, static_cast<double>(spec.epsilon));
    x = multiply(stack.out, x);
  }
  assert(y.rows == x.size());
  for (size_t t = 0; t < y.rows; ++t) {
    for (size_t c = 0; c < y.channels; ++c) y.row(t)[c] = static_cast<float>(x[t][c]);
  }
}

}  // namespace myna::backend::ref
