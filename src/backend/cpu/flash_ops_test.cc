// The operations of the Flash voice (ConvNeXt rows, source-filter vocoder) against backend/ref, on
// every instruction set of this machine, with one thread and with three.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <deque>
#include <map>
#include <random>

#include "backend/cpu/cpu_backend.h"
#include "backend/cpu/isa.h"
#include "backend/cpu/source_filter_kernels.h"
#include "backend/ref/ref_backend.h"
#include "ops/row_layout.h"

namespace myna::backend {
namespace {

using namespace ops;

// Root mean square of the difference, relative to the reference's.
constexpr double kFloatTolerance = 3e-6;
constexpr double kBfloat16Tolerance = 1e-2;  // 8 bits of mantissa in weights and activations
constexpr double kInt16Tolerance = 1e-3;
constexpr double kInt8Tolerance = 3e-2;    // 8 bits of each frame's range, and of each weight row
constexpr double kSignalTolerance = 2e-5;  // phases in float

std::vector<float> draw(size_t count, unsigned seed, float scale = 1.0f, float middle = 0.0f) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(middle, scale);
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

double relative_error(std::span<const float> found, std::span<const float> expected) {
  double squares = 0, reference = 1e-30;
  for (size_t i = 0; i < expected.size(); ++i) {
    if (!std::isfinite(found[i])) return INFINITY;
    squares += std::pow(static_cast<double>(found[i]) - static_cast<double>(expected[i]), 2);
    reference += std::pow(static_cast<double>(expected[i]), 2);
  }
  return std::sqrt(squares / reference);
}

class FlashOpsTest : public ::testing::TestWithParam<cpu::Isa> {
 protected:
  void SetUp() override {
    for (unsigned threads : {1u, 3u}) {
      backends_.push_back(make_cpu_backend(threads, cpu::isa_name(GetParam())));
    }
    reference_ = make_ref_backend();
  }

  template <typename Body>
  void compare(size_t output_size, double tolerance, const Body& body) {
    // The reference is slow, and the same for every instruction set: "ConvNext/avx2", third case.
    static std::map<std::string, std::vector<float>> references;
    const std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::vector<float>& expected =
        references[name.substr(0, name.find('/')) + std::to_string(cases_++)];
    if (expected.empty()) {
      expected.assign(output_size, 7.0f);
      body(*reference_, expected.data());
    }
    ASSERT_EQ(expected.size(), output_size);
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
  int cases_ = 0;
};

struct StackWeights {
  explicit StackWeights(const ConvNextSpec& spec) {
    const auto linear = [&](size_t in, size_t out) {
      return LinearWeights{keep(draw(in * out, ++seed, 1.0f / std::sqrt(static_cast<float>(in)))),
                           keep(draw(out, ++seed, 0.2f))};
    };
    if (spec.in_channels > 0) weights.in = linear(spec.in_channels, spec.channels);
    for (size_t i = 0; i < spec.blocks; ++i) {
      weights.blocks.push_back({keep(draw(spec.kernel * spec.channels, ++seed, 0.4f)),
                                keep(draw(spec.channels, ++seed, 0.2f)),
                                linear(spec.channels, spec.hidden),
                                linear(spec.hidden, spec.channels)});
      for (float value : draw(spec.channels, ++seed, 0.2f, 1.0f)) film.push_back(value);
      for (float value : draw(spec.channels, ++seed, 0.2f)) film.push_back(value);
    }
    if (spec.out_channels > 0) weights.out = linear(spec.channels, spec.out_channels);
  }
  std::span<const float> keep(std::vector<float> values) {
    return memory.emplace_back(std::move(values));
  }

  unsigned seed = 0;
  std::deque<std::vector<float>> memory;
  ConvNextWeights weights;
  std::vector<float> film;
};

TEST_P(FlashOpsTest, ConvNext) {
  ConvNextSpec whole;
  whole.in_channels = 37;
  whole.channels = 48;
  whole.hidden = 90;
  whole.kernel = 7;
  whole.left = 5;
  whole.blocks = 2;
  whole.out_channels = 21;
  ConvNextSpec bare = whole;
  bare.in_channels = bare.out_channels = 0;
  bare.kernel = 9;
  bare.left = 4;
  for (const ConvNextSpec& shape : {whole, bare}) {
    const StackWeights stack(shape);
    for (const Precision precision :
         {Precision::kFloat32, Precision::kBfloat16, Precision::kInt8, Precision::kInt16}) {
      ConvNextSpec spec = shape;
      spec.precision = spec.end_precision = precision;
      const double tolerance = precision == Precision::kFloat32    ? kFloatTolerance
                               : precision == Precision::kBfloat16 ? kBfloat16Tolerance
                               : precision == Precision::kInt16    ? kInt16Tolerance
                                                                   : kInt8Tolerance;
      for (const size_t rows : {1, 5, 32, 75}) {
        const size_t in = spec.in_channels > 0 ? spec.in_channels : spec.channels;
        const size_t out = spec.out_channels > 0 ? spec.out_channels : spec.channels;
        const std::vector<float> x = draw(rows * (in + 3), 100);
        compare(rows * out, tolerance, [&](Backend& backend, float* y) {
          const Prepared prepared = backend.prepare_conv_next(spec, stack.weights);
          backend.conv_next(*prepared, {x.data(), rows, in, in + 3},
                            {stack.film.data(), 1, stack.film.size(), stack.film.size()},
                            {y, rows, out, out}, arena_);
        });
      }
    }
  }
}

// What streaming stands on: a row does not depend on what its kernels do not reach.
TEST_P(FlashOpsTest, RowsOfConvNextAreTheSameInAnyWindow) {
  ConvNextSpec spec;
  spec.in_channels = 8;
  spec.channels = 24;
  spec.hidden = 48;
  spec.kernel = 7;
  spec.left = 5;
  spec.blocks = 2;
  spec.out_channels = 5;
  const StackWeights stack(spec);
  const std::vector<float> x = draw(90 * 8, 1);
  const ConstRows film = {stack.film.data(), 1, stack.film.size(), stack.film.size()};
  for (const Precision precision :
       {Precision::kFloat32, Precision::kBfloat16, Precision::kInt8, Precision::kInt16}) {
    spec.precision = spec.end_precision = precision;
    Backend& backend = *backends_[0];
    const Prepared prepared = backend.prepare_conv_next(spec, stack.weights);
    std::vector<float> whole(90 * 5), part(50 * 5);
    backend.conv_next(*prepared, {x.data(), 90, 8, 8}, film, {whole.data(), 90, 5, 5}, arena_);
    backend.conv_next(*prepared, {x.data() + 13 * 8, 50, 8, 8}, film, {part.data(), 50, 5, 5},
                      arena_);
    for (size_t i = 10 * 5; i < 48 * 5; ++i) EXPECT_EQ(part[i], whole[13 * 5 + i]) << i;
  }
}

TEST_P(FlashOpsTest, ConvNextOfABatchIsThatOfItsItems) {
  ConvNextSpec spec;
  spec.channels = 16;
  spec.hidden = 32;
  spec.kernel = 9;
  spec.left = 4;
  spec.blocks = 1;
  const StackWeights stack(spec);
  std::vector<float> film = stack.film;
  for (float value : draw(film.size(), 9)) film.push_back(value);
  const std::vector<float> x = draw(40 * 16, 1);
  const std::array<size_t, 2> counts = {33, 7};
  compare(40 * 16, kFloatTolerance, [&](Backend& backend, float* y) {
    const Prepared prepared = backend.prepare_conv_next(spec, stack.weights);
    const auto layout = backend.make_layout(counts, arena_);
    backend.conv_next(*prepared, {x.data(), 40, 16, 16, layout.get()}, {film.data(), 2, 32, 32},
                      {y, 40, 16, 16, layout.get()}, arena_);
  });
}

// Voiced, unvoiced, low, high, and a change within a few frames; lengths on both sides of a group.
std::vector<float> pitch_curve(size_t frames) {
  std::vector<float> f0(frames);
  for (size_t t = 0; t < frames; ++t) {
    f0[t] = t % 11 < 2 ? 0.0f : 90.0f + 13.0f * static_cast<float>(t % 37);
  }
  if (frames > 8) f0[8] = 599.0f;
  if (frames > 9) f0[9] = 50.0f;
  return f0;
}

TEST_P(FlashOpsTest, SourceFilter) {
  struct Case {
    size_t frames, points;
  };
  for (const Case& c : {Case{1, 16}, Case{4, 16}, Case{16, 0}, Case{16, 16}, Case{21, 1}}) {
    const size_t frames = c.frames;
    SourceFilterSpec spec;
    spec.harmonic_points = c.points;
    const std::vector<float> f0 = pitch_curve(frames);
    const std::vector<float> head = draw(frames * spec.channels(), 5, 1.0f, -1.0f);
    for (const SourceFilterVariation& variation : {SourceFilterVariation{3, 0.0f, 0.0f, 0.0f, 0},
                                                   SourceFilterVariation{3, 1.0f, 1.0f, 0.0f, 0},
                                                   SourceFilterVariation{3, 0.7f, 0.0f, 0.0f, 0},
                                                   SourceFilterVariation{4, 0.5f, 0.3f, 0.7f, 0}}) {
      compare(frames * spec.hop, kSignalTolerance, [&](Backend& backend, float* y) {
        backend.source_filter(spec, {&variation, 1},
                              {head.data(), frames, spec.channels(), spec.channels()},
                              {f0.data(), frames, 1, 1}, {y, frames * spec.hop, 1, 1}, arena_);
      });
    }
  }
}

TEST_P(FlashOpsTest, SourceFilterOfAPartHasTheSamplesOfTheWhole) {
  const SourceFilterSpec spec;
  constexpr size_t kFrames = 60, kFirst = 23, kCount = 20;
  const std::vector<float> f0 = pitch_curve(kFrames);
  const std::vector<float> head = draw(kFrames * spec.channels(), 5, 1.0f, -1.0f);
  Backend& backend = *backends_[1];
  std::vector<float> whole(kFrames * spec.hop), part(kCount * spec.hop);
  SourceFilterVariation variation{8, 1.0f, 0.5f, 0.3f, 0};
  backend.source_filter(spec, {&variation, 1},
                        {head.data(), kFrames, spec.channels(), spec.channels()},
                        {f0.data(), kFrames, 1, 1}, {whole.data(), whole.size(), 1, 1}, arena_);
  variation.first_frame = kFirst;
  backend.source_filter(
      spec, {&variation, 1},
      {head.data() + kFirst * spec.channels(), kCount, spec.channels(), spec.channels()},
      {f0.data(), kFrames, 1, 1}, {part.data(), part.size(), 1, 1}, arena_);
  for (size_t i = spec.hop; i < (kCount - 1) * spec.hop; ++i) {
    ASSERT_EQ(part[i], whole[kFirst * spec.hop + i]) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Isa, FlashOpsTest, ::testing::ValuesIn(cpu::supported_isas()),
                         [](const auto& tested) { return std::string(isa_name(tested.param)); });

}  // namespace
}  // namespace myna::backend
