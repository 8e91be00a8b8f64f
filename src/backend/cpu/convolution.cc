#include "backend/cpu/convolution.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>

#include "backend/cpu/filtered_conv1d.h"
#include "backend/cpu/tile_input.h"
#include "backend/cpu/tile_output.h"

namespace myna::backend::cpu {
namespace {

constexpr size_t round_up(size_t value, size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}
constexpr size_t divide_up(size_t value, size_t divisor) { return (value + divisor - 1) / divisor; }

// A tile's transformed input is kept below this many floats (384 KiB): with its int8 copy, the
// output and a weight panel it stays in a 1-2 MiB second-level cache.
constexpr size_t kTileFloats = 96 * 1024;
constexpr size_t kMaximumTileRows = 16 * kBlockRows;
constexpr size_t kMinimumTileRows = 2 * kBlockRows;
// Work items wanted at least, so that threads share a short input too. A constant, not the number
// of threads: the tiling, and with it every rounding, is the same on any machine.
constexpr size_t kWantedTasks = 8;

struct Tiling {
  size_t rows;  // output rows of a tile
  size_t tiles;
  size_t column_groups;  // a tile's panels are shared among this many tasks
  size_t blocks_per_group;
};

Tiling make_tiling(size_t output_rows, size_t depth, size_t blocks) {
  size_t rows = kTileFloats / std::max<size_t>(depth, 1) / kBlockRows * kBlockRows;
  rows = std::clamp(rows, kMinimumTileRows, kMaximumTileRows);
  // A short input is cut finer, but not below the rows that one panel load is worth.
  rows = std::min(
      rows, std::max(kMinimumTileRows, round_up(divide_up(output_rows, kWantedTasks), kBlockRows)));
  Tiling tiling{};
  tiling.rows = rows;
  tiling.tiles = divide_up(output_rows, rows);
  tiling.column_groups = std::min(blocks, divide_up(kWantedTasks, tiling.tiles));
  tiling.blocks_per_group = divide_up(blocks, tiling.column_groups);
  tiling.column_groups = divide_up(blocks, tiling.blocks_per_group);
  return tiling;
}

}  // namespace

PackedConv1d::PackedConv1d(const ops::Conv1dSpec& spec, const ops::WeightView& weight,
                           std::span<const float> bias, ops::Precision precision)
    : spec_(spec), blocks_(divide_up(spec.out_channels, kBlockColumns)) {
  assert(weight.size() == spec.out_channels * spec.in_channels * spec.kernel);
  assert(bias.empty() || bias.size() == spec.out_channels);
  bias_.assign(blocks_ * kBlockColumns, 0.0f);
  std::copy(bias.begin(), bias.end(), bias_.begin());
  if (precision == ops::Precision::kInt8 && !weight.quantized.empty()) {
    pack_int8(weight);
  } else if (precision == ops::Precision::kBfloat16) {
    pack_bfloat16(weight);
  } else if (FilteredConv1d::pays(spec)) {
    filtered_ = std::make_unique<FilteredConv1d>(spec, weight);
  } else {
    pack_float(weight);
  }
}
PackedConv1d::PackedConv1d(PackedConv1d&&) noexcept = default;
PackedConv1d::~PackedConv1d() = default;

void PackedConv1d::pack_float(const ops::WeightView& weight) {
  padded_depth_ = spec_.in_channels;
  float_panels_.assign(blocks_ * kBlockColumns * spec_.kernel * padded_depth_, 0.0f);
  for (size_t o = 0; o < spec_.out_channels; ++o) {
    float* panel = float_panels_.data() +
                   o / kBlockColumns * kBlockColumns * spec_.kernel * padded_depth_ +
                   o % kBlockColumns;
    for (size_t i = 0; i < spec_.in_channels; ++i) {
      for (size_t j = 0; j < spec_.kernel; ++j) {
        panel[(j * padded_depth_ + i) * kBlockColumns] =
            weight.at((o * spec_.in_channels + i) * spec_.kernel + j, o);
      }
    }
  }
}

void PackedConv1d::pack_bfloat16(const ops::WeightView& weight) {
  padded_depth_ = round_up(spec_.in_channels, 2);
  bfloat16_panels_.assign(blocks_ * kBlockColumns * spec_.kernel * padded_depth_, 0);
  for (size_t o = 0; o < spec_.out_channels; ++o) {
    uint16_t* panel = bfloat16_panels_.data() +
                      o / kBlockColumns * kBlockColumns * spec_.kernel * padded_depth_ +
                      o % kBlockColumns * 2;
    for (size_t i = 0; i < spec_.in_channels; ++i) {
      for (size_t j = 0; j < spec_.kernel; ++j) {
        panel[(j * padded_depth_ + i / 2 * 2) * kBlockColumns + i % 2] =
            to_bfloat16(weight.at((o * spec_.in_channels + i) * spec_.kernel + j, o));
      }
    }
  }
}

void PackedConv1d::pack_int8(const ops::WeightView& weight) {
  padded_depth_ = round_up(spec_.in_channels, 4);
  int8_panels_.assign(blocks_ * kBlockColumns * spec_.kernel * padded_depth_, 0);
  weight_scales_.assign(blocks_ * kBlockColumns, 0.0f);
  column_sums_.assign(blocks_ * kBlockColumns, 0);
  for (size_t o = 0; o < spec_.out_channels; ++o) {
    weight_scales_[o] = weight.scales[weight.scales.size() == 1 ? 0 : o];
    int8_t* panel = int8_panels_.data() +
                    o / kBlockColumns * kBlockColumns * spec_.kernel * padded_depth_ +
                    o % kBlockColumns * 4;
    for (size_t i = 0; i < spec_.in_channels; ++i) {
      for (size_t j = 0; j < spec_.kernel; ++j) {
        const int8_t value = weight.quantized[(o * spec_.in_channels + i) * spec_.kernel + j];
        panel[(j * padded_depth_ + i / 4 * 4) * kBlockColumns + i % 4] = value;
        column_sums_[o] += value;
      }
    }
  }
}

// One convolution over one input: the tiles' common data and the work on one of them.
class ConvolutionRun {
 public:
  ConvolutionRun(const Context& context, const PackedConv1d& conv, ops::ConstRows x,
                 ptrdiff_t first_row, const ops::InputTransform& input,
                 const ops::OutputTransform& output, ops::Rows y, ops::Arena& arena)
      : context_(context),
        conv_(conv),
        spec_(conv.spec()),
        x_(x),
        first_row_(first_row - static_cast<ptrdiff_t>(spec_.padding)),
        input_(input),
        output_(output),
        y_(y),
        tiling_(make_tiling(y.rows, conv.padded_depth_, conv.blocks_)) {
    tile_input_rows_ = input_rows_of(tiling_.rows);
    const size_t threads = context.pool.size();
    float_tiles_ = arena.allocate<float>(threads * tile_input_rows_ * conv.padded_depth_);
    if (conv.is_int8()) {
      int8_tiles_ = arena.allocate<uint8_t>(threads * tile_input_rows_ * conv.padded_depth_);
    } else if (conv.is_bfloat16()) {
      bfloat16_tiles_ = arena.allocate<uint16_t>(threads * tile_input_rows_ * conv.padded_depth_);
    }
    if (output.moments.mean != nullptr) {
      partial_moments_ = arena.allocate<float>(tiling_.tiles * 2 * y.channels);
    }
  }

  void run() {
    context_.pool.parallel_for(
        tiling_.tiles * tiling_.column_groups, [this](size_t task, unsigned thread) {
          run_task(task / tiling_.column_groups, task % tiling_.column_groups, thread);
        });
    if (partial_moments_ != nullptr) {
      merge_moments(partial_moments_, tiling_.tiles, tiling_.rows, y_.rows, y_.channels,
                    output_.moments);
    }
  }

 private:
  size_t input_rows_of(size_t output_rows) const {
    return (output_rows - 1) * spec_.stride + spec_.dilation * (spec_.kernel - 1) + 1;
  }

  void run_task(size_t tile, size_t group, unsigned thread) {
    const size_t first = tile * tiling_.rows;
    const size_t rows = std::min(tiling_.rows, y_.rows - first);
    const size_t first_block = group * tiling_.blocks_per_group;
    const size_t last_block = std::min(first_block + tiling_.blocks_per_group, conv_.blocks_);

    float* tile_values = float_tiles_ + thread * tile_input_rows_ * conv_.padded_depth_;
    const MinMax range = transform_tile(context_.vector, input_, x_,
                                        static_cast<ptrdiff_t>(first * spec_.stride) + first_row_,
                                        input_rows_of(rows), conv_.padded_depth_, tile_values);
    const size_t tile_values_count = input_rows_of(rows) * conv_.padded_depth_;
    if (conv_.is_int8()) {
      uint8_t* quantized = int8_tiles_ + thread * tile_input_rows_ * conv_.padded_depth_;
      // As ONNX DynamicQuantizeLinear: the range holds zero, and zero is exact. Seven bits may
      // round to 128, which the kernel takes.
      const float levels = context_.micro.int8_input_bits == 7 ? 127.0f : 255.0f;
      const float width = range.maximum - range.minimum;
      const float scale = width > 0.0f ? width / levels : 1.0f;
      const auto zero_point =
          static_cast<int32_t>(std::clamp(std::nearbyint(-range.minimum / scale), 0.0f, levels));
      context_.vector.quantize(tile_values, tile_values_count, 1.0f / scale, zero_point, quantized);
      for (size_t block = first_block; block < last_block; ++block) {
        const size_t column = block * kBlockColumns;
        const Int8Scaling scaling{scale, zero_point, conv_.column_sums_.data() + column,
                                  conv_.weight_scales_.data() + column};
        block_column(block, first, rows, quantized, conv_.int8_panels_.data(),
                     context_.micro.int8_block, [&](const int32_t* sums, const auto&... rest) {
                       context_.vector.finish_int8(sums, scaling, rest...);
                     });
      }
    } else if (conv_.is_bfloat16()) {
      uint16_t* rounded = bfloat16_tiles_ + thread * tile_input_rows_ * conv_.padded_depth_;
      context_.vector.round_to_bfloat16(tile_values, tile_values_count, rounded);
      for (size_t block = first_block; block < last_block; ++block) {
        block_column(block, first, rows, rounded, conv_.bfloat16_panels_.data(),
                     context_.micro.bfloat16_block, context_.vector.finish_float);
      }
    } else {
      for (size_t block = first_block; block < last_block; ++block) {
        block_column(block, first, rows, tile_values, conv_.float_panels_.data(),
                     context_.micro.float_block, context_.vector.finish_float);
      }
    }
    if (partial_moments_ != nullptr) {
      const size_t first_channel = first_block * kBlockColumns;
      const size_t channels = std::min(last_block * kBlockColumns, y_.channels) - first_channel;
      store_partial_moments(context_.vector, y_, first, rows, first_channel, channels,
                            partial_moments_ + tile * 2 * y_.channels);
    }
  }

  // One block of output channels over the rows of a tile. finish ends rows as
  // VectorKernels::finish_float does.
  template <typename Input, typename Weight, typename Sum, typename Finish>
  void block_column(size_t block, size_t first, size_t rows, const Input* tile,
                    const Weight* panels,
                    void (*kernel)(const BlockOperands<Input, Weight>&, size_t, Sum*),
                    const Finish& finish) const {
    alignas(64) Sum sums[kBlockRows * kBlockColumns];
    const size_t depth = conv_.padded_depth_;
    BlockOperands<Input, Weight> operands{tile,
                                          spec_.stride * depth,
                                          spec_.dilation * depth,
                                          spec_.kernel,
                                          depth,
                                          panels + block * kBlockColumns * spec_.kernel * depth,
                                          depth * kBlockColumns};
    const size_t column = block * kBlockColumns;
    const size_t columns = std::min(kBlockColumns, y_.channels - column);
    const float* bias = conv_.bias_.data() + column;
    for (size_t m = 0; m < rows; m += kBlockRows) {
      const size_t count = std::min(kBlockRows, rows - m);
      kernel(operands, count, sums);
      operands.input += kBlockRows * operands.row_step;
      finish_rows(output_, y_, first + m, 1, count, column, bias,
                  [&](size_t row, size_t finished, const BlockEnd& end, float* out, size_t stride) {
                    finish(sums + row * kBlockColumns, finished, end, output_, columns, out,
                           stride);
                  });
    }
  }

  const Context& context_;
  const PackedConv1d& conv_;
  const ops::Conv1dSpec& spec_;
  ops::ConstRows x_;
  ptrdiff_t first_row_;
  const ops::InputTransform& input_;
  const ops::OutputTransform& output_;
  ops::Rows y_;
  Tiling tiling_;
  size_t tile_input_rows_ = 0;
  float* float_tiles_ = nullptr;
  uint8_t* int8_tiles_ = nullptr;
  uint16_t* bfloat16_tiles_ = nullptr;
  float* partial_moments_ = nullptr;
};

void run_conv1d(const Context& context, const PackedConv1d& conv, ops::ConstRows x,
                ptrdiff_t first_row, const ops::InputTransform& input,
                const ops::OutputTransform& output, ops::Rows y, ops::Arena& arena) {
  assert(x.channels == conv.spec().in_channels && y.channels == conv.spec().out_channels);
  if (y.rows == 0) return;
  const ops::Arena::Scope scope(arena);
  if (conv.filtered() != nullptr) {
    conv.filtered()->run(context, conv.bias(), x, first_row, input, output, y, arena);
    return;
  }
  ConvolutionRun(context, conv, x, first_row, input, output, y, arena).run();
}

PackedConvTranspose1d::PackedConvTranspose1d(const ops::ConvTranspose1dSpec& spec,
                                             const ops::WeightView& weight,
                                             std::span<const float> bias)
    : spec_(spec) {
  // Output row n = t * stride + j - padding. For phase p = n mod stride the taps are
  // j = first + s * stride with first = (p + padding) mod stride, and the input row of tap s is
  // q + (p + padding - first) / stride - s for the q-th row of the phase.
  for (size_t p = 0; p < spec.stride; ++p) {
    const size_t first = (p + spec.padding) % spec.stride;
    const size_t taps = (spec.kernel - first + spec.stride - 1) / spec.stride;
    std::vector<float> phase_weight(spec.out_channels * spec.in_channels * taps);
    for (size_t o = 0; o < spec.out_channels; ++o) {
      for (size_t i = 0; i < spec.in_channels; ++i) {
        for (size_t s = 0; s < taps; ++s) {
          // A convolution walks its taps forward in time, the phase walks them backward.
          const size_t j = first + (taps - 1 - s) * spec.stride;
          phase_weight[(o * spec.in_channels + i) * taps + s] =
              weight.at((i * spec.out_channels + o) * spec.kernel + j, o);
        }
      }
    }
    const ops::Conv1dSpec phase_spec{spec.in_channels, spec.out_channels, taps, 1, 1, 0};
    const ops::WeightView view{phase_weight, {}, {}};
    phases_.push_back({PackedConv1d(phase_spec, view, bias, ops::Precision::kFloat32),
                       static_cast<ptrdiff_t>((p + spec.padding - first) / spec.stride) -
                           static_cast<ptrdiff_t>(taps - 1)});
  }
}

void PackedConvTranspose1d::run(const Context& context, ops::ConstRows x,
                                const ops::InputTransform& input, ops::Rows y,
                                ops::Arena& arena) const {
  assert(y.rows == spec_.output_rows(x.rows) && y.channels == spec_.out_channels);
  const size_t leading = spec_.leading_reflection;
  const size_t output_rows = y.rows - leading;
  for (size_t p = 0; p < spec_.stride && p < output_rows; ++p) {
    const size_t rows = (output_rows - p + spec_.stride - 1) / spec_.stride;
    const ops::Rows phase_rows{y.row(leading + p), rows, y.channels, y.stride * spec_.stride};
    run_conv1d(context, phases_[p].conv, x, phases_[p].first_row, input, {}, phase_rows, arena);
  }
  // Reflection: row -1 is row 1.
  if (leading == 1) std::copy_n(y.row(2), y.channels, y.row(0));
}

void merge_moments(const float* partial, size_t tiles, size_t tile_rows, size_t total_rows,
                   size_t channels, ops::ChannelMoments moments) {
  for (size_t c = 0; c < channels; ++c) {
    double mean = 0.0, squares = 0.0, count = 0.0;
    for (size_t tile = 0; tile < tiles; ++tile) {
      const auto rows = static_cast<double>(std::min(tile_rows, total_rows - tile * tile_rows));
      const double delta = partial[tile * 2 * channels + c] - mean;
      const double total = count + rows;
      mean += delta * rows / total;
      squares += partial[(tile * 2 + 1) * channels + c] + delta * delta * count * rows / total;
      count = total;
    }
    moments.mean[c] = static_cast<float>(mean);
    moments.variance[c] = static_cast<float>(squares / count);
  }
}

void run_channel_moments(const Context& context, ops::ConstRows x, ops::ChannelMoments moments,
                         ops::Arena& arena) {
  const ops::Arena::Scope scope(arena);
  constexpr size_t kRows = 128;
  const size_t tiles = divide_up(x.rows, kRows);
  float* partial = arena.allocate<float>(tiles * 2 * x.channels);
  context.pool.parallel_for(tiles, [&](size_t tile, unsigned) {
    const size_t first = tile * kRows;
    const ops::ConstRows rows{x.row(first), std::min(kRows, x.rows - first), x.channels, x.stride};
    float* mean = partial + tile * 2 * x.channels;
    context.vector.tile_moments(rows, mean, mean + x.channels);
  });
  merge_moments(partial, tiles, kRows, x.rows, x.channels, moments);
}

}  // namespace myna::backend::cpu
