#include "backend/cpu/column_linear.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <type_traits>

namespace myna::backend::cpu {
namespace {

size_t round_up(size_t value, size_t step) { return (value + step - 1) / step * step; }

// The largest sum of those magnitudes that MicroKernels::signed_int8_block adds in 16 bits.
template <typename Magnitude>
auto largest_four(size_t count, const Magnitude& magnitude) {
  decltype(magnitude(0)) largest = 0;
  for (size_t k = 0; k < count; k += 8) {
    const auto at = [&](size_t j) { return k + j < count ? magnitude(k + j) : 0; };
    largest = std::max({largest, at(0) + at(1) + at(4) + at(5), at(2) + at(3) + at(6) + at(7)});
  }
  return largest;
}

}  // namespace

ColumnLinear::ColumnLinear(const ops::LinearWeights& weights, size_t in, size_t out,
                           ops::Precision precision, const MicroKernels& micro)
    : in_(in), out_(out), bias_(weights.bias.begin(), weights.bias.end()) {
  assert(weights.weight.size() == in * out && bias_.size() == out);
  switch (precision) {
    case ops::Precision::kFloat32:
      depth_ = in;
      floats_.assign(weights.weight.begin(), weights.weight.end());
      break;
    case ops::Precision::kBfloat16:
      products_ = Products::kBfloat16;
      depth_ = round_up(in, 2);
      bfloat16s_.resize(out * depth_);
      for (size_t m = 0; m < out; ++m) {
        for (size_t k = 0; k < in; ++k) {
          bfloat16s_[m * depth_ + k] = to_bfloat16(weights.weight[m * in + k]);
        }
      }
      break;
    case ops::Precision::kInt8:
      depth_ = round_up(in, 8);
      products_ =
          micro.signed_int8_block != nullptr ? Products::kSignedBytes : Products::kOffsetBytes;
      offset_ = products_ == Products::kOffsetBytes ? 128 : 0;
      bytes_.assign(out * depth_, static_cast<uint8_t>(offset_));
      quantise(weights.weight);
      break;
    case ops::Precision::kInt16:
      products_ = Products::kInt16;
      depth_ = round_up(in, 2);
      int16s_.resize(out * depth_);
      quantise(weights.weight);
      break;
  }
}

void ColumnLinear::quantise(std::span<const float> weights) {
  scales_.resize(out_);
  sums_.resize(out_);
  for (size_t m = 0; m < out_; ++m) {
    const float* row = weights.data() + m * in_;
    float largest = 1e-20f;
    double sum = 0;
    for (size_t k = 0; k < in_; ++k) {
      largest = std::max(largest, std::abs(row[k]));
      sum += static_cast<double>(std::abs(row[k]));
    }
    if (products_ == Products::kInt16) {
      // Of a sum of products, at most 2^31 - 1: what activations leave, and rounding may add.
      const double most = static_cast<double>(std::numeric_limits<int32_t>::max()) / kInt16Levels -
                          0.5 * static_cast<double>(in_);
      const double levels = most * static_cast<double>(largest) / std::max(sum, 1e-20);
      quantise_row(row, largest / static_cast<float>(std::min(levels, 32767.0)), m);
      continue;
    }
    float scale = largest / 127.0f;
    if (products_ == Products::kSignedBytes) {
      const float four = largest_four(in_, [&](size_t k) { return std::abs(row[k]); });
      scale = std::max(scale, four / kSignedInputSum);
    }
    quantise_row(row, scale, m);
    // Rounding may have gone beyond it.
    while (products_ == Products::kSignedBytes && !fits_signed(m)) {
      scale *= 1.005f;
      quantise_row(row, scale, m);
    }
  }
}

bool ColumnLinear::fits_signed(size_t m) const {
  const uint8_t* row = bytes_.data() + m * depth_;
  const auto magnitude = [&](size_t k) { return std::abs(static_cast<int8_t>(row[k])); };
  return largest_four(in_, magnitude) <= kSignedInputSum;
}

void ColumnLinear::quantise_row(const float* row, float scale, size_t m) {
  const float inverse = 1.0f / scale;
  float sum = 0;
  for (size_t k = 0; k < in_; ++k) {
    // To nearest: a float of that size has no bits below one.
    constexpr float kWholeNumbers = 12582912.0f;
    const float q = row[k] * inverse + kWholeNumbers - kWholeNumbers;
    sum += q;
    if (products_ == Products::kInt16) {
      int16s_[m * depth_ + k] = static_cast<int16_t>(q);
    } else {
      bytes_[m * depth_ + k] = static_cast<uint8_t>(static_cast<int>(q) + offset_);
    }
  }
  scales_[m] = scale;
  sums_[m] = scale * sum;
}

size_t ColumnLinear::panel_bytes() const {
  const bool bytes = products_ == Products::kOffsetBytes || products_ == Products::kSignedBytes;
  return products_ == Products::kFloat ? 0 : depth_ * kTileColumns * (bytes ? 1 : 2);
}

void ColumnLinear::run(const Context& context, const float* in, size_t columns,
                       const LaneRange& range, std::byte* panel, ColumnEnd end) const {
  LaneScaling scaling;
  // Zeros where a kernel leaves out what is behind the columns.
  alignas(64) float sums[kBlockRows * kTileColumns] = {};
  alignas(64) int32_t integer_sums[kBlockRows * kTileColumns] = {};
  auto* half_panel = reinterpret_cast<uint16_t*>(panel);
  auto* byte_panel = reinterpret_cast<int8_t*>(panel);
  auto* unsigned_panel = reinterpret_cast<uint8_t*>(panel);
  auto* int16_panel = reinterpret_cast<int16_t*>(panel);
  // The next layer rounds it to as few bits as this one its input: 16-bit integers keep more.
  const bool rough = products_ != Products::kFloat && products_ != Products::kInt16;
  if (end.gelu != Gelu::kNone && rough) end.gelu = Gelu::kRough;
  switch (products_) {
    case Products::kFloat:
      break;
    case Products::kBfloat16:
      context.column.pack_bfloat16(in, in_, half_panel);
      break;
    case Products::kOffsetBytes:
      context.column.pack_int8(in, in_, range, static_cast<float>(offset_), byte_panel, scaling);
      break;
    case Products::kSignedBytes:
      context.column.pack_uint8(in, in_, range, unsigned_panel, scaling);
      break;
    case Products::kInt16:
      context.column.pack_int16(in, in_, range, int16_panel, scaling);
      break;
  }
  for (size_t m = 0; m < out_; m += kBlockRows) {
    const size_t rows = std::min(kBlockRows, out_ - m), at = m * depth_;
    end.bias = bias_.data() + m;
    const auto block = [&](const auto* weights, const auto* panel_of_type) {
      return BlockOperands<std::remove_cvref_t<decltype(*weights)>,
                           std::remove_cvref_t<decltype(*panel_of_type)>>{
          weights, depth_, 0, 1, depth_, panel_of_type, 0, columns};
    };
    switch (products_) {
      case Products::kFloat:
        context.micro.float_block(block(floats_.data() + at, in), rows, sums);
        break;
      case Products::kBfloat16:
        context.micro.bfloat16_block(block(bfloat16s_.data() + at, half_panel), rows, sums);
        break;
      case Products::kOffsetBytes:
        context.micro.int8_block(block(bytes_.data() + at, byte_panel), rows, integer_sums);
        break;
      case Products::kSignedBytes:
        context.micro.signed_int8_block(
            block(reinterpret_cast<const int8_t*>(bytes_.data()) + at, unsigned_panel), rows,
            integer_sums);
        break;
      case Products::kInt16:
        context.micro.int16_block(block(int16s_.data() + at, int16_panel), rows, integer_sums);
        break;
    }
    if (quantises()) {
      context.column.finish_integers(integer_sums, rows, scales_.data() + m, sums_.data() + m,
                                     scaling, end);
    } else {
      context.column.finish_float(sums, rows, end);
    }
    end.out += rows * kTileColumns;
    if (end.residual != nullptr) end.residual += rows * kTileColumns;
  }
}

}  // namespace myna::backend::cpu
