#include "backend/ref/ref_backend.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

#include "backend/ref/ref_ops.h"

namespace myna::backend {
namespace ref {

float activate(ops::Activation activation, float slope, float alpha, float value) {
  switch (activation) {
    case ops::Activation::kNone:
      return value;
    case ops::Activation::kLeakyRelu:
      return value >= 0 ? value : slope * value;
    case ops::Activation::kSnake: {
      const float sine = std::sin(alpha * value);
      return value + sine * sine / alpha;
    }
    case ops::Activation::kGeluTanh: {
      const double x = value;
      return static_cast<float>(0.5 * x *
                                (1.0 + std::tanh(0.7978845608028654 * (x + 0.044715 * x * x * x))));
    }
  }
  return value;
}

float transform_input(const ops::InputTransform& transform, float value, size_t channel) {
  const float scale = transform.scale != nullptr ? transform.scale[channel] : 1.0f;
  const float shift = transform.shift != nullptr ? transform.shift[channel] : 0.0f;
  const float alpha = transform.alpha != nullptr ? transform.alpha[channel] : 1.0f;
  return activate(transform.activation, transform.slope, alpha, scale * value + shift);
}

}  // namespace ref

namespace {

using namespace ops;

struct RefConv1d final : PreparedWeights {
  Conv1dSpec spec;
  std::vector<float> weight;  // [out, in, kernel]
  std::vector<float> bias;    // [out]
};

struct RefConvTranspose1d final : PreparedWeights {
  ConvTranspose1dSpec spec;
  std::vector<float> weight;  // [in, out, kernel]
  std::vector<float> bias;    // [out]
};

struct RefBiLstm final : PreparedWeights {
  ref::LstmWeights forward;
  ref::LstmWeights backward;
};

std::vector<float> bias_or_zero(std::span<const float> bias, size_t channels) {
  assert(bias.empty() || bias.size() == channels);
  std::vector<float> result(channels, 0.0f);
  std::copy(bias.begin(), bias.end(), result.begin());
  return result;
}

class RefBackend final : public Backend {
 public:
  std::string description() const override { return "ref"; }

  Prepared prepare_conv1d(const Conv1dSpec& spec, const WeightView& weight,
                          std::span<const float> bias, Precision) override {
    auto conv = std::make_unique<RefConv1d>();
    conv->spec = spec;
    const size_t per_output = spec.in_channels * spec.kernel;
    assert(weight.size() == spec.out_channels * per_output);
    conv->weight.resize(weight.size());
    for (size_t i = 0; i < weight.size(); ++i) conv->weight[i] = weight.at(i, i / per_output);
    conv->bias = bias_or_zero(bias, spec.out_channels);
    return conv;
  }

  void conv1d(const PreparedWeights& weights, ConstRows x, const InputTransform& input,
              const OutputTransform& output, Rows y, Arena& arena) override {
    const auto& conv = static_cast<const RefConv1d&>(weights);
    const Conv1dSpec& spec = conv.spec;
    assert(x.channels == spec.in_channels && y.channels == spec.out_channels);
    assert(y.rows == spec.output_rows(x.rows));
    std::vector<float> transformed(x.rows * x.channels);
    for (size_t i = 0; i < transformed.size(); ++i) {
      const size_t channel = i % x.channels;
      transformed[i] = ref::transform_input(input, x.row(i / x.channels)[channel], channel);
    }
    for (size_t t = 0; t < y.rows; ++t) {
      for (size_t o = 0; o < spec.out_channels; ++o) {
        double sum = conv.bias[o];
        for (size_t j = 0; j < spec.kernel; ++j) {
          const ptrdiff_t row = static_cast<ptrdiff_t>(t * spec.stride + j * spec.dilation) -
                                static_cast<ptrdiff_t>(spec.padding);
          if (row < 0 || row >= static_cast<ptrdiff_t>(x.rows)) continue;
          const float* values = transformed.data() + static_cast<size_t>(row) * x.channels;
          for (size_t i = 0; i < spec.in_channels; ++i) {
            const double weight = conv.weight[(o * spec.in_channels + i) * spec.kernel + j];
            sum += weight * values[i];
          }
        }
        if (output.residual.data != nullptr) {
          sum += output.residual.row(t / output.residual_rows_divisor)[o];
        }
        if (output.addend.data != nullptr) sum += output.addend.row(t)[o];
        y.row(t)[o] = ref::activate(output.activation, output.slope, 1.0f,
                                    static_cast<float>(sum) * output.scale);
      }
    }
    if (output.moments.mean != nullptr) channel_moments(y, output.moments, arena);
  }

  Prepared prepare_conv_transpose1d(const ConvTranspose1dSpec& spec, const WeightView& weight,
                                    std::span<const float> bias) override {
    auto conv = std::make_unique<RefConvTranspose1d>();
    conv->spec = spec;
    assert(weight.size() == spec.in_channels * spec.out_channels * spec.kernel);
    conv->weight.resize(weight.size());
    for (size_t i = 0; i < weight.size(); ++i) {
      conv->weight[i] = weight.at(i, i / spec.kernel % spec.out_channels);
    }
    conv->bias = bias_or_zero(bias, spec.out_channels);
    return conv;
  }

  void conv_transpose1d(const PreparedWeights& weights, ConstRows x, const InputTransform& input,
                        Rows y, Arena&) override {
    const auto& conv = static_cast<const RefConvTranspose1d&>(weights);
    const ConvTranspose1dSpec& spec = conv.spec;
    assert(y.rows == spec.output_rows(x.rows));
    std::vector<double> sums(y.rows * spec.out_channels);
    for (size_t i = 0; i < sums.size(); ++i) sums[i] = conv.bias[i % spec.out_channels];
    for (size_t t = 0; t < x.rows; ++t) {
      for (size_t i = 0; i < spec.in_channels; ++i) {
        const double value = ref::transform_input(input, x.row(t)[i], i);
        for (size_t j = 0; j < spec.kernel; ++j) {
          const ptrdiff_t row =
              static_cast<ptrdiff_t>(t * spec.stride + j) - static_cast<ptrdiff_t>(spec.padding);
          if (row < 0 || row >= static_cast<ptrdiff_t>(y.rows)) continue;
          for (size_t o = 0; o < spec.out_channels; ++o) {
            sums[static_cast<size_t>(row) * spec.out_channels + o] +=
                value * conv.weight[(i * spec.out_channels + o) * spec.kernel + j];
          }
        }
      }
    }
    for (size_t t = 0; t < y.rows; ++t) {
      for (size_t o = 0; o < spec.out_channels; ++o) {
        y.row(t)[o] = static_cast<float>(sums[t * spec.out_channels + o]);
      }
    }
  }

  void depthwise_upsample2(std::span<const float> weight, std::span<const float> bias, ConstRows x,
                           const InputTransform& input, Rows y) override {
    assert(y.rows == 2 * x.rows && y.channels == x.channels);
    for (size_t t = 0; t < x.rows; ++t) {
      for (size_t c = 0; c < x.channels; ++c) {
        const float* w = weight.data() + 3 * c;
        const float here = ref::transform_input(input, x.row(t)[c], c);
        const float next = t + 1 < x.rows ? ref::transform_input(input, x.row(t + 1)[c], c) : 0.0f;
        y.row(2 * t)[c] = w[1] * here + bias[c];
        y.row(2 * t + 1)[c] = w[2] * here + w[0] * next + bias[c];
      }
    }
  }

  void channel_moments(ConstRows x, ChannelMoments moments, Arena&) override {
    for (size_t c = 0; c < x.channels; ++c) {
      double sum = 0;
      for (size_t t = 0; t < x.rows; ++t) sum += x.row(t)[c];
      const double mean = sum / static_cast<double>(x.rows);
      double squares = 0;
      for (size_t t = 0; t < x.rows; ++t) squares += (x.row(t)[c] - mean) * (x.row(t)[c] - mean);
      moments.mean[c] = static_cast<float>(mean);
      moments.variance[c] = static_cast<float>(squares / static_cast<double>(x.rows));
    }
  }

  void layer_norm(ConstRows x, std::span<const float> scale, std::span<const float> shift,
                  float epsilon, Activation activation, float slope, Rows y) override {
    for (size_t t = 0; t < x.rows; ++t) {
      double sum = 0;
      for (size_t c = 0; c < x.channels; ++c) sum += x.row(t)[c];
      const double mean = sum / static_cast<double>(x.channels);
      double squares = 0;
      for (size_t c = 0; c < x.channels; ++c) {
        squares += (x.row(t)[c] - mean) * (x.row(t)[c] - mean);
      }
      const double inverse = 1.0 / std::sqrt(squares / static_cast<double>(x.channels) + epsilon);
      for (size_t c = 0; c < x.channels; ++c) {
        const auto normalized = static_cast<float>((x.row(t)[c] - mean) * inverse);
        y.row(t)[c] = ref::activate(activation, slope, 1.0f, scale[c] * normalized + shift[c]);
      }
    }
  }

  void attention(ConstRows q, ConstRows k, ConstRows v, size_t heads, Rows y, Arena&) override {
    ref::attention(q, k, v, heads, y);
  }

  Prepared prepare_bilstm(size_t input_channels, size_t hidden, const LstmDirection& forward,
                          const LstmDirection& backward, Precision) override {
    auto lstm = std::make_unique<RefBiLstm>();
    lstm->forward = ref::make_lstm(input_channels, hidden, forward);
    lstm->backward = ref::make_lstm(input_channels, hidden, backward);
    return lstm;
  }

  void bilstm(const PreparedWeights& weights, ConstRows x, Rows y, Arena&) override {
    const auto& lstm = static_cast<const RefBiLstm&>(weights);
    const size_t hidden = lstm.forward.hidden;
    ref::lstm(lstm.forward, x, ref::Direction::kForward, y.columns(0, hidden));
    ref::lstm(lstm.backward, x, ref::Direction::kBackward, y.columns(hidden, hidden));
  }

  void repeat_rows(ConstRows x, std::span<const int> counts, Rows y) override {
    size_t out = 0;
    for (size_t t = 0; t < x.rows; ++t) {
      for (int i = 0; i < counts[t]; ++i) {
        std::copy_n(x.row(t), x.channels, y.row(out++));
      }
    }
    assert(out == y.rows);
  }

  void sine_source(const SineSourceSpec& spec, std::span<const float> f0_hz,
                   std::span<float> samples, Arena&) override {
    ref::sine_source(spec, f0_hz, samples);
  }

  void stft(std::span<const float> samples, size_t fft_size, size_t hop, Rows y) override {
    ref::stft(samples, fft_size, hop, y);
  }

  void inverse_stft_head(ConstRows x, size_t fft_size, size_t hop, std::span<float> samples,
                         Arena&) override {
    ref::inverse_stft_head(x, fft_size, hop, samples);
  }
};

}  // namespace

std::unique_ptr<ops::Backend> make_ref_backend() { return std::make_unique<RefBackend>(); }

}  // namespace myna::backend
