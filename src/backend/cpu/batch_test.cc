// A batch of items of different lengths gives each item what it gets alone, to the last bit.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>
#include <vector>

#include "backend/cpu/cpu_backend.h"
#include "backend/ref/ref_backend.h"
#include "ops/row_layout.h"

namespace myna::backend {
namespace {

using namespace ops;

const std::vector<size_t> kItems = {30, 1, 70};

class BatchTest : public ::testing::TestWithParam<const char*> {
 protected:
  BatchTest()
      : backend_(GetParam() == std::string("ref") ? make_ref_backend() : make_cpu_backend(2)) {}

  Rows rows(const RowLayout& layout, size_t channels) {
    return arena_.rows(layout.offsets.back(), channels, &layout);
  }
  const RowLayout& layout(const std::function<size_t(size_t)>& rows_of = [](size_t n) {
    return n;
  }) {
    std::vector<size_t> counts;
    for (size_t item : kItems) counts.push_back(rows_of(item));
    layouts_.push_back(backend_->make_layout(counts, arena_));
    return *layouts_.back();
  }
  Rows random(const RowLayout& layout, size_t channels) {
    const Rows y = rows(layout, channels);
    fill({y.data, y.rows * channels});
    return y;
  }
  std::vector<float> random(size_t count, float scale = 1.0f) {
    std::vector<float> values(count);
    fill(values);
    for (float& value : values) value *= scale;
    return values;
  }
  // operation(item, y) writes the items' rows: item views of a batch, or all as one batch.
  void expect_same(Rows y, const std::function<void(size_t item, Rows y)>& alone,
                   const std::function<void(Rows y)>& together) {
    const Rows expected = rows(*y.layout, y.channels);
    for (size_t i = 0; i < kItems.size(); ++i) alone(i, item_of(expected, i));
    together(y);
    for (size_t i = 0; i < y.rows * y.channels; ++i) {
      ASSERT_EQ(y.data[i], expected.data[i]) << "value " << i;
    }
  }

  std::unique_ptr<Backend> backend_;
  Arena arena_;

 private:
  void fill(std::span<float> values) {
    std::normal_distribution<float> normal;
    for (float& value : values) value = normal(random_);
  }

  std::vector<std::unique_ptr<const RowLayout>> layouts_;
  std::mt19937 random_{1};
};

TEST_P(BatchTest, ConvolutionWithAdaIn) {
  const std::vector<float> weight = random(48 * 40 * 3, 0.1f), bias = random(48);
  const std::vector<float> project = random(80 * 16, 0.1f), project_bias = random(80);
  const auto conv =
      backend_->prepare_conv1d({40, 48, 3, 1, 1, 1}, {weight, {}, {}}, bias, Precision::kFloat32);
  const auto projection = backend_->prepare_conv1d({16, 80, 1, 1, 1, 0}, {project, {}, {}},
                                                   project_bias, Precision::kFloat32);
  const Rows x = random(layout(), 40), residual = random(layout(), 48);
  std::vector<float> styles = random(3 * 16);
  const auto run = [&](ConstRows style, ConstRows input_rows, ConstRows added, Rows y,
                       ChannelMoments output_moments) {
    const size_t items = style.rows;
    const ChannelMoments moments{arena_.allocate<float>(items * 40),
                                 arena_.allocate<float>(items * 40)};
    backend_->channel_moments(input_rows, moments, arena_);
    const Rows affine = arena_.rows(items, 80);
    backend_->adaptive_affine(*projection, style, moments, 1e-5f, affine, arena_);
    InputTransform input;
    input.affine = {affine.data, affine.data + 40, affine.stride};
    input.activation = Activation::kLeakyRelu;
    input.slope = 0.2f;
    OutputTransform output;
    output.residual = added;
    output.moments = output_moments;
    backend_->conv1d(*conv, input_rows, input, output, y, arena_);
  };
  std::vector<float> alone(2 * 3 * 48), together(2 * 3 * 48);
  expect_same(
      rows(layout(), 48),
      [&](size_t i, Rows y) {
        run({styles.data() + 16 * i, 1, 16, 16}, item_of(x, i), item_of(residual, i), y,
            {alone.data() + 48 * i, alone.data() + 3 * 48 + 48 * i});
      },
      [&](Rows y) {
        run({styles.data(), 3, 16, 16}, x, residual, y,
            {together.data(), together.data() + 3 * 48});
      });
  EXPECT_EQ(alone, together);
}

TEST_P(BatchTest, TransposedConvolutionWithItsReflectedRow) {
  const ConvTranspose1dSpec spec{24, 20, 12, 6, 3, 1};
  const std::vector<float> weight = random(24 * 20 * 12, 0.1f), bias = random(20);
  const auto conv = backend_->prepare_conv_transpose1d(spec, {weight, {}, {}}, bias);
  const Rows x = random(layout(), 24);
  const RowLayout& output = layout([&](size_t n) { return spec.output_rows(n); });
  expect_same(
      rows(output, 20),
      [&](size_t i, Rows y) {
        backend_->conv_transpose1d(*conv, item_of(x, i), {}, y, arena_);
        for (size_t c = 0; c < 20; ++c) EXPECT_EQ(y.row(0)[c], y.row(2)[c]);
      },
      [&](Rows y) { backend_->conv_transpose1d(*conv, x, {}, y, arena_); });
}

TEST_P(BatchTest, RecurrenceAndAttention) {
  const std::vector<float> wi = random(4 * 32 * 24, 0.2f), wh = random(4 * 32 * 32, 0.2f);
  const std::vector<float> bias = random(4 * 32);
  const LstmDirection direction{{wi, {}, {}}, {wh, {}, {}}, bias, bias};
  const auto lstm = backend_->prepare_bilstm(24, 32, direction, direction, Precision::kFloat32);
  const Rows x = random(layout(), 24);
  expect_same(
      rows(layout(), 64),
      [&](size_t i, Rows y) { backend_->bilstm(*lstm, item_of(x, i), y, arena_); },
      [&](Rows y) { backend_->bilstm(*lstm, x, y, arena_); });
  const Rows q = random(layout(), 32), k = random(layout(), 32), v = random(layout(), 32);
  expect_same(
      rows(layout(), 32),
      [&](size_t i, Rows y) {
        backend_->attention(item_of(q, i), item_of(k, i), item_of(v, i), 2, y, arena_);
      },
      [&](Rows y) { backend_->attention(q, k, v, 2, y, arena_); });
}

TEST_P(BatchTest, SourceAndTransforms) {
  const std::vector<float> mix = random(9, 0.3f);
  SineSourceSpec spec;
  spec.mix_weight = mix;
  const Rows f0 = random(layout(), 1);
  for (size_t i = 0; i < f0.rows; ++i) f0.data[i] = 150.0f + 20.0f * f0.data[i];
  const std::vector<SourceVariation> variations = {{1, 0.0f}, {2, 0.5f}, {3, 1.0f}};
  const Rows samples = rows(layout([](size_t n) { return 300 * n; }), 1);
  expect_same(
      samples,
      [&](size_t i, Rows y) {
        backend_->sine_source(spec, {&variations[i], 1}, item_of(f0, i), y, arena_);
      },
      [&](Rows y) { backend_->sine_source(spec, variations, f0, y, arena_); });
  const Rows spectrum = rows(layout([](size_t n) { return 60 * n + 1; }), 22);
  expect_same(
      spectrum, [&](size_t i, Rows y) { backend_->stft(item_of(samples, i), 20, 5, y, arena_); },
      [&](Rows y) { backend_->stft(samples, 20, 5, y, arena_); });
  expect_same(
      rows(layout([](size_t n) { return 300 * n; }), 1),
      [&](size_t i, Rows y) {
        backend_->inverse_stft_head(item_of(spectrum, i), 20, 5, y, arena_);
      },
      [&](Rows y) { backend_->inverse_stft_head(spectrum, 20, 5, y, arena_); });
}

INSTANTIATE_TEST_SUITE_P(Hosts, BatchTest, ::testing::Values("ref", "cpu"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace myna::backend
