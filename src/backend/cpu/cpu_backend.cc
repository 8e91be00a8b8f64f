#include "backend/cpu/cpu_backend.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <mutex>
#include <vector>

#include "backend/cpu/conv_next.h"
#include "backend/cpu/convolution.h"
#include "backend/cpu/isa.h"
#include "backend/cpu/sequence.h"
#include "backend/cpu/signal.h"
#include "backend/cpu/source_filter.h"
#include "base/thread_pool.h"
#include "ops/row_layout.h"

namespace myna::backend {
namespace {

using namespace cpu;
using ops::Arena;
using ops::Backend;
using ops::ConstRows;
using ops::Prepared;
using ops::PreparedWeights;
using ops::Rows;

struct Table final : PreparedWeights {
  Table(std::span<const float> table, size_t table_channels)
      : values(table.begin(), table.end()), channels(table_channels) {}
  const float* row(int index) const {
    return values.data() + static_cast<size_t>(index) * channels;
  }

  std::vector<float> values;
  size_t channels;
};

// A linear layer that treats every row alike may take a batch as one long item.
bool is_row_wise(const ops::Conv1dSpec& spec, const ops::InputTransform& input,
                 const ops::OutputTransform& output) {
  return spec.kernel == 1 && spec.stride == 1 && spec.padding == 0 &&
         input.affine.item_stride == 0 && output.moments.mean == nullptr &&
         output.residual_rows_divisor == 1;
}

class CpuBackend final : public ops::Backend {
 public:
  CpuBackend(unsigned threads, Isa isa)
      : isa_(isa),
        pool_(threads),
        context_{micro_kernels(isa), vector_kernels(isa), column_kernels(isa),
                 source_filter_kernels(isa), pool_} {}

  std::span<const std::unique_ptr<Backend>> lanes() override {
    if (pool_.size() == 1) return {};
    std::call_once(lanes_made_, [this] {
      for (unsigned i = 0; i < pool_.size(); ++i) {
        lanes_.push_back(std::make_unique<CpuBackend>(1, isa_));
      }
    });
    return lanes_;
  }

  std::string description() const override {
    return "cpu " + std::string(isa_name(isa_)) + ", " + std::to_string(pool_.size()) +
           (pool_.size() == 1 ? " thread" : " threads");
  }

  Prepared prepare_conv1d(const ops::Conv1dSpec& spec, const ops::WeightView& weight,
                          std::span<const float> bias, ops::Precision precision) override {
    return std::make_unique<PackedConv1d>(spec, weight, bias, precision);
  }

  void conv1d(const PreparedWeights& weights, ConstRows x, const ops::InputTransform& input,
              const ops::OutputTransform& output, Rows y, Arena& arena) override {
    const auto& conv = static_cast<const PackedConv1d&>(weights);
    if (y.layout == nullptr || is_row_wise(conv.spec(), input, output)) {
      assert(y.layout != nullptr || y.rows == conv.spec().output_rows(x.rows));
      run_conv1d(context_, conv, x, 0, input, output, y, arena);
      return;
    }
    for_each_item(x, y, [&](ConstRows item_x, Rows item_y, size_t item) {
      assert(item_y.rows == conv.spec().output_rows(item_x.rows));
      run_conv1d(context_, conv, item_x, 0, item_of(input, item), item_of(output, item, y.channels),
                 item_y, arena);
    });
  }

  Prepared prepare_conv_transpose1d(const ops::ConvTranspose1dSpec& spec,
                                    const ops::WeightView& weight,
                                    std::span<const float> bias) override {
    return std::make_unique<PackedConvTranspose1d>(spec, weight, bias);
  }

  void conv_transpose1d(const PreparedWeights& weights, ConstRows x,
                        const ops::InputTransform& input, Rows y, Arena& arena) override {
    const auto& conv = static_cast<const PackedConvTranspose1d&>(weights);
    for_each_item(x, y, [&](ConstRows item_x, Rows item_y, size_t item) {
      conv.run(context_, item_x, item_of(input, item), item_y, arena);
    });
  }

  void depthwise_upsample2(std::span<const float> weight, std::span<const float> bias,
                           ConstRows batch, const ops::InputTransform& transform, Rows out,
                           Arena&) override {
    for_each_item(batch, out, [&](ConstRows x, Rows y, size_t item) {
      upsample_item(weight, bias, x, item_of(transform, item), y);
    });
  }

  void upsample_item(std::span<const float> weight, std::span<const float> bias, ConstRows x,
                     const ops::InputTransform& input, Rows y) {
    assert(y.rows == 2 * x.rows && y.channels == x.channels);
    constexpr size_t kRows = 32;
    pool_.parallel_for((x.rows + kRows - 1) / kRows, [&](size_t task, unsigned) {
      const size_t end = std::min(x.rows, (task + 1) * kRows);
      for (size_t t = task * kRows; t < end; ++t) {
        float* even = y.row(2 * t);
        float* odd = y.row(2 * t + 1);
        const auto transform = [&](size_t row, float* out) {
          context_.vector.transform_rows(input, {x.row(row), 1, x.channels, x.stride}, out, 0);
        };
        transform(t, even);
        if (t + 1 < x.rows) {
          transform(t + 1, odd);
        } else {
          std::memset(odd, 0, x.channels * sizeof(float));
        }
        for (size_t c = 0; c < x.channels; ++c) {
          const float* w = weight.data() + 3 * c;
          const float here = even[c], next = odd[c];
          even[c] = w[1] * here + bias[c];
          odd[c] = w[2] * here + w[0] * next + bias[c];
        }
      }
    });
  }

  void channel_moments(ConstRows x, ops::ChannelMoments moments, Arena& arena) override {
    for (size_t i = 0; i < item_count(x); ++i) {
      run_channel_moments(context_, item_of(x, i), item_of(moments, i, x.channels), arena);
    }
  }

  void adaptive_affine(const PreparedWeights& projection, ConstRows style,
                       ops::ChannelMoments moments, float epsilon, Rows affine,
                       Arena& arena) override {
    conv1d(projection, style, {}, {}, affine, arena);
    const size_t channels = affine.channels / 2;
    for (size_t i = 0; i < affine.rows; ++i) {
      float* scale = affine.row(i);
      float* shift = scale + channels;
      const ops::ChannelMoments own = item_of(moments, i, channels);
      if (own.mean == nullptr) {
        for (size_t c = 0; c < channels; ++c) scale[c] += 1.0f;
        continue;
      }
      for (size_t c = 0; c < channels; ++c) {
        scale[c] = (1.0f + scale[c]) / std::sqrt(own.variance[c] + epsilon);
        shift[c] -= own.mean[c] * scale[c];
      }
    }
  }

  void layer_norm(ConstRows batch, ops::ChannelAffine affine, float epsilon,
                  ops::Activation activation, float slope, Rows out, Arena&) override {
    for_each_item(batch, out, [&](ConstRows x, Rows y, size_t item) {
      norm_item(x, item_of(affine, item), epsilon, activation, slope, y);
    });
  }

  void norm_item(ConstRows x, ops::ChannelAffine affine, float epsilon, ops::Activation activation,
                 float slope, Rows y) {
    constexpr size_t kRows = 32;
    pool_.parallel_for((x.rows + kRows - 1) / kRows, [&](size_t task, unsigned) {
      const size_t end = std::min(x.rows, (task + 1) * kRows);
      for (size_t t = task * kRows; t < end; ++t) {
        context_.vector.layer_norm_row(x.row(t), affine.scale, affine.shift, x.channels, epsilon,
                                       activation, slope, y.row(t));
      }
    });
  }

  void attention(ConstRows q, ConstRows k, ConstRows v, size_t heads, Rows y,
                 Arena& arena) override {
    for_each_item(q, y, [&](ConstRows item_q, Rows item_y, size_t item) {
      run_attention(context_, item_q, item_of(k, item), item_of(v, item), heads, item_y, arena);
    });
  }

  Prepared prepare_bilstm(size_t input_channels, size_t hidden, const ops::LstmDirection& forward,
                          const ops::LstmDirection& backward, ops::Precision precision) override {
    return std::make_unique<PackedBiLstm>(input_channels, hidden, forward, backward, precision);
  }

  void bilstm(const PreparedWeights& weights, ConstRows x, Rows y, Arena& arena) override {
    const auto& lstm = static_cast<const PackedBiLstm&>(weights);
    for_each_item(x, y, [&](ConstRows item_x, Rows item_y, size_t) {
      lstm.run(context_, item_x, item_y, arena);
    });
  }

  Prepared prepare_table(std::span<const float> values, size_t channels) override {
    return std::make_unique<Table>(values, channels);
  }

  void embed(const PreparedWeights& table, const PreparedWeights* positions,
             std::span<const int> indices, Rows y, Arena&) override {
    const auto& words = static_cast<const Table&>(table);
    const auto* places = static_cast<const Table*>(positions);
    assert(indices.size() == y.rows && words.channels == y.channels);
    size_t at = 0;
    for (size_t i = 0; i < item_count(y); ++i) {
      for (size_t t = 0; t < item_rows(y, i); ++t, ++at) {
        std::copy_n(words.row(indices[at]), y.channels, y.row(at));
        if (places == nullptr) continue;
        const float* place = places->row(static_cast<int>(t));
        for (size_t c = 0; c < y.channels; ++c) y.row(at)[c] += place[c];
      }
    }
  }

  void copy_rows(ConstRows x, Rows y, Arena&) override {
    for (size_t t = 0; t < y.rows; ++t) std::copy_n(x.row(t), y.channels, y.row(t));
  }

  void broadcast_rows(ConstRows x, Rows y, Arena&) override {
    size_t at = 0;
    for (size_t i = 0; i < item_count(y); ++i) {
      for (size_t t = 0; t < item_rows(y, i); ++t) std::copy_n(x.row(i), y.channels, y.row(at++));
    }
  }

  void sigmoid_sums(ConstRows x, Rows y, Arena&) override {
    for (size_t t = 0; t < x.rows; ++t) {
      float sum = 0.0f;
      for (size_t c = 0; c < x.channels; ++c) sum += 1.0f / (1.0f + std::exp(-x.row(t)[c]));
      y.row(t)[0] = sum;
    }
  }

  void repeat_rows(ConstRows x, std::span<const int> counts, Rows y, Arena&) override {
    size_t out = 0;
    for (size_t t = 0; t < x.rows; ++t) {
      for (int i = 0; i < counts[t]; ++i) std::copy_n(x.row(t), x.channels, y.row(out++));
    }
    assert(out == y.rows);
  }

  void sine_source(const ops::SineSourceSpec& spec,
                   std::span<const ops::SourceVariation> variations, ConstRows f0_hz, Rows samples,
                   Arena& arena) override {
    for_each_item(f0_hz, samples, [&](ConstRows x, Rows y, size_t item) {
      run_sine_source(context_, spec, variations[item], {x.data, x.rows}, {y.data, y.rows}, arena);
    });
  }

  void stft(ConstRows samples, size_t fft_size, size_t hop, Rows y, Arena&) override {
    for_each_item(samples, y, [&](ConstRows item_x, Rows item_y, size_t) {
      run_stft(context_, {item_x.data, item_x.rows}, fft_size, hop, item_y);
    });
  }

  void inverse_stft_head(ConstRows x, size_t fft_size, size_t hop, Rows samples,
                         Arena& arena) override {
    for_each_item(x, samples, [&](ConstRows item_x, Rows item_y, size_t) {
      run_inverse_stft_head(context_, item_x, fft_size, hop, {item_y.data, item_y.rows}, arena);
    });
  }

  Prepared prepare_conv_next(const ops::ConvNextSpec& spec,
                             const ops::ConvNextWeights& weights) override {
    return std::make_unique<PackedConvNext>(spec, weights, context_.micro);
  }

  void conv_next(const PreparedWeights& weights, ConstRows x, ConstRows film, Rows y,
                 Arena& arena) override {
    const auto& packed = static_cast<const PackedConvNext&>(weights);
    for_each_item(x, y, [&](ConstRows item_x, Rows item_y, size_t item) {
      packed.run(context_, item_x, film.row(item), item_y, arena);
    });
  }

  void source_filter(const ops::SourceFilterSpec& spec,
                     std::span<const ops::SourceFilterVariation> variations, ConstRows head,
                     ConstRows f0_hz, Rows samples, Arena& arena) override {
    for_each_item(head, samples, [&](ConstRows item_head, Rows item_samples, size_t item) {
      const ConstRows f0 = item_of(f0_hz, item);
      run_source_filter(context_, spec, variations[item], item_head, {f0.data, f0.rows},
                        {item_samples.data, item_samples.rows}, arena);
    });
  }

 private:
  Isa isa_;
  ThreadPool pool_;
  Context context_;
  std::once_flag lanes_made_;
  std::vector<std::unique_ptr<Backend>> lanes_;
};

}  // namespace

std::unique_ptr<ops::Backend> make_cpu_backend(unsigned threads, std::string_view isa) {
  return std::make_unique<CpuBackend>(threads, choose_isa(isa));
}

CpuBackendInfo cpu_backend_info(std::string_view isa) {
  const Isa chosen = choose_isa(isa);
  return {isa_name(chosen), has_int8_dot(chosen) || micro_kernels(chosen).int8_input_bits == 7,
          chosen >= Isa::kAvx512Bf16};
}

}  // namespace myna::backend
