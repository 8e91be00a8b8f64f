#include "backend/ref/ref_backend.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

#include "backend/ref/ref_ops.h"
#include "ops/row_layout.h"

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
  const ops::ChannelAffine& affine = transform.affine;
  const float scale = affine.scale != nullptr ? affine.scale[channel] : 1.0f;
  const float shift = affine.shift != nullptr ? affine.shift[channel] : 0.0f;
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

struct RefConvNext final : PreparedWeights {
  ref::ConvNextStack stack;
};

struct RefTable final : PreparedWeights {
  std::vector<float> values;
  size_t channels;
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
              const OutputTransform& output, Rows y, Arena&) override {
    const auto& conv = static_cast<const RefConv1d&>(weights);
    for_each_item(x, y, [&](ConstRows item_x, Rows item_y, size_t item) {
      conv_item(conv, item_x, item_of(input, item), item_of(output, item, y.channels), item_y);
    });
  }

  void conv_item(const RefConv1d& conv, ConstRows x, const InputTransform& input,
                 const OutputTransform& output, Rows y) {
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
    if (output.moments.mean != nullptr) moments_of_item(y, output.moments);
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
    for_each_item(x, y, [&](ConstRows item_x, Rows item_y, size_t item) {
      transpose_item(conv, item_x, item_of(input, item), item_y);
    });
  }

  void transpose_item(const RefConvTranspose1d& conv, ConstRows x, const InputTransform& input,
                      Rows y) {
    const ConvTranspose1dSpec& spec = conv.spec;
    assert(y.rows == spec.output_rows(x.rows));
    const size_t leading = spec.leading_reflection;
    std::vector<double> sums(y.rows * spec.out_channels);
    for (size_t i = 0; i < sums.size(); ++i) sums[i] = conv.bias[i % spec.out_channels];
    for (size_t t = 0; t < x.rows; ++t) {
      for (size_t i = 0; i < spec.in_channels; ++i) {
        const double value = ref::transform_input(input, x.row(t)[i], i);
        for (size_t j = 0; j < spec.kernel; ++j) {
          const ptrdiff_t row = static_cast<ptrdiff_t>(t * spec.stride + j + leading) -
                                static_cast<ptrdiff_t>(spec.padding);
          if (row < static_cast<ptrdiff_t>(leading) || row >= static_cast<ptrdiff_t>(y.rows)) {
            continue;
          }
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
    // Row -1 is row 1.
    if (leading == 1) std::copy_n(y.row(2), y.channels, y.row(0));
  }

  void depthwise_upsample2(std::span<const float> weight, std::span<const float> bias,
                           ConstRows batch, const InputTransform& transform, Rows out,
                           Arena&) override {
    for_each_item(batch, out, [&](ConstRows x, Rows y, size_t item) {
      upsample_item(weight, bias, x, item_of(transform, item), y);
    });
  }

  void upsample_item(std::span<const float> weight, std::span<const float> bias, ConstRows x,
                     const InputTransform& input, Rows y) {
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
    for (size_t i = 0; i < item_count(x); ++i) {
      moments_of_item(item_of(x, i), item_of(moments, i, x.channels));
    }
  }

  void adaptive_affine(const PreparedWeights& projection, ConstRows style, ChannelMoments moments,
                       float epsilon, Rows affine, Arena& arena) override {
    conv1d(projection, style, {}, {}, affine, arena);
    const size_t channels = affine.channels / 2;
    for (size_t i = 0; i < affine.rows; ++i) {
      float* scale = affine.row(i);
      float* shift = scale + channels;
      const ChannelMoments own = item_of(moments, i, channels);
      for (size_t c = 0; c < channels; ++c) {
        scale[c] += 1.0f;
        if (own.mean == nullptr) continue;
        scale[c] /= std::sqrt(own.variance[c] + epsilon);
        shift[c] -= own.mean[c] * scale[c];
      }
    }
  }

  void moments_of_item(ConstRows x, ChannelMoments moments) {
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

  void layer_norm(ConstRows x, ChannelAffine affine, float epsilon, Activation activation,
                  float slope, Rows y, Arena&) override {
    for_each_item(x, y, [&](ConstRows item_x, Rows item_y, size_t item) {
      norm_item(item_x, item_of(affine, item), epsilon, activation, slope, item_y);
    });
  }

  void norm_item(ConstRows x, ChannelAffine affine, float epsilon, Activation activation,
                 float slope, Rows y) {
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
        y.row(t)[c] =
            ref::activate(activation, slope, 1.0f, affine.scale[c] * normalized + affine.shift[c]);
      }
    }
  }

  void attention(ConstRows q, ConstRows k, ConstRows v, size_t heads, Rows y, Arena&) override {
    for_each_item(q, y, [&](ConstRows item_q, Rows item_y, size_t item) {
      ref::attention(item_q, item_of(k, item), item_of(v, item), heads, item_y);
    });
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
    for_each_item(x, y, [&](ConstRows item_x, Rows item_y, size_t) {
      ref::lstm(lstm.forward, item_x, ref::Direction::kForward, item_y.columns(0, hidden));
      ref::lstm(lstm.backward, item_x, ref::Direction::kBackward, item_y.columns(hidden, hidden));
    });
  }

  Prepared prepare_table(std::span<const float> values, size_t channels) override {
    auto table = std::make_unique<RefTable>();
    table->values.assign(values.begin(), values.end());
    table->channels = channels;
    return table;
  }

  void embed(const PreparedWeights& table, const PreparedWeights* positions,
             std::span<const int> indices, Rows y, Arena&) override {
    const auto& words = static_cast<const RefTable&>(table);
    assert(indices.size() == y.rows && words.channels == y.channels);
    size_t at = 0;
    for (size_t i = 0; i < item_count(y); ++i) {
      for (size_t t = 0; t < item_rows(y, i); ++t, ++at) {
        for (size_t c = 0; c < y.channels; ++c) {
          float value = words.values[static_cast<size_t>(indices[at]) * y.channels + c];
          if (positions != nullptr) {
            value += static_cast<const RefTable&>(*positions).values[t * y.channels + c];
          }
          y.row(at)[c] = value;
        }
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
      double sum = 0;
      for (size_t c = 0; c < x.channels; ++c) {
        sum += 1.0 / (1.0 + std::exp(-static_cast<double>(x.row(t)[c])));
      }
      y.row(t)[0] = static_cast<float>(sum);
    }
  }

  void repeat_rows(ConstRows x, std::span<const int> counts, Rows y, Arena&) override {
    size_t out = 0;
    for (size_t t = 0; t < x.rows; ++t) {
      for (int i = 0; i < counts[t]; ++i) {
        std::copy_n(x.row(t), x.channels, y.row(out++));
      }
    }
    assert(out == y.rows);
  }

  void sine_source(const SineSourceSpec& spec, std::span<const SourceVariation> variations,
                   ConstRows f0_hz, Rows samples, Arena&) override {
    for_each_item(f0_hz, samples, [&](ConstRows x, Rows y, size_t item) {
      ref::sine_source(spec, variations[item], {x.data, x.rows}, {y.data, y.rows});
    });
  }

  void stft(ConstRows samples, size_t fft_size, size_t hop, Rows y, Arena&) override {
    for_each_item(samples, y, [&](ConstRows item_x, Rows item_y, size_t) {
      ref::stft({item_x.data, item_x.rows}, fft_size, hop, item_y);
    });
  }

  void inverse_stft_head(ConstRows x, size_t fft_size, size_t hop, Rows samples, Arena&) override {
    for_each_item(x, samples, [&](ConstRows item_x, Rows item_y, size_t) {
      ref::inverse_stft_head(item_x, fft_size, hop, {item_y.data, item_y.rows});
    });
  }

  Prepared prepare_conv_next(const ConvNextSpec& spec, const ConvNextWeights& weights) override {
    auto prepared = std::make_unique<RefConvNext>();
    prepared->stack = ref::make_conv_next(spec, weights);
    return prepared;
  }

  void conv_next(const PreparedWeights& weights, ConstRows x, ConstRows film, Rows y,
                 Arena&) override {
    const auto& prepared = static_cast<const RefConvNext&>(weights);
    for_each_item(x, y, [&](ConstRows item_x, Rows item_y, size_t item) {
      ref::conv_next(prepared.stack, item_x, film.row(item), item_y);
    });
  }

  void source_filter(const SourceFilterSpec& spec,
                     std::span<const SourceFilterVariation> variations, ConstRows head,
                     ConstRows f0_hz, Rows samples, Arena&) override {
    for_each_item(head, samples, [&](ConstRows item_head, Rows item_samples, size_t item) {
      const ConstRows f0 = item_of(f0_hz, item);
      ref::source_filter(spec, variations[item], item_head, {f0.data, f0.rows},
                         {item_samples.data, item_samples.rows});
    });
  }
};

}  // namespace

std::unique_ptr<ops::Backend> make_ref_backend() { return std::make_unique<RefBackend>(); }

}  // namespace myna::backend
