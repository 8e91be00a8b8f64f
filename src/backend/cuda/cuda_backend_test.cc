// Every operation of the CUDA backend against backend/ref, for single items and for a batch of
// items of different lengths. One source, two programs: on the device (label cuda, skips where
// there is none), and on the emulation of its kernels on the CPU. Tolerances stand in one table.
#include "backend/cuda/cuda_backend.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>
#include <random>

#include "backend/ref/ref_backend.h"
#include "ops/row_layout.h"

namespace myna::backend {
namespace {

using namespace ops;

// Largest |difference| relative to the largest |reference value|.
constexpr double kFloatTolerance = 2e-5;      // sums in float, in another order
constexpr double kBfloat16Tolerance = 2e-2;   // inputs and weights rounded to 8 bits
constexpr double kRecurrentTolerance = 5e-5;  // errors travel through the steps
constexpr double kSourceTolerance = 2e-5;
constexpr double kSpectrumTolerance = 2e-5;
constexpr double kMomentTolerance = 1e-4;  // a mean of 100 in float, seen from its distance to 100

std::vector<float> random_values(size_t count, unsigned seed, float scale = 1.0f) {
  std::vector<float> values(count);
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0.0f, scale);
  for (float& value : values) value = normal(random);
  return values;
}

double relative_error(std::span<const float> found, std::span<const float> expected) {
  double worst = 0, largest = 1e-30;
  for (size_t i = 0; i < expected.size(); ++i) {
    if (!std::isfinite(found[i])) return INFINITY;
    worst = std::max(worst, std::abs(static_cast<double>(found[i]) - expected[i]));
    largest = std::max(largest, std::abs(static_cast<double>(expected[i])));
  }
  return worst / largest;
}

// A backend with an arena, and what tests need of both.
class Bench {
 public:
  explicit Bench(std::unique_ptr<Backend> made)
      : backend(std::move(made)), arena(backend->make_arena()) {}

  Rows rows(std::span<const size_t> counts, size_t channels) {
    if (counts.size() == 1) return arena->rows(counts[0], channels);
    layouts_.push_back(backend->make_layout(counts, *arena));
    return arena->rows(layouts_.back()->offsets.back(), channels, layouts_.back().get());
  }
  Rows random(std::span<const size_t> counts, size_t channels, unsigned seed, float scale = 1.0f) {
    const Rows y = rows(counts, channels);
    backend->upload(random_values(y.rows * channels, seed, scale), y, *arena);
    return y;
  }
  Rows filled(std::span<const size_t> counts, size_t channels, std::span<const float> values) {
    const Rows y = rows(counts, channels);
    backend->upload(values, y, *arena);
    return y;
  }
  std::vector<float> values(ConstRows x) {
    std::vector<float> result(x.rows * x.channels);
    backend->download(x, result, *arena);
    return result;
  }

  std::unique_ptr<Backend> backend;
  std::unique_ptr<Arena> arena;

 private:
  std::vector<std::unique_ptr<const RowLayout>> layouts_;
};

std::vector<size_t> mapped(std::span<const size_t> counts,
                           const std::function<size_t(size_t)>& map) {
  std::vector<size_t> result;
  for (size_t count : counts) result.push_back(map(count));
  return result;
}

const std::vector<std::vector<size_t>> kBatches = {{50}, {1}, {5, 140, 33, 1}};

class CudaBackendTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const CudaStatus status = cuda_status();
    if (!status.usable) GTEST_SKIP() << status.description;
    device_ = std::make_unique<Bench>(make_cuda_backend());
    reference_ = std::make_unique<Bench>(make_ref_backend());
  }

  // body(bench) gives the views to compare.
  void compare(double tolerance, const std::function<std::vector<Rows>(Bench&)>& body) {
    const std::vector<Rows> found = body(*device_);
    const std::vector<Rows> expected = body(*reference_);
    ASSERT_EQ(found.size(), expected.size());
    for (size_t i = 0; i < found.size(); ++i) {
      const std::vector<float> mine = device_->values(found[i]);
      EXPECT_LE(relative_error(mine, reference_->values(expected[i])), tolerance) << "result " << i;
    }
  }

  std::unique_ptr<Bench> device_, reference_;
};

struct ConvCase {
  Conv1dSpec spec;
  Activation activation;
};
const std::vector<ConvCase> kConvolutions = {
    {{64, 64, 3, 1, 1, 1}, Activation::kSnake},      {{128, 128, 11, 1, 5, 25}, Activation::kSnake},
    {{40, 136, 7, 1, 3, 9}, Activation::kLeakyRelu}, {{70, 22, 5, 1, 1, 2}, Activation::kNone},
    {{109, 200, 1, 1, 1, 0}, Activation::kGeluTanh},
};

std::vector<Rows> convolve(Bench& bench, const ConvCase& c, std::span<const size_t> batch,
                           Precision precision) {
  const size_t in = c.spec.in_channels, out = c.spec.out_channels, items = batch.size();
  const std::vector<float> weight = random_values(out * in * c.spec.kernel, 2, 0.1f);
  const std::vector<float> bias = random_values(out, 3);
  std::vector<float> alpha(in);
  for (size_t i = 0; i < in; ++i) alpha[i] = 0.3f + 0.05f * static_cast<float>(i % 50);
  const auto rows_of = [&](size_t rows) { return c.spec.output_rows(rows); };
  const std::vector<size_t> output_batch = mapped(batch, rows_of);
  const auto conv = bench.backend->prepare_conv1d(c.spec, {weight, {}, {}}, bias, precision);
  const Rows x = bench.random(batch, in, 1);
  const std::vector<size_t> affine_rows = {items};
  const Rows affine = bench.random(affine_rows, 2 * in, 4);
  InputTransform input{{affine.data, affine.data + in, affine.stride},
                       c.activation,
                       0.2f,
                       bench.backend->resident(alpha).data()};
  const Rows mean = bench.rows(affine_rows, out), variance = bench.rows(affine_rows, out);
  OutputTransform output;
  output.residual = bench.random(output_batch, out, 6);
  output.addend = bench.random(output_batch, out, 7);
  output.scale = 0.7f;
  output.moments = {mean.data, variance.data};
  // Beside other channels, as in a concatenation.
  const Rows y = bench.rows(output_batch, out + 3).columns(1, out);
  bench.backend->conv1d(*conv, x, input, output, y, *bench.arena);
  return {y, mean, variance};
}

TEST_F(CudaBackendTest, ConvolutionOnTensorCores) {
  for (const ConvCase& c : kConvolutions) {
    for (const std::vector<size_t>& batch : kBatches) {
      SCOPED_TRACE(testing::Message() << c.spec.in_channels << "->" << c.spec.out_channels << " k"
                                      << c.spec.kernel << ", " << batch.size() << " items");
      compare(kBfloat16Tolerance,
              [&](Bench& bench) { return convolve(bench, c, batch, Precision::kBfloat16); });
    }
  }
}

TEST_F(CudaBackendTest, ConvolutionInFloat) {
  std::vector<ConvCase> cases = kConvolutions;
  cases.push_back({{22, 33, 12, 6, 1, 3}, Activation::kNone});
  cases.push_back({{1, 1, 3, 2, 1, 1}, Activation::kNone});
  for (const ConvCase& c : cases) {
    for (std::vector<size_t> batch : kBatches) {
      for (size_t& rows : batch) rows *= c.spec.stride;  // at least one row of output
      SCOPED_TRACE(testing::Message() << c.spec.in_channels << "->" << c.spec.out_channels << " k"
                                      << c.spec.kernel << ", " << batch.size() << " items");
      compare(kFloatTolerance,
              [&](Bench& bench) { return convolve(bench, c, batch, Precision::kFloat32); });
    }
  }
}

TEST_F(CudaBackendTest, ResidualAtHalfTheRateAndInPlace) {
  const std::vector<size_t> batch = {6, 40}, half = {3, 20};
  compare(kBfloat16Tolerance, [&](Bench& bench) {
    const std::vector<float> weight = random_values(64 * 64, 2, 0.1f);
    const auto conv = bench.backend->prepare_conv1d({64, 64, 1, 1, 1, 0}, {weight, {}, {}}, {},
                                                    Precision::kBfloat16);
    const Rows y = bench.random(batch, 64, 5);
    OutputTransform output;
    output.residual = bench.random(half, 64, 3);
    output.residual_rows_divisor = 2;
    output.addend = y;
    output.activation = Activation::kLeakyRelu;
    output.slope = 0.1f;
    bench.backend->conv1d(*conv, bench.random(batch, 64, 1), {}, output, y, *bench.arena);
    return std::vector<Rows>{y};
  });
}

TEST_F(CudaBackendTest, TransposedConvolution) {
  for (const ConvTranspose1dSpec& spec :
       {ConvTranspose1dSpec{24, 40, 20, 10, 5, 0}, ConvTranspose1dSpec{72, 136, 12, 6, 3, 1},
        ConvTranspose1dSpec{5, 7, 5, 2, 1, 0}}) {
    for (const std::vector<size_t>& batch : kBatches) {
      compare(kBfloat16Tolerance, [&](Bench& bench) {
        const std::vector<float> weight =
            random_values(spec.in_channels * spec.out_channels * spec.kernel, 2, 0.1f);
        const std::vector<float> bias = random_values(spec.out_channels, 3);
        const auto conv = bench.backend->prepare_conv_transpose1d(spec, {weight, {}, {}}, bias);
        const Rows y = bench.rows(
            mapped(batch, [&](size_t rows) { return spec.output_rows(rows); }), spec.out_channels);
        InputTransform input;
        input.activation = Activation::kLeakyRelu;
        input.slope = 0.1f;
        bench.backend->conv_transpose1d(*conv, bench.random(batch, spec.in_channels, 1), input, y,
                                        *bench.arena);
        return std::vector<Rows>{y};
      });
    }
  }
}

TEST_F(CudaBackendTest, UpsamplingAndMoments) {
  const std::vector<size_t> batch = {70, 1, 300};
  compare(kFloatTolerance, [&](Bench& bench) {
    const Rows x = bench.random(batch, 109, 1);
    const std::vector<size_t> one_each = {batch.size()};
    const Rows affine = bench.random(one_each, 218, 4);
    const InputTransform input{
        {affine.data, affine.data + 109, affine.stride}, Activation::kLeakyRelu, 0.2f, nullptr};
    const Rows y = bench.rows(mapped(batch, [](size_t rows) { return 2 * rows; }), 109);
    const std::vector<float> weight = random_values(3 * 109, 2), bias = random_values(109, 3);
    bench.backend->depthwise_upsample2(bench.backend->resident(weight),
                                       bench.backend->resident(bias), x, input, y, *bench.arena);
    return std::vector<Rows>{y};
  });
  // A large offset: moments must not cancel.
  compare(kMomentTolerance, [&](Bench& bench) {
    std::vector<float> values = random_values(371 * 109, 6);
    for (float& value : values) value += 100.0f;
    const Rows x = bench.filled(batch, 109, values);
    const std::vector<size_t> one_each = {batch.size()};
    const Rows mean = bench.rows(one_each, 109), variance = bench.rows(one_each, 109);
    bench.backend->channel_moments(x, {mean.data, variance.data}, *bench.arena);
    return std::vector<Rows>{mean, variance};
  });
}

TEST_F(CudaBackendTest, AdaptiveAffineAndLayerNorm) {
  const std::vector<size_t> batch = {33, 7}, one_each = {2};
  for (bool with_moments : {false, true}) {
    compare(kFloatTolerance, [&](Bench& bench) {
      const std::vector<float> weight = random_values(2 * 133 * 128, 2, 0.1f);
      const std::vector<float> bias = random_values(2 * 133, 3);
      const auto projection = bench.backend->prepare_conv1d(
          {128, 2 * 133, 1, 1, 1, 0}, {weight, {}, {}}, bias, Precision::kFloat32);
      const Rows style = bench.random(one_each, 128, 4);
      const Rows mean = bench.random(one_each, 133, 5);
      std::vector<float> spread = random_values(2 * 133, 6);
      for (float& value : spread) value *= value;
      const Rows variance = bench.filled(one_each, 133, spread);
      const Rows affine = bench.rows(one_each, 2 * 133), y = bench.rows(batch, 133);
      const ChannelMoments moments =
          with_moments ? ChannelMoments{mean.data, variance.data} : ChannelMoments{};
      bench.backend->adaptive_affine(*projection, style, moments, 0.1f, affine, *bench.arena);
      bench.backend->layer_norm(bench.random(batch, 133, 1),
                                {affine.data, affine.data + 133, affine.stride}, 1e-5f,
                                Activation::kLeakyRelu, 0.2f, y, *bench.arena);
      return std::vector<Rows>{affine, y};
    });
  }
}

TEST_F(CudaBackendTest, Attention) {
  for (const std::vector<size_t>& batch :
       {std::vector<size_t>{1}, std::vector<size_t>{75}, std::vector<size_t>{13, 40}}) {
    compare(kFloatTolerance, [&](Bench& bench) {
      const Rows y = bench.rows(batch, 128);
      bench.backend->attention(bench.random(batch, 128, 1), bench.random(batch, 128, 2),
                               bench.random(batch, 128, 3), 2, y, *bench.arena);
      return std::vector<Rows>{y};
    });
  }
}

TEST_F(CudaBackendTest, BiLstm) {
  // The size that has its own kernel, and one that has not.
  for (size_t hidden : {size_t{256}, size_t{24}}) {
    const size_t input = 40;
    const std::vector<size_t> batch = {12, 1, 7};
    compare(kRecurrentTolerance, [&](Bench& bench) {
      const std::vector<float> wi = random_values(4 * hidden * input, 2, 0.2f);
      const std::vector<float> wh = random_values(4 * hidden * hidden, 3, 0.06f);
      const std::vector<float> bi = random_values(4 * hidden, 4);
      const std::vector<float> bh = random_values(4 * hidden, 5);
      const std::vector<float> wj = random_values(4 * hidden * input, 6, 0.2f);
      const LstmDirection forward{{wi, {}, {}}, {wh, {}, {}}, bi, bh};
      const LstmDirection backward{{wj, {}, {}}, {wh, {}, {}}, bh, bi};
      const auto lstm =
          bench.backend->prepare_bilstm(input, hidden, forward, backward, Precision::kFloat32);
      const Rows y = bench.rows(batch, 2 * hidden);
      bench.backend->bilstm(*lstm, bench.random(batch, input, 1), y, *bench.arena);
      return std::vector<Rows>{y};
    });
  }
}

TEST_F(CudaBackendTest, RowsAreMovedExactly) {
  const std::vector<size_t> batch = {3, 5}, repeated = {5, 6}, one_each = {2};
  compare(0, [&](Bench& bench) {
    const std::vector<int> counts = {2, 0, 3, 1, 1, 1, 1, 2};
    const std::vector<int> words = {4, 0, 1, 2, 2, 3, 4, 1};
    const auto table = bench.backend->prepare_table(random_values(5 * 30, 1), 30);
    const auto places = bench.backend->prepare_table(random_values(8 * 30, 2), 30);
    const Rows x = bench.rows(batch, 33), y = bench.rows(repeated, 33);
    bench.backend->embed(*table, places.get(), words, x.columns(0, 30), *bench.arena);
    bench.backend->broadcast_rows(bench.random(one_each, 3, 3), x.columns(30, 3), *bench.arena);
    bench.backend->repeat_rows(x, counts, y, *bench.arena);
    const Rows copy = bench.rows(repeated, 40).columns(5, 33);
    bench.backend->copy_rows(y, copy, *bench.arena);
    return std::vector<Rows>{x, y, copy};
  });
  compare(kFloatTolerance, [&](Bench& bench) {
    const Rows y = bench.rows(batch, 1);
    bench.backend->sigmoid_sums(bench.random(batch, 50, 1, 4.0f), y, *bench.arena);
    return std::vector<Rows>{y};
  });
}

TEST_F(CudaBackendTest, SineSource) {
  const std::vector<size_t> batch = {90, 30};
  std::vector<float> f0(120);
  for (size_t i = 0; i < f0.size(); ++i) {
    f0[i] = i % 50 < 10 ? 0.0f : 120.0f + 60.0f * std::sin(static_cast<float>(i) * 0.1f);
  }
  const std::vector<float> mix = {0.5f, -0.3f, 0.2f, 0.1f, 0.05f, -0.2f, 0.1f, 0.3f, -0.1f};
  const std::vector<SourceVariation> variations = {{42, 0.0f}, {7, 0.4f}};
  compare(kSourceTolerance, [&](Bench& bench) {
    SineSourceSpec spec;
    spec.mix_weight = mix;
    spec.mix_bias = -0.03f;
    const Rows samples = bench.rows(mapped(batch, [](size_t n) { return 300 * n; }), 1);
    bench.backend->sine_source(spec, variations, bench.filled(batch, 1, f0), samples, *bench.arena);
    return std::vector<Rows>{samples};
  });
}

TEST_F(CudaBackendTest, ShortTimeTransformAndItsInverse) {
  const std::vector<size_t> signals = {3000, 600};
  compare(kSpectrumTolerance, [&](Bench& bench) {
    const Rows y = bench.rows(mapped(signals, [](size_t n) { return n / 5 + 1; }), 22);
    bench.backend->stft(bench.random(signals, 1, 1, 0.1f), 20, 5, y, *bench.arena);
    // Angles next to the cut at +-pi compare by their sines and cosines.
    std::vector<float> bins = bench.values(y);
    for (size_t t = 0; t < y.rows; ++t) {
      for (size_t k = 0; k < 11; ++k) {
        float* bin = bins.data() + t * 22 + k;
        const float magnitude = bin[0], angle = bin[11];
        bin[0] = magnitude * std::cos(angle);
        bin[11] = magnitude * std::sin(angle);
      }
    }
    bench.backend->upload(bins, y, *bench.arena);
    return std::vector<Rows>{y};
  });
  const std::vector<size_t> spectra = {200, 2, 333};
  compare(kSpectrumTolerance, [&](Bench& bench) {
    const Rows y = bench.rows(mapped(spectra, [](size_t n) { return (n - 1) * 5; }), 1);
    bench.backend->inverse_stft_head(bench.random(spectra, 22, 2), 20, 5, y, *bench.arena);
    return std::vector<Rows>{y};
  });
}

struct ConvNextCase {
  size_t in, channels, hidden, kernel, left, blocks, out;
};

TEST_F(CudaBackendTest, ConvNext) {
  for (const ConvNextCase& c :
       {ConvNextCase{37, 48, 90, 7, 5, 2, 21}, ConvNextCase{0, 256, 512, 9, 4, 1, 0}}) {
    ConvNextSpec spec;
    spec.in_channels = c.in;
    spec.channels = c.channels;
    spec.hidden = c.hidden;
    spec.kernel = c.kernel;
    spec.left = c.left;
    spec.blocks = c.blocks;
    spec.out_channels = c.out;
    std::vector<std::vector<float>> memory;
    memory.reserve(64);
    unsigned seed = 10;
    const auto keep = [&](size_t count, float scale) {
      return std::span<const float>(memory.emplace_back(random_values(count, ++seed, scale)));
    };
    const auto linear = [&](size_t in, size_t out) {
      const float scale = 1.0f / std::sqrt(static_cast<float>(in));
      return LinearWeights{keep(in * out, scale), keep(out, 0.2f)};
    };
    ConvNextWeights weights;
    if (c.in > 0) weights.in = linear(c.in, c.channels);
    for (size_t i = 0; i < c.blocks; ++i) {
      weights.blocks.push_back({keep(c.kernel * c.channels, 0.4f), keep(c.channels, 0.2f),
                                linear(c.channels, c.hidden), linear(c.hidden, c.channels)});
    }
    if (c.out > 0) weights.out = linear(c.channels, c.out);
    for (const Precision precision : {Precision::kFloat32, Precision::kBfloat16}) {
      spec.precision = spec.end_precision = precision;
      for (const auto& batch : kBatches) {
        const std::vector<size_t> items = {batch.size()};
        compare(precision == Precision::kFloat32 ? kFloatTolerance : kBfloat16Tolerance,
                [&](Bench& bench) -> std::vector<Rows> {
                  const Prepared prepared = bench.backend->prepare_conv_next(spec, weights);
                  const Rows x = bench.random(batch, c.in > 0 ? c.in : c.channels, 1);
                  const Rows film = bench.random(items, 2 * c.channels * c.blocks, 2);
                  const Rows y = bench.rows(batch, c.out > 0 ? c.out : c.channels);
                  bench.backend->conv_next(*prepared, x, film, y, *bench.arena);
                  return {y};
                });
      }
    }
  }
}

TEST_F(CudaBackendTest, SourceFilter) {
  SourceFilterSpec spec;
  for (const std::vector<size_t>& batch :
       {std::vector<size_t>{9}, std::vector<size_t>{1}, std::vector<size_t>{3, 14, 1}}) {
    spec.harmonic_points = batch.size() == 1 && batch[0] == 1 ? 0 : 16;
    std::vector<float> f0;
    for (const size_t frames : batch) {
      for (size_t t = 0; t < frames; ++t) {
        f0.push_back(t % 11 < 2 ? 0.0f : 90.0f + 13.0f * static_cast<float>(t % 37));
      }
    }
    std::vector<SourceFilterVariation> variations;
    for (size_t i = 0; i < batch.size(); ++i) {
      variations.push_back(
          {3 + i, i % 2 == 0 ? 1.0f : 0.5f, i == 2 ? 0.0f : 0.4f, i == 1 ? 0.7f : 0.0f, 0});
    }
    compare(kSourceTolerance, [&](Bench& bench) -> std::vector<Rows> {
      const Rows head = bench.random(batch, spec.channels(), 5);
      const Rows pitch = bench.filled(batch, 1, f0);
      const Rows samples = bench.rows(mapped(batch, [](size_t n) { return 300 * n; }), 1);
      bench.backend->source_filter(spec, variations, head, pitch, samples, *bench.arena);
      return {samples};
    });
  }
}

// As streaming asks for it: the head of some frames, the pitch of all.
TEST_F(CudaBackendTest, SourceFilterOfAPart) {
  SourceFilterSpec spec;
  const std::vector<size_t> frames = {24}, part = {8}, samples = {8 * 300};
  std::vector<float> f0(24);
  for (size_t t = 0; t < f0.size(); ++t) f0[t] = t == 12 ? 0.0f : 140.0f + static_cast<float>(t);
  SourceFilterVariation variation;
  variation.first_frame = 9;
  compare(kSourceTolerance, [&](Bench& bench) -> std::vector<Rows> {
    const Rows head = bench.random(part, spec.channels(), 5);
    const Rows pitch = bench.filled(frames, 1, f0);
    const Rows y = bench.rows(samples, 1);
    bench.backend->source_filter(spec, {&variation, 1}, head, pitch, y, *bench.arena);
    return {y};
  });
}

// A part as a model has it: rows with a capacity, statistics, a recurrence, values from the host, a
// result that the host waits for in the middle, and one at the end.
class RecordedPart {
 public:
  explicit RecordedPart(CudaGraphs graphs)
      : bench_(make_cuda_backend(graphs)),
        conv_(bench_.backend->prepare_conv1d({kChannels, kChannels, 3, 1, 1, 1}, {weight_, {}, {}},
                                             bias_, Precision::kFloat32)),
        lstm_(bench_.backend->prepare_bilstm(
            kChannels, kChannels / 2, {{recurrent_, {}, {}}, {state_, {}, {}}, gates_, gates_},
            {{recurrent_, {}, {}}, {state_, {}, {}}, gates_, gates_}, Precision::kFloat32)) {}

  Backend& backend() { return *bench_.backend; }
  Arena& arena() { return *bench_.arena; }

  // Two results of `count` rows.
  std::vector<float> run(size_t count, unsigned seed, bool completed = true) {
    Backend& backend = *bench_.backend;
    Arena& arena = *bench_.arena;
    const Arena::Scope scope(arena);
    const std::array<size_t, 1> rows = {count}, capacity = {backend.capacity_of(count)};
    std::vector<float> sums(count), result(count * kChannels);
    backend.begin_part("part " + std::to_string(capacity[0]), arena);
    const auto layout = backend.make_layout(rows, arena, capacity);
    const Rows x = arena.rows(capacity[0], kChannels, layout.get());
    std::vector<int> places(count);
    for (size_t t = 0; t < count; ++t) places[t] = static_cast<int>((t * 7 + seed) % kWords);
    backend.embed(*table_of(backend), nullptr, places, x, arena);
    const Rows hidden = arena.rows_like(x, kChannels), y = arena.rows_like(x, kChannels);
    const Rows sum = arena.rows_like(x, 1);
    OutputTransform with_moments;
    with_moments.moments = {arena.allocate<float>(kChannels), arena.allocate<float>(kChannels)};
    backend.conv1d(*conv_, x, {}, with_moments, hidden, arena);
    backend.sigmoid_sums(hidden, sum, arena);
    backend.download(filled_rows(sum), sums, arena);
    const Rows style = arena.rows(1, kChannels);
    backend.upload(random_values(kChannels, seed), style, arena);
    backend.layer_norm(hidden, {style.data, with_moments.moments.mean}, 1e-5f, Activation::kNone,
                       0.0f, hidden, arena);
    backend.bilstm(*lstm_, hidden, y, arena);
    if (completed) backend.download(filled_rows(y), result, arena);
    backend.end_part(arena, completed);
    result.insert(result.end(), sums.begin(), sums.end());
    return result;
  }

 private:
  static constexpr size_t kChannels = 12, kWords = 30;
  const PreparedWeights* table_of(Backend& backend) {
    if (table_ == nullptr) table_ = backend.prepare_table(words_, kChannels);
    return table_.get();
  }

  std::vector<float> words_ = random_values(kWords * kChannels, 1);
  std::vector<float> weight_ = random_values(kChannels * kChannels * 3, 2, 0.2f);
  std::vector<float> bias_ = random_values(kChannels, 3);
  std::vector<float> recurrent_ = random_values(4 * kChannels / 2 * kChannels, 4, 0.3f);
  std::vector<float> state_ = random_values(4 * kChannels / 2 * (kChannels / 2), 5, 0.3f);
  std::vector<float> gates_ = random_values(4 * kChannels / 2, 6, 0.3f);
  Bench bench_;
  Prepared conv_, lstm_, table_;
};

TEST_F(CudaBackendTest, PlayedPartsGiveWhatDirectOnesGive) {
  RecordedPart direct(CudaGraphs::kNever), recorded(CudaGraphs::kAlways);
  EXPECT_EQ(direct.backend().capacity_of(13), 13u);
  EXPECT_EQ(recorded.backend().capacity_of(13), 16u);
  unsigned seed = 20;
  // As it comes, recorded, played with other data and lengths; two shapes by turns.
  for (const size_t count : {13, 13, 14, 9, 30, 16, 31, 32, 10, 29}) {
    ++seed;
    EXPECT_EQ(recorded.run(count, seed), direct.run(count, seed)) << count;
  }
}

TEST_F(CudaBackendTest, PartThatFailedIsRecordedAnew) {
  RecordedPart direct(CudaGraphs::kNever), recorded(CudaGraphs::kAlways);
  for (const bool completed : {true, false, true, false, true, true}) {
    const std::vector<float> found = recorded.run(13, 5, completed);
    if (completed) {
      EXPECT_EQ(found, direct.run(13, 5));
    }
  }
}

TEST_F(CudaBackendTest, PartIsRecordedAnewWhenTheArenaHasMoved) {
  RecordedPart direct(CudaGraphs::kNever), recorded(CudaGraphs::kAlways);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(recorded.run(13, 5), direct.run(13, 5)) << i;
    const Arena::Scope scope(recorded.arena());  // other memory from here on
    recorded.arena().allocate<float>(size_t{6} << (20 + i));
  }
}

}  // namespace
}  // namespace myna::backend
