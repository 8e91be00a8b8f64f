#include "backend/cpu/cpu_backend.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "backend/cpu/convolution.h"
#include "backend/cpu/isa.h"
#include "backend/cpu/sequence.h"
#include "backend/cpu/signal.h"
#include "base/thread_pool.h"

namespace myna::backend {
namespace {

using namespace cpu;
using ops::Arena;
using ops::ConstRows;
using ops::Prepared;
using ops::PreparedWeights;
using ops::Rows;

class CpuBackend final : public ops::Backend {
 public:
  CpuBackend(unsigned threads, Isa isa)
      : isa_(isa), pool_(threads), context_{micro_kernels(isa), vector_kernels(isa), pool_} {}

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
    assert(y.rows == conv.spec().output_rows(x.rows));
    run_conv1d(context_, conv, x, 0, input, output, y, arena);
  }

  Prepared prepare_conv_transpose1d(const ops::ConvTranspose1dSpec& spec,
                                    const ops::WeightView& weight,
                                    std::span<const float> bias) override {
    return std::make_unique<PackedConvTranspose1d>(spec, weight, bias);
  }

  void conv_transpose1d(const PreparedWeights& weights, ConstRows x,
                        const ops::InputTransform& input, Rows y, Arena& arena) override {
    static_cast<const PackedConvTranspose1d&>(weights).run(context_, x, input, y, arena);
  }

  void depthwise_upsample2(std::span<const float> weight, std::span<const float> bias, ConstRows x,
                           const ops::InputTransform& input, Rows y) override {
    assert(y.rows == 2 * x.rows && y.channels == x.channels);
    constexpr size_t kRows = 32;
    pool_.parallel_for((x.rows + kRows - 1) / kRows, [&](size_t task, unsigned) {
      const size_t end = std::min(x.rows, (task + 1) * kRows);
      for (size_t t = task * kRows; t < end; ++t) {
        float* even = y.row(2 * t);
        float* odd = y.row(2 * t + 1);
        context_.vector.transform_row(input, x.row(t), x.channels, even);
        if (t + 1 < x.rows) {
          context_.vector.transform_row(input, x.row(t + 1), x.channels, odd);
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
    run_channel_moments(context_, x, moments, arena);
  }

  void layer_norm(ConstRows x, std::span<const float> scale, std::span<const float> shift,
                  float epsilon, ops::Activation activation, float slope, Rows y) override {
    constexpr size_t kRows = 32;
    pool_.parallel_for((x.rows + kRows - 1) / kRows, [&](size_t task, unsigned) {
      const size_t end = std::min(x.rows, (task + 1) * kRows);
      for (size_t t = task * kRows; t < end; ++t) {
        context_.vector.layer_norm_row(x.row(t), scale.data(), shift.data(), x.channels, epsilon,
                                       activation, slope, y.row(t));
      }
    });
  }

  void attention(ConstRows q, ConstRows k, ConstRows v, size_t heads, Rows y,
                 Arena& arena) override {
    run_attention(context_, q, k, v, heads, y, arena);
  }

  Prepared prepare_bilstm(size_t input_channels, size_t hidden, const ops::LstmDirection& forward,
                          const ops::LstmDirection& backward, ops::Precision precision) override {
    return std::make_unique<PackedBiLstm>(input_channels, hidden, forward, backward, precision);
  }

  void bilstm(const PreparedWeights& weights, ConstRows x, Rows y, Arena& arena) override {
    static_cast<const PackedBiLstm&>(weights).run(context_, x, y, arena);
  }

  void repeat_rows(ConstRows x, std::span<const int> counts, Rows y) override {
    size_t out = 0;
    for (size_t t = 0; t < x.rows; ++t) {
      for (int i = 0; i < counts[t]; ++i) std::copy_n(x.row(t), x.channels, y.row(out++));
    }
    assert(out == y.rows);
  }

  void sine_source(const ops::SineSourceSpec& spec, std::span<const float> f0_hz,
                   std::span<float> samples, Arena& arena) override {
    run_sine_source(context_, spec, f0_hz, samples, arena);
  }

  void stft(std::span<const float> samples, size_t fft_size, size_t hop, Rows y) override {
    run_stft(context_, samples, fft_size, hop, y);
  }

  void inverse_stft_head(ConstRows x, size_t fft_size, size_t hop, std::span<float> samples,
                         Arena& arena) override {
    run_inverse_stft_head(context_, x, fft_size, hop, samples, arena);
  }

 private:
  Isa isa_;
  ThreadPool pool_;
  Context context_;
};

}  // namespace

std::unique_ptr<ops::Backend> make_cpu_backend(unsigned threads, std::string_view isa) {
  return std::make_unique<CpuBackend>(threads, choose_isa(isa));
}

CpuBackendInfo cpu_backend_info(std::string_view isa) {
  const Isa chosen = choose_isa(isa);
  return {isa_name(chosen), has_int8_dot(chosen)};
}

}  // namespace myna::backend
