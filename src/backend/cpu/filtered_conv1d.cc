#include "backend/cpu/filtered_conv1d.h"

#include <algorithm>
#include <cassert>

#include "backend/cpu/convolution.h"
#include "backend/cpu/minimal_filter.h"
#include "backend/cpu/tile_input.h"
#include "backend/cpu/tile_output.h"

namespace myna::backend::cpu {
namespace {

constexpr size_t divide_up(size_t value, size_t divisor) { return (value + divisor - 1) / divisor; }

// 14 M parameters of this size are 56 MB as they are and 110 MB transformed.
constexpr size_t kMaximumPlane = 256 * 256;

// A work item's transformed input stays below this many floats (384 KiB): beside the sums of a
// block and a panel of weights it fits a 1-2 MiB second-level cache.
constexpr size_t kTransformedFloats = 96 * 1024;
constexpr size_t kMaximumFilters = 4 * kBlockRows;  // filters of a work item and class
// As in convolution.cc: a constant, so that results do not depend on the number of threads.
constexpr size_t kWantedTasks = 8;

}  // namespace

bool FilteredConv1d::pays(const ops::Conv1dSpec& spec) {
  return spec.kernel >= 3 && spec.stride == 1 &&
         spec.in_channels * spec.out_channels <= kMaximumPlane;
}

FilteredConv1d::FilteredConv1d(const ops::Conv1dSpec& spec, const ops::WeightView& weight)
    : spec_(spec),
      taps_(spec.kernel == 3 ? 3 : 4),
      groups_(divide_up(spec.kernel, taps_)),
      points_(kFilterOutputs + taps_ - 1),
      blocks_(divide_up(spec.out_channels, kBlockColumns)) {
  panels_.assign(blocks_ * points_ * groups_ * spec.in_channels * kBlockColumns, 0.0f);
  if (taps_ == 3) {
    pack<3>(weight);
  } else {
    pack<4>(weight);
  }
}

template <size_t kTaps>
void FilteredConv1d::pack(const ops::WeightView& weight) {
  constexpr MinimalFilter<kTaps> kFilter;
  const size_t in = spec_.in_channels;
  for (size_t o = 0; o < spec_.out_channels; ++o) {
    float* block = panels_.data() + o / kBlockColumns * points_ * groups_ * in * kBlockColumns +
                   o % kBlockColumns;
    for (size_t i = 0; i < in; ++i) {
      for (size_t g = 0; g < groups_; ++g) {
        double taps[kTaps] = {};
        for (size_t k = 0; k < kTaps && g * kTaps + k < spec_.kernel; ++k) {
          taps[k] = weight.at((o * in + i) * spec_.kernel + g * kTaps + k, o);
        }
        for (size_t point = 0; point < kFilter.kPoints; ++point) {
          double sum = 0.0;
          for (size_t k = 0; k < kTaps; ++k) sum += kFilter.weight[point][k] * taps[k];
          block[((point * groups_ + g) * in + i) * kBlockColumns] = static_cast<float>(sum);
        }
      }
    }
  }
}

// One convolution over one input: the work items' common data and the work on one of them.
class FilteredRun {
 public:
  FilteredRun(const Context& context, const FilteredConv1d& conv, const float* bias,
              ops::ConstRows x, ptrdiff_t first_row, const ops::InputTransform& input,
              const ops::OutputTransform& output, ops::Rows y, ops::Arena& arena)
      : context_(context),
        conv_(conv),
        bias_(bias),
        x_(x),
        first_row_(first_row - static_cast<ptrdiff_t>(conv.spec_.padding)),
        input_(input),
        output_(output),
        y_(y),
        classes_(conv.spec_.dilation),
        depth_(conv.spec_.in_channels) {
    // Filters of a class in a work item: all its rows are whole blocks of the kernel.
    const size_t fitting = kTransformedFloats / (conv.points_ * classes_ * depth_);
    filters_ = std::clamp(fitting / kBlockRows * kBlockRows, kBlockRows, kMaximumFilters);
    const size_t wanted = divide_up(y.rows, kWantedTasks * kFilterOutputs * classes_);
    filters_ = std::min(filters_, divide_up(wanted, kBlockRows) * kBlockRows);
    task_rows_ = filters_ * kFilterOutputs * classes_;
    tiles_ = divide_up(y.rows, task_rows_);
    blocks_per_group_ =
        divide_up(conv.blocks_, std::min(conv.blocks_, divide_up(kWantedTasks, tiles_)));
    column_groups_ = divide_up(conv.blocks_, blocks_per_group_);

    class_filters_ = filters_ + conv.groups_ - 1;
    transformed_size_ = conv.points_ * classes_ * class_filters_ * depth_;
    sums_size_ = conv.points_ * classes_ * filters_ * kBlockColumns;
    tile_size_ = input_rows(class_filters_) * depth_;
    const size_t threads = context.pool.size();
    tiles_memory_ = arena.allocate<float>(threads * tile_size_);
    transformed_memory_ = arena.allocate<float>(threads * transformed_size_);
    sums_memory_ = arena.allocate<float>(threads * sums_size_);
    if (output.moments.mean != nullptr) {
      partial_moments_ = arena.allocate<float>(tiles_ * 2 * y.channels);
    }
  }

  void run() {
    context_.pool.parallel_for(tiles_ * column_groups_, [this](size_t task, unsigned thread) {
      run_task(task / column_groups_, task % column_groups_, thread);
    });
    if (partial_moments_ != nullptr) {
      merge_moments(partial_moments_, tiles_, task_rows_, y_.rows, y_.channels, output_.moments);
    }
  }

 private:
  // Input rows of all classes that so many filters of each look at.
  size_t input_rows(size_t class_filters) const {
    return classes_ * (kFilterOutputs * (class_filters - 1) + conv_.points_);
  }

  void run_task(size_t tile, size_t group, unsigned thread) {
    const size_t first = tile * task_rows_;
    const size_t rows = std::min(task_rows_, y_.rows - first);
    const size_t filters = divide_up(rows, kFilterOutputs * classes_);
    const size_t first_block = group * blocks_per_group_;
    const size_t last_block = std::min(first_block + blocks_per_group_, conv_.blocks_);
    const float* transformed = transform(first, filters, thread);
    float* sums = sums_memory_ + thread * sums_size_;
    for (size_t block = first_block; block < last_block; ++block) {
      multiply(block, filters, transformed, sums);
      for (size_t c = 0; c < classes_; ++c) finish(block, c, first, rows, sums);
    }
    if (partial_moments_ != nullptr) {
      const size_t channel = first_block * kBlockColumns;
      store_partial_moments(context_.vector, y_, first, rows, channel,
                            std::min(last_block * kBlockColumns, y_.channels) - channel,
                            partial_moments_ + tile * 2 * y_.channels);
    }
  }

  // [point][class][filter][depth] of the rows from output row `first` on.
  const float* transform(size_t first, size_t filters, unsigned thread) const {
    float* tile = tiles_memory_ + thread * tile_size_;
    float* transformed = transformed_memory_ + thread * transformed_size_;
    const size_t class_filters = filters + conv_.groups_ - 1;
    transform_tile(context_.vector, input_, x_, static_cast<ptrdiff_t>(first) + first_row_,
                   input_rows(class_filters), depth_, tile);
    for (size_t c = 0; c < classes_; ++c) {
      context_.vector.filter_input[conv_.taps_ - 3](
          tile + c * depth_, classes_ * depth_, class_filters, depth_,
          transformed + c * class_filters_ * depth_, classes_ * class_filters_ * depth_);
    }
    return transformed;
  }

  // sums [point][class][filter][32]: a product of matrices for each point.
  void multiply(size_t block, size_t filters, const float* transformed, float* sums) const {
    const size_t panel_size = conv_.groups_ * depth_ * kBlockColumns;
    const float* panel = conv_.panels_.data() + block * conv_.points_ * panel_size;
    for (size_t point = 0; point < conv_.points_; ++point, panel += panel_size) {
      for (size_t c = 0; c < classes_; ++c) {
        FloatBlock operands{transformed + (point * classes_ + c) * class_filters_ * depth_,
                            depth_,
                            depth_,
                            conv_.groups_,
                            depth_,
                            panel,
                            depth_ * kBlockColumns};
        float* out = sums + (point * classes_ + c) * filters_ * kBlockColumns;
        for (size_t m = 0; m < filters; m += kBlockRows) {
          context_.micro.float_block(operands, std::min(kBlockRows, filters - m),
                                     out + m * kBlockColumns);
          operands.input += kBlockRows * depth_;
        }
      }
    }
  }

  // The rows first + c, first + c + classes, ... of a block of channels.
  void finish(size_t block, size_t c, size_t first, size_t rows, const float* sums) const {
    if (c >= rows) return;
    alignas(64) float values[kBlockRows * kFilterOutputs * kBlockColumns];
    constexpr size_t kRows = kBlockRows * kFilterOutputs;
    const size_t class_rows = divide_up(rows - c, classes_);
    const size_t column = block * kBlockColumns;
    const size_t columns = std::min(kBlockColumns, y_.channels - column);
    const float* class_sums = sums + c * filters_ * kBlockColumns;
    for (size_t m = 0; m < class_rows; m += kRows) {
      const size_t count = std::min(kRows, class_rows - m);
      context_.vector.filter_output[conv_.taps_ - 3](
          class_sums + m / kFilterOutputs * kBlockColumns, classes_ * filters_ * kBlockColumns,
          divide_up(count, kFilterOutputs), values);
      finish_rows(output_, y_, first + c + m * classes_, classes_, count, column, bias_ + column,
                  [&](size_t row, size_t finished, const BlockEnd& end, float* out, size_t stride) {
                    context_.vector.finish_float(values + row * kBlockColumns, finished, end,
                                                 output_, columns, out, stride);
                  });
    }
  }

  const Context& context_;
  const FilteredConv1d& conv_;
  const float* bias_;
  ops::ConstRows x_;
  ptrdiff_t first_row_;
  const ops::InputTransform& input_;
  const ops::OutputTransform& output_;
  ops::Rows y_;
  size_t classes_;
  size_t depth_;
  size_t filters_ = 0;        // of a class in a work item
  size_t class_filters_ = 0;  // with those that only later groups look at
  size_t task_rows_ = 0;
  size_t tiles_ = 0;
  size_t blocks_per_group_ = 0;
  size_t column_groups_ = 0;
  size_t tile_size_ = 0, transformed_size_ = 0, sums_size_ = 0;
  float* tiles_memory_ = nullptr;
  float* transformed_memory_ = nullptr;
  float* sums_memory_ = nullptr;
  float* partial_moments_ = nullptr;
};

void FilteredConv1d::run(const Context& context, const float* bias, ops::ConstRows x,
                         ptrdiff_t first_row, const ops::InputTransform& input,
                         const ops::OutputTransform& output, ops::Rows y, ops::Arena& arena) const {
  FilteredRun(context, *this, bias, x, first_row, input, output, y, arena).run();
}

}  // namespace myna::backend::cpu
