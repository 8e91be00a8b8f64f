// In the steady state an operation allocates nothing: neither from the arena's chunks nor from the
// heap, on no thread.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <vector>

#include "backend/cpu/cpu_backend.h"

// The sanitizers bring their own operator new; under them only the arena is looked at.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define MYNA_COUNTS_ALLOCATIONS 1
#else
#define MYNA_COUNTS_ALLOCATIONS 0
#endif

namespace {
std::atomic<size_t> allocation_count{0};
}  // namespace

#if MYNA_COUNTS_ALLOCATIONS
// Not inlined: GCC 12 would see malloc and delete meet and warn of a mismatch.
__attribute__((noinline)) void* operator new(size_t size) {
  ++allocation_count;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
__attribute__((noinline)) void operator delete(void* memory) noexcept { std::free(memory); }
__attribute__((noinline)) void operator delete(void* memory, size_t) noexcept { std::free(memory); }
#endif

namespace myna::backend {
namespace {

using namespace ops;

class AllocationTest : public ::testing::Test {
 protected:
  AllocationTest() : backend_(make_cpu_backend(2)) {}

  template <typename Operation>
  void expect_none(const char* name, const Operation& operation) {
    const auto run = [&] {
      const Arena::Scope scope(arena_);
      operation();
    };
    run();
    run();  // the arena has joined its chunks now
    const size_t capacity = arena_.capacity_bytes();
    const size_t before = allocation_count;
    for (int i = 0; i < 3; ++i) run();
    EXPECT_EQ(allocation_count - before, 0u) << name;
    EXPECT_EQ(arena_.capacity_bytes(), capacity) << name;
  }

  Rows rows(size_t count, size_t channels) {
    buffers_.emplace_back(count * channels, 0.1f);
    return {buffers_.back().data(), count, channels, channels};
  }

  std::unique_ptr<Backend> backend_;
  Arena arena_;
  std::vector<std::vector<float>> buffers_;
};

TEST_F(AllocationTest, TheCounterCounts) {
  const size_t before = allocation_count;
  ::operator delete(::operator new(1));  // a new-expression could be optimised away
  EXPECT_EQ(allocation_count - before, size_t{MYNA_COUNTS_ALLOCATIONS});
}

TEST_F(AllocationTest, NoOperationAllocates) {
  const Rows x = rows(300, 64), y = rows(300, 64);
  const std::vector<float> weight(64 * 64 * 7, 0.01f), vector(64, 0.5f);
  const std::vector<int8_t> quantized(64 * 64 * 7, 3);
  const std::vector<float> scales = {0.01f};
  for (const WeightView& view : {WeightView{weight, {}, {}}, WeightView{{}, quantized, scales}}) {
    const auto conv =
        backend_->prepare_conv1d({64, 64, 7, 1, 1, 3}, view, vector, Precision::kInt8);
    OutputTransform output;
    std::vector<float> moments(128);
    output.moments = {moments.data(), moments.data() + 64};
    expect_none("conv1d", [&] { backend_->conv1d(*conv, x, {}, output, y, arena_); });
  }
  const ConvTranspose1dSpec up{64, 8, 4, 2, 1};
  const std::vector<float> up_weight(64 * 8 * 4, 0.01f);
  const auto transposed = backend_->prepare_conv_transpose1d(up, {up_weight, {}, {}}, {});
  const Rows wide = rows(600, 8);
  expect_none("conv_transpose1d",
              [&] { backend_->conv_transpose1d(*transposed, x, {}, wide, arena_); });

  const std::vector<float> gates(4 * 32 * 64, 0.01f), recurrent(4 * 32 * 32, 0.01f);
  const std::vector<float> bias(4 * 32, 0.0f);
  const LstmDirection direction{{gates, {}, {}}, {recurrent, {}, {}}, bias, bias};
  const auto lstm = backend_->prepare_bilstm(64, 32, direction, direction, Precision::kFloat32);
  expect_none("bilstm", [&] { backend_->bilstm(*lstm, x, y, arena_); });
  expect_none("attention", [&] { backend_->attention(x, x, x, 4, y, arena_); });
  expect_none("layer_norm", [&] {
    backend_->layer_norm(x, {vector.data(), vector.data()}, 1e-5f, Activation::kNone, 0.0f, y,
                         arena_);
  });

  const std::vector<float> f0(40, 150.0f), mix(9, 0.1f);
  const ConstRows pitch{f0.data(), f0.size(), 1, 1};
  const Rows samples = rows(40 * 300, 1);
  SourceVariation variation;
  SineSourceSpec source;
  source.mix_weight = mix;
  expect_none("sine_source", [&] {
    backend_->sine_source(source, {&variation, 1}, pitch, samples, arena_);
  });
  variation.whisper = 1.0f;
  expect_none("whispered source", [&] {
    backend_->sine_source(source, {&variation, 1}, pitch, samples, arena_);
  });
  const Rows spectrum = rows(samples.rows / 5 + 1, 22);
  expect_none("stft", [&] { backend_->stft(samples, 20, 5, spectrum, arena_); });
  expect_none("inverse_stft_head",
              [&] { backend_->inverse_stft_head(spectrum, 20, 5, samples, arena_); });
}

TEST_F(AllocationTest, NorDoThoseOfTheFlashVoice) {
  const Rows x = rows(100, 32);
  const std::vector<float> weight(32 * 64, 0.01f), bias(64, 0.1f);
  const std::span<const float> narrow = std::span(bias).first(32);
  ConvNextSpec spec;
  spec.channels = 32;
  spec.hidden = 64;
  spec.kernel = 7;
  spec.left = 5;
  spec.blocks = 1;
  ConvNextWeights weights;
  weights.blocks.push_back(
      {std::span(weight).first(7 * 32), narrow, {weight, bias}, {weight, narrow}});
  const Rows film = rows(1, 64), y = rows(100, 32);
  for (const Precision precision : {Precision::kFloat32, Precision::kBfloat16, Precision::kInt8}) {
    spec.precision = precision;
    const auto stack = backend_->prepare_conv_next(spec, weights);
    expect_none("conv_next", [&] { backend_->conv_next(*stack, x, film, y, arena_); });
  }
  const SourceFilterSpec vocoder;
  const SourceFilterVariation variation{1, 1.0f, 0.5f, 0};
  const std::vector<float> f0(40, 150.0f);
  const Rows head = rows(40, vocoder.channels()), samples = rows(40 * 300, 1);
  expect_none("source_filter", [&] {
    backend_->source_filter(vocoder, {&variation, 1}, head, {f0.data(), f0.size(), 1, 1}, samples,
                            arena_);
  });
}

}  // namespace
}  // namespace myna::backend
