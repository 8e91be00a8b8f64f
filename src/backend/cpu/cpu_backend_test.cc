// Every operation of the CPU backend against backend/ref, on every instruction set of this machine,
// with one thread and with three. Tolerances stand in one table.
#include "backend/cpu/cpu_backend.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>

#include "backend/cpu/isa.h"
#include "backend/ref/ref_backend.h"

namespace myna::backend {
namespace {

using namespace ops;

// Largest |difference| relative to the largest |reference value|.
constexpr double kFloatTolerance = 2e-6;      // one product sum in float against double
constexpr double kRecurrentTolerance = 2e-5;  // errors travel through the LSTM's steps
constexpr double kBfloat16Tolerance = 1e-2;   // 8 bits of mantissa in inputs and weights
constexpr double kInt8Tolerance = 2e-2;       // activations in 8 bits: 1/255 of a tile's range each
constexpr double kSpectrumTolerance = 1e-5;
constexpr double kMomentTolerance = 2e-5;  // a mean of 100 in float, seen from its distance to 100

struct Data {
  explicit Data(size_t rows, size_t channels, unsigned seed, float scale = 1.0f)
      : values(rows * channels), view{values.data(), rows, channels, channels} {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0.0f, scale);
    for (float& value : values) value = normal(random);
  }
  std::vector<float> values;
  Rows view;
};

double relative_error(std::span<const float> found, std::span<const float> expected) {
  double worst = 0, largest = 1e-30;
  for (size_t i = 0; i < expected.size(); ++i) {
    if (!std::isfinite(found[i])) return INFINITY;
    worst = std::max(worst, std::abs(static_cast<double>(found[i]) - expected[i]));
    largest = std::max(largest, std::abs(static_cast<double>(expected[i])));
  }
  return worst / largest;
}

class CpuBackendTest : public ::testing::TestWithParam<cpu::Isa> {
 protected:
  void SetUp() override {
    for (unsigned threads : {1u, 3u}) {
      backends_.push_back(make_cpu_backend(threads, cpu::isa_name(GetParam())));
    }
    reference_ = make_ref_backend();
  }

  // Runs body(backend, output) on ref and each CPU backend and compares; the CPU backends must
  // agree to the last bit whatever their number of threads.
  template <typename Body>
  void compare(size_t output_size, double tolerance, const Body& body) {
    std::vector<float> expected(output_size, 7.0f);
    body(*reference_, expected.data());
    std::vector<float> first;
    for (const auto& backend : backends_) {
      std::vector<float> found(output_size, 9.0f);
      body(*backend, found.data());
      EXPECT_LE(relative_error(found, expected), tolerance) << backend->description();
      if (first.empty()) first = found;
      EXPECT_EQ(first, found) << "not the same with more threads";
    }
  }

  std::vector<std::unique_ptr<Backend>> backends_;
  std::unique_ptr<Backend> reference_;
  Arena arena_;
};

struct ConvCase {
  Conv1dSpec spec;
  size_t rows;
  Activation activation;
};

std::vector<ConvCase> conv_cases() {
  return {
      {{64, 64, 3, 1, 1, 1}, 50, Activation::kSnake},
      {{128, 128, 11, 1, 5, 25}, 401, Activation::kSnake},
      {{32, 40, 7, 1, 3, 9}, 26, Activation::kLeakyRelu},
      {{64, 64, 11, 1, 3, 15}, 1203, Activation::kSnake},  // more than one tile of time
      {{48, 64, 4, 1, 2, 3}, 300, Activation::kNone},      // wider than the kernel: rows of zeros
      {{22, 33, 12, 6, 1, 3}, 121, Activation::kNone},
      {{1, 1, 3, 2, 1, 1}, 31, Activation::kNone},
      {{109, 70, 1, 1, 1, 0}, 37, Activation::kNone},
      {{96, 22, 7, 1, 1, 3}, 1, Activation::kGeluTanh},
      {{30, 130, 5, 1, 1, 2}, 13, Activation::kLeakyRelu},
  };
}

TEST_P(CpuBackendTest, Conv1dWithItsTransforms) {
  for (const ConvCase& c : conv_cases()) {
    SCOPED_TRACE(testing::Message() << c.spec.in_channels << "->" << c.spec.out_channels << " k"
                                    << c.spec.kernel << " rows " << c.rows);
    const size_t in = c.spec.in_channels, out = c.spec.out_channels;
    const Data x(c.rows, in, 1), weight(out, in * c.spec.kernel, 2, 0.1f), bias(1, out, 3);
    const Data scale(1, in, 4), shift(1, in, 5), residual(c.spec.output_rows(c.rows), out, 6);
    const Data addend(c.spec.output_rows(c.rows), out, 7);
    std::vector<float> alpha(in);
    for (size_t i = 0; i < in; ++i) alpha[i] = 0.3f + 0.05f * static_cast<float>(i % 50);
    const size_t rows = c.spec.output_rows(c.rows);
    compare(rows * out + 2 * out, kFloatTolerance * 4, [&](Backend& backend, float* y) {
      const auto prepared =
          backend.prepare_conv1d(c.spec, {weight.values, {}, {}}, bias.values, Precision::kFloat32);
      InputTransform input{
          {scale.values.data(), shift.values.data()}, c.activation, 0.2f, alpha.data()};
      OutputTransform output;
      output.residual = residual.view;
      output.addend = addend.view;
      output.scale = 0.7f;
      output.moments = {y + rows * out, y + rows * out + out};
      backend.conv1d(*prepared, x.view, input, output, {y, rows, out, out}, arena_);
    });
  }
}

TEST_P(CpuBackendTest, Int8Conv1dStaysCloseToFloat) {
  for (const ConvCase& c : conv_cases()) {
    if (c.spec.in_channels == 1) continue;  // nothing to average the rounding of 8 bits over
    SCOPED_TRACE(testing::Message() << c.spec.in_channels << "->" << c.spec.out_channels << " k"
                                    << c.spec.kernel << " rows " << c.rows);
    const size_t in = c.spec.in_channels, out = c.spec.out_channels;
    const Data x(c.rows, in, 1), bias(1, out, 3);
    std::vector<int8_t> weight(out * in * c.spec.kernel);
    std::mt19937 random(2);
    for (int8_t& w : weight) w = static_cast<int8_t>(static_cast<int>(random() % 255) - 127);
    std::vector<float> scales(out), alpha(in, 1.3f);
    for (size_t o = 0; o < out; ++o) scales[o] = 1e-3f * static_cast<float>(1 + o % 3);
    const size_t rows = c.spec.output_rows(c.rows);
    compare(rows * out, kInt8Tolerance, [&](Backend& backend, float* y) {
      const auto prepared =
          backend.prepare_conv1d(c.spec, {{}, weight, scales}, bias.values, Precision::kInt8);
      InputTransform input;
      input.activation = c.activation;
      input.slope = 0.2f;
      input.alpha = alpha.data();
      backend.conv1d(*prepared, x.view, input, {}, {y, rows, out, out}, arena_);
    });
  }
}

TEST_P(CpuBackendTest, Bfloat16Conv1dStaysCloseToFloat) {
  for (const ConvCase& c : conv_cases()) {
    SCOPED_TRACE(testing::Message() << c.spec.in_channels << "->" << c.spec.out_channels << " k"
                                    << c.spec.kernel << " rows " << c.rows);
    const size_t in = c.spec.in_channels, out = c.spec.out_channels;
    const Data x(c.rows, in, 1), weight(out, in * c.spec.kernel, 2, 0.1f), bias(1, out, 3);
    const std::vector<float> alpha(in, 1.3f);
    const size_t rows = c.spec.output_rows(c.rows);
    compare(rows * out, kBfloat16Tolerance, [&](Backend& backend, float* y) {
      const auto prepared = backend.prepare_conv1d(c.spec, {weight.values, {}, {}}, bias.values,
                                                   Precision::kBfloat16);
      InputTransform input;
      input.activation = c.activation;
      input.slope = 0.2f;
      input.alpha = alpha.data();
      backend.conv1d(*prepared, x.view, input, {}, {y, rows, out, out}, arena_);
    });
  }
}

TEST_P(CpuBackendTest, StridedViewsAndAccumulation) {
  const Data x(40, 24, 1), weight(16, 24 * 3, 2, 0.1f);
  const Conv1dSpec spec{16, 16, 3, 1, 1, 1};
  const Data narrow(16, 16 * 3, 2, 0.1f);
  compare(40 * 48, kFloatTolerance, [&](Backend& backend, float* y) {
    std::fill_n(y, 40 * 48, 0.5f);
    const auto prepared =
        backend.prepare_conv1d(spec, {narrow.values, {}, {}}, {}, Precision::kFloat32);
    const Rows wide{y, 40, 48, 48};
    OutputTransform output;
    output.residual = wide.columns(16, 16);
    backend.conv1d(*prepared, x.view.columns(4, 16), {}, output, wide.columns(16, 16), arena_);
  });
}

TEST_P(CpuBackendTest, ResidualAtHalfTheRate) {
  const Data x(20, 8, 1), weight(8, 8, 2), residual(10, 8, 3);
  compare(20 * 8, kFloatTolerance, [&](Backend& backend, float* y) {
    const auto prepared = backend.prepare_conv1d({8, 8, 1, 1, 1, 0}, {weight.values, {}, {}}, {},
                                                 Precision::kFloat32);
    OutputTransform output;
    output.residual = residual.view;
    output.residual_rows_divisor = 2;
    backend.conv1d(*prepared, x.view, {}, output, {y, 20, 8, 8}, arena_);
  });
}

TEST_P(CpuBackendTest, ConvTranspose1d) {
  for (const ConvTranspose1dSpec& spec :
       {ConvTranspose1dSpec{24, 40, 20, 10, 5}, ConvTranspose1dSpec{40, 16, 12, 6, 3},
        ConvTranspose1dSpec{5, 7, 5, 2, 1}}) {
    for (size_t rows : {size_t{1}, size_t{2}, size_t{37}}) {
      const Data x(rows, spec.in_channels, 1);
      const Data weight(spec.in_channels, spec.out_channels * spec.kernel, 2, 0.1f);
      const Data bias(1, spec.out_channels, 3);
      const size_t out_rows = spec.output_rows(rows);
      compare(out_rows * spec.out_channels, kFloatTolerance, [&](Backend& backend, float* y) {
        const auto prepared =
            backend.prepare_conv_transpose1d(spec, {weight.values, {}, {}}, bias.values);
        InputTransform input;
        input.activation = Activation::kLeakyRelu;
        input.slope = 0.1f;
        backend.conv_transpose1d(*prepared, x.view, input,
                                 {y, out_rows, spec.out_channels, spec.out_channels}, arena_);
      });
    }
  }
}

TEST_P(CpuBackendTest, DepthwiseUpsampleMomentsAndRepeat) {
  const Data x(70, 109, 1), weight(109, 3, 2), bias(1, 109, 3), scale(1, 109, 4), shift(1, 109, 5);
  const InputTransform input{
      {scale.values.data(), shift.values.data()}, Activation::kLeakyRelu, 0.2f, nullptr};
  compare(140 * 109, kFloatTolerance, [&](Backend& backend, float* y) {
    backend.depthwise_upsample2(weight.values, bias.values, x.view, input, {y, 140, 109, 109},
                                arena_);
  });
  // A large offset: moments must not cancel.
  Data far(300, 109, 6);
  for (float& value : far.values) value += 100.0f;
  compare(2 * 109, kMomentTolerance, [&](Backend& backend, float* y) {
    backend.channel_moments(far.view, {y, y + 109}, arena_);
    for (size_t c = 0; c < 109; ++c) y[c] -= 100.0f;
  });
  const std::vector<int> counts = {2, 0, 3};
  compare(5 * 109, 0, [&](Backend& backend, float* y) {
    backend.repeat_rows(x.view.first_rows(3), counts, {y, 5, 109, 109}, arena_);
  });
}

TEST_P(CpuBackendTest, LayerNorm) {
  const Data x(33, 133, 1), scale(1, 133, 2), shift(1, 133, 3);
  compare(33 * 133, kFloatTolerance, [&](Backend& backend, float* y) {
    backend.layer_norm(x.view, {scale.values.data(), shift.values.data()}, 1e-5f,
                       Activation::kLeakyRelu, 0.2f, {y, 33, 133, 133}, arena_);
  });
}

TEST_P(CpuBackendTest, Attention) {
  for (size_t rows : {size_t{1}, size_t{13}, size_t{75}}) {
    const Data q(rows, 96, 1), k(rows, 96, 2), v(rows, 96, 3);
    compare(rows * 96, kFloatTolerance, [&](Backend& backend, float* y) {
      backend.attention(q.view, k.view, v.view, 2, {y, rows, 96, 96}, arena_);
    });
  }
}

TEST_P(CpuBackendTest, BiLstm) {
  const size_t input = 40, hidden = 32;
  const Data x(60, input, 1);
  const Data wi(4 * hidden, input, 2, 0.2f), wh(4 * hidden, hidden, 3, 0.2f);
  const Data bi(1, 4 * hidden, 4), bh(1, 4 * hidden, 5), wj(4 * hidden, input, 6, 0.2f);
  compare(60 * 2 * hidden, kRecurrentTolerance, [&](Backend& backend, float* y) {
    const LstmDirection forward{{wi.values, {}, {}}, {wh.values, {}, {}}, bi.values, bh.values};
    const LstmDirection backward{{wj.values, {}, {}}, {wh.values, {}, {}}, bh.values, bi.values};
    const auto prepared =
        backend.prepare_bilstm(input, hidden, forward, backward, Precision::kFloat32);
    backend.bilstm(*prepared, x.view, {y, 60, 2 * hidden, 2 * hidden}, arena_);
  });
}

TEST_P(CpuBackendTest, SineSource) {
  std::vector<float> f0(400);
  for (size_t i = 0; i < f0.size(); ++i) {
    f0[i] = i % 50 < 10 ? 0.0f : 120.0f + 60.0f * std::sin(static_cast<float>(i) * 0.1f);
  }
  const std::vector<float> mix = {0.5f, -0.3f, 0.2f, 0.1f, 0.05f, -0.2f, 0.1f, 0.3f, -0.1f};
  const std::vector<std::pair<float, float>> noises = {
      {0.0f, 0.0f}, {0.003f, 0.0f}, {0.0f, 0.4f}, {0.003f, 1.0f}};
  for (const auto& [noise, whisper] : noises) {
    SineSourceSpec spec;
    spec.mix_weight = mix;
    spec.mix_bias = -0.03f;
    spec.noise_deviation = noise;
    const SourceVariation variation{42, whisper};
    compare(400 * 300, 1e-5, [&](Backend& backend, float* y) {
      backend.sine_source(spec, {&variation, 1}, {f0.data(), f0.size(), 1, 1}, {y, 400 * 300, 1, 1},
                          arena_);
    });
  }
}

TEST_P(CpuBackendTest, StftAndItsInverse) {
  Data signal(1, 3000, 1, 0.1f);
  compare(601 * 22, kSpectrumTolerance, [&](Backend& backend, float* y) {
    backend.stft({signal.values.data(), 3000, 1, 1}, 20, 5, {y, 601, 22, 22}, arena_);
    // Angles next to the cut at +-pi compare by their sines and cosines.
    for (size_t t = 0; t < 601; ++t) {
      for (size_t k = 0; k < 11; ++k) {
        float* bin = y + t * 22 + k;
        const float magnitude = bin[0], angle = bin[11];
        bin[0] = magnitude * std::cos(angle);
        bin[11] = magnitude * std::sin(angle);
      }
    }
  });
  const Data spectrum(200, 22, 2);
  compare(199 * 5, kSpectrumTolerance, [&](Backend& backend, float* y) {
    backend.inverse_stft_head(spectrum.view, 20, 5, {y, 199 * 5, 1, 1}, arena_);
  });
}

INSTANTIATE_TEST_SUITE_P(EveryIsa, CpuBackendTest, ::testing::ValuesIn(cpu::supported_isas()),
                         [](const auto& test) { return std::string(cpu::isa_name(test.param)); });

}  // namespace
}  // namespace myna::backend
