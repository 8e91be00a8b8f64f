#include "backend/cpu/conv_next.h"

#include <algorithm>
#include <cassert>

namespace myna::backend::cpu {
namespace {

std::vector<float> copy(std::span<const float> values) { return {values.begin(), values.end()}; }

}  // namespace

// Activations in tiles of [channel][32 frames]; zeros behind the last frame.
struct PackedConvNext::Columns {
  Columns(size_t channel_count, size_t frame_count, ops::Arena& arena)
      : channels(channel_count), frames(frame_count) {
    tiles = (frames + kTileColumns - 1) / kTileColumns;
    data = arena.allocate<float>(tiles * channels * kTileColumns);
  }
  float* tile(size_t index) const { return data + index * channels * kTileColumns; }
  const float* before(size_t index) const { return index == 0 ? nullptr : tile(index - 1); }
  const float* behind(size_t index) const { return index + 1 == tiles ? nullptr : tile(index + 1); }
  size_t used(size_t index) const { return std::min(kTileColumns, frames - index * kTileColumns); }
  // What a tile has written behind the last frame.
  void clear_end(size_t index) const {
    const size_t unused = kTileColumns - used(index);
    if (unused == 0) return;
    for (size_t c = 0; c < channels; ++c) {
      std::fill_n(tile(index) + (c + 1) * kTileColumns - unused, unused, 0.0f);
    }
  }

  float* data;
  size_t channels, frames, tiles;
};

// Of one thread.
struct PackedConvNext::Scratch {
  float* values;  // [the most channels in or out][32]
  float* hidden;  // [hidden][32]
  std::byte* panel;
};

PackedConvNext::PackedConvNext(const ops::ConvNextSpec& spec, const ops::ConvNextWeights& weights,
                               const MicroKernels& micro)
    : spec_(spec) {
  assert(spec.left <= kMostReach && spec.kernel - spec.left <= kMostReach);
  assert(weights.blocks.size() == spec.blocks);
  if (spec.in_channels > 0) {
    in_ = ColumnLinear(weights.in, spec.in_channels, spec.channels, spec.end_precision, micro);
  }
  if (spec.out_channels > 0) {
    out_ = ColumnLinear(weights.out, spec.channels, spec.out_channels, spec.end_precision, micro);
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
    packed.up = ColumnLinear(block.up, spec.channels, spec.hidden, spec.precision, micro);
    packed.down = ColumnLinear(block.down, spec.hidden, spec.channels, spec.precision, micro);
  }
}

void PackedConvNext::enter(const Context& context, ops::ConstRows x, const Columns& to,
                           const Scratch& scratch, size_t tile) const {
  const size_t first = tile * kTileColumns, count = to.used(tile);
  if (spec_.in_channels == 0) {
    context.column.to_columns(x.row(first), x.stride, count, x.channels, to.tile(tile));
    return;
  }
  context.column.to_columns(x.row(first), x.stride, count, x.channels, scratch.values);
  LaneRange range;
  if (in_.quantises()) context.column.range(scratch.values, x.channels, range);
  in_.run(context, scratch.values, count, range, scratch.panel,
          {nullptr, Gelu::kNone, nullptr, to.tile(tile)});
  to.clear_end(tile);
}

void PackedConvNext::run_block(const Context& context, const Block& block, const float* film,
                               const Columns& from, const Columns& to, const Scratch& scratch,
                               size_t tile) const {
  const size_t count = from.used(tile);
  LaneRange range;
  context.column.depthwise_norm(
      {from.tile(tile), from.before(tile), from.behind(tile), spec_.channels, spec_.kernel,
       spec_.left, block.depthwise_weight.data(), block.depthwise_bias.data(), spec_.epsilon, film,
       film + spec_.channels},
      scratch.values, range);
  block.up.run(context, scratch.values, count, range, scratch.panel,
               {nullptr, Gelu::kExact, nullptr, scratch.hidden});
  if (block.down.quantises()) context.column.range(scratch.hidden, spec_.hidden, range);
  block.down.run(context, scratch.hidden, count, range, scratch.panel,
                 {nullptr, Gelu::kNone, from.tile(tile), to.tile(tile)});
  to.clear_end(tile);
}

void PackedConvNext::leave(const Context& context, const Columns& from, ops::Rows y,
                           const Scratch& scratch, size_t tile) const {
  const size_t first = tile * kTileColumns, count = from.used(tile);
  const float* columns = from.tile(tile);
  if (spec_.out_channels > 0) {
    LaneRange range;
    context.column.norm(columns, from.channels, spec_.epsilon, scratch.hidden, range);
    out_.run(context, scratch.hidden, count, range, scratch.panel,
             {nullptr, Gelu::kNone, nullptr, scratch.values});
    columns = scratch.values;
  }
  context.column.to_rows(columns, y.channels, count, y.row(first), y.stride);
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
