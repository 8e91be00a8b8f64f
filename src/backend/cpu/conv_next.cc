#include "backend/cpu/conv_next.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>

namespace myna::backend::cpu {
namespace {

// Zeros on both sides of the frames: as far as a kernel may reach.
constexpr size_t kMargin = 16;

size_t round_up(size_t value, size_t step) { return (value + step - 1) / step * step; }

std::vector<float> copy(std::span<const float> values) { return {values.begin(), values.end()}; }

}  // namespace

ColumnLinear::ColumnLinear(const ops::LinearWeights& weights, size_t in, size_t out,
                           ops::Precision precision, int weight_bits)
    : in_(in),
      out_(out),
      precision_(precision),
      weight_bits_(weight_bits),
      bias_(copy(weights.bias)) {
  assert(weights.weight.size() == in * out && bias_.size() == out);
  const size_t step = precision == ops::Precision::kInt8       ? 4
                      : precision == ops::Precision::kBfloat16 ? 2
                                                               : 1;
  depth_ = round_up(in, step);
  if (precision == ops::Precision::kFloat32) {
    floats_ = copy(weights.weight);
  } else if (precision == ops::Precision::kBfloat16) {
    bfloat16s_.resize(out * depth_);
    for (size_t m = 0; m < out; ++m) {
      for (size_t k = 0; k < in; ++k) {
        bfloat16s_[m * depth_ + k] = to_bfloat16(weights.weight[m * in + k]);
      }
    }
  } else {
    // Of seven bits, 128 levels beside 0: pairs of their products with signed bytes fit 16 bits.
    const float levels = weight_bits == 7 ? 64.0f : 127.0f;
    bytes_.assign(out * depth_, static_cast<uint8_t>(weight_offset()));
    for (size_t m = 0; m < out; ++m) {
      const float* row = weights.weight.data() + m * in;
      float largest = 1e-20f;
      for (size_t k = 0; k < in; ++k) largest = std::max(largest, std::abs(row[k]));
      const float scale = largest / levels, inverse = levels / largest;
      float sum = 0;
      for (size_t k = 0; k < in; ++k) {
        // To nearest: a float of that size has no bits below one.
        constexpr float kWholeNumbers = 12582912.0f;
        const float q = row[k] * inverse + kWholeNumbers - kWholeNumbers;
        sum += q;
        bytes_[m * depth_ + k] = static_cast<uint8_t>(static_cast<int>(q) + weight_offset());
      }
      scales_.push_back(scale);
      sums_.push_back(sum);
    }
  }
}

size_t ColumnLinear::panel_bytes() const {
  if (precision_ == ops::Precision::kFloat32) return 0;
  return depth_ * kTileColumns * (precision_ == ops::Precision::kInt8 ? 1 : 2);
}

void ColumnLinear::run(const Context& context, const float* in, std::byte* panel,
                       ColumnEnd end) const {
  LaneScaling scaling;
  alignas(64) float sums[kBlockRows * kTileColumns];
  alignas(64) int32_t integer_sums[kBlockRows * kTileColumns];
  const float* float_panel = in;
  auto* half_panel = reinterpret_cast<uint16_t*>(panel);
  auto* byte_panel = reinterpret_cast<int8_t*>(panel);
  // The next layer rounds it to as few bits as this one its input.
  if (end.gelu != Gelu::kNone && precision_ != ops::Precision::kFloat32) end.gelu = Gelu::kRough;
  if (precision_ == ops::Precision::kBfloat16) {
    context.column.pack_bfloat16(in, in_, half_panel);
  } else if (precision_ == ops::Precision::kInt8) {
    context.column.pack_int8(in, in_, byte_panel, scaling);
    scaling.weight_offset = static_cast<float>(weight_offset());
  }
  for (size_t m = 0; m < out_; m += kBlockRows) {
    const size_t rows = std::min(kBlockRows, out_ - m);
    end.bias = bias_.data() + m;
    switch (precision_) {
      case ops::Precision::kFloat32:
        context.micro.float_block(
            {floats_.data() + m * depth_, depth_, 0, 1, depth_, float_panel, 0}, rows, sums);
        context.column.finish_float(sums, rows, end);
        break;
      case ops::Precision::kBfloat16:
        context.micro.bfloat16_block(
            {bfloat16s_.data() + m * depth_, depth_, 0, 1, depth_, half_panel, 0}, rows, sums);
        context.column.finish_float(sums, rows, end);
        break;
      case ops::Precision::kInt8:
        context.micro.int8_block({bytes_.data() + m * depth_, depth_, 0, 1, depth_, byte_panel, 0},
                                 rows, integer_sums);
        context.column.finish_int8(integer_sums, rows, scales_.data() + m, sums_.data() + m,
                                   scaling, end);
        break;
    }
    end.out += rows * end.out_stride;
    if (end.residual != nullptr) end.residual += rows * end.residual_stride;
  }
}

// Activations as [channel][frame], with kMargin zeros on both sides of the frames.
struct PackedConvNext::Columns {
  Columns(size_t channel_count, size_t frame_count, ops::Arena& arena)
      : channels(channel_count), frames(frame_count) {
    // An odd number of cache lines, so that channels do not fall upon each other.
    stride = (round_up(frames, kTileColumns) + 2 * kMargin) | 16;
    float* memory = arena.allocate<float>(channels * stride);
    data = memory + kMargin;
    for (size_t c = 0; c < channels; ++c) {
      std::fill_n(memory + c * stride, kMargin, 0.0f);
      std::fill(memory + c * stride + kMargin + frames, memory + (c + 1) * stride, 0.0f);
    }
  }
  float* tile(size_t index) const { return data + index * kTileColumns; }
  // What a tile has written behind the last frame.
  void clear_end(size_t index) const {
    const size_t end = (index + 1) * kTileColumns;
    if (end <= frames) return;
    for (size_t c = 0; c < channels; ++c) {
      std::fill(data + c * stride + frames, data + c * stride + end, 0.0f);
    }
  }

  float* data;  // frame 0 of channel 0
  size_t channels, frames, stride;
};

// Of one thread.
struct PackedConvNext::Scratch {
  float* values;  // [the most channels in or out][32]
  float* hidden;  // [hidden][32]
  std::byte* panel;
};

PackedConvNext::PackedConvNext(const ops::ConvNextSpec& spec, const ops::ConvNextWeights& weights,
                               int weight_bits)
    : spec_(spec) {
  assert(spec.left < kMargin && spec.kernel - spec.left <= kMargin);
  assert(weights.blocks.size() == spec.blocks);
  if (spec.in_channels > 0) {
    in_ =
        ColumnLinear(weights.in, spec.in_channels, spec.channels, spec.end_precision, weight_bits);
  }
  if (spec.out_channels > 0) {
    out_ = ColumnLinear(weights.out, spec.channels, spec.out_channels, spec.end_precision,
                        weight_bits);
  }
  for (const ops::ConvNextBlockWeights& block : weights.blocks) {
    Block& packed = blocks_.emplace_back();
    packed.depthwise_weight.resize(spec.channels * spec.kernel);
    for (size_t c = 0; c < spec.channels; ++c) {
      for (size_t j = 0; j < spec.kernel; ++j) {
        packed.depthwise_weight[c * spec.kernel + j] =
            block.depthwise_weight[j * spec.channels + c];
      }
    }
    packed.depthwise_bias = copy(block.depthwise_bias);
    packed.up = ColumnLinear(block.up, spec.channels, spec.hidden, spec.precision, weight_bits);
    packed.down = ColumnLinear(block.down, spec.hidden, spec.channels, spec.precision, weight_bits);
  }
}

void PackedConvNext::enter(const Context& context, ops::ConstRows x, const Columns& to,
                           const Scratch& scratch, size_t tile) const {
  const size_t first = tile * kTileColumns;
  const size_t count = std::min(kTileColumns, x.rows - first);
  if (spec_.in_channels == 0) {
    context.column.to_columns(x.row(first), x.stride, count, x.channels, to.tile(tile), to.stride);
    return;
  }
  context.column.to_columns(x.row(first), x.stride, count, x.channels, scratch.values,
                            kTileColumns);
  in_.run(context, scratch.values, scratch.panel,
          {nullptr, Gelu::kNone, nullptr, 0, to.tile(tile), to.stride});
  to.clear_end(tile);
}

void PackedConvNext::run_block(const Context& context, const Block& block, const float* film,
                               const Columns& from, const Columns& to, const Scratch& scratch,
                               size_t tile) const {
  context.column.depthwise_norm(
      {from.tile(tile), from.stride, spec_.channels, spec_.kernel, spec_.left,
       block.depthwise_weight.data(), block.depthwise_bias.data(), spec_.epsilon, film,
       film + spec_.channels},
      scratch.values);
  block.up.run(context, scratch.values, scratch.panel,
               {nullptr, Gelu::kExact, nullptr, 0, scratch.hidden, kTileColumns});
  block.down.run(context, scratch.hidden, scratch.panel,
                 {nullptr, Gelu::kNone, from.tile(tile), from.stride, to.tile(tile), to.stride});
  to.clear_end(tile);
}

void PackedConvNext::leave(const Context& context, const Columns& from, ops::Rows y,
                           const Scratch& scratch, size_t tile) const {
  const size_t first = tile * kTileColumns;
  const size_t count = std::min(kTileColumns, y.rows - first);
  if (spec_.out_channels == 0) {
    for (size_t c = 0; c < from.channels; ++c) {
      std::copy_n(from.tile(tile) + c * from.stride, kTileColumns,
                  scratch.values + c * kTileColumns);
    }
  } else {
    context.column.norm(from.tile(tile), from.stride, from.channels, spec_.epsilon, scratch.hidden);
    out_.run(context, scratch.hidden, scratch.panel,
             {nullptr, Gelu::kNone, nullptr, 0, scratch.values, kTileColumns});
  }
  context.column.to_rows(scratch.values, y.channels, count, y.row(first), y.stride);
}

void PackedConvNext::run(const Context& context, ops::ConstRows x, const float* film, ops::Rows y,
                         ops::Arena& arena) const {
  assert(x.rows == y.rows);
  if (x.rows == 0) return;
  const ops::Arena::Scope scope(arena);
  const size_t tiles = (x.rows + kTileColumns - 1) / kTileColumns;
  Columns from(spec_.channels, x.rows, arena), to(spec_.channels, x.rows, arena);
  size_t panel_bytes = std::max(in_.panel_bytes(), out_.panel_bytes());
  for (const Block& block : blocks_) {
    panel_bytes = std::max({panel_bytes, block.up.panel_bytes(), block.down.panel_bytes()});
  }
  const std::span<Scratch> scratch(arena.allocate<Scratch>(context.pool.size()),
                                   context.pool.size());
  for (Scratch& own : scratch) {
    own.values = arena.allocate<float>(
        std::max({spec_.in_channels, spec_.channels, spec_.out_channels}) * kTileColumns);
    own.hidden = arena.allocate<float>(std::max(spec_.hidden, spec_.channels) * kTileColumns);
    own.panel = arena.allocate<std::byte>(panel_bytes);
  }
  const auto each_tile = [&](const auto& body) {
    context.pool.parallel_for(tiles,
                              [&](size_t tile, unsigned thread) { body(scratch[thread], tile); });
  };
  each_tile([&](const Scratch& own, size_t tile) { enter(context, x, from, own, tile); });
  for (const Block& block : blocks_) {
    each_tile([&](const Scratch& own, size_t tile) {
      run_block(context, block, film, from, to, own, tile);
    });
    std::swap(from, to);
    film += 2 * spec_.channels;
  }
  each_tile([&](const Scratch& own, size_t tile) { leave(context, from, y, own, tile); });
}

}  // namespace myna::backend::cpu
