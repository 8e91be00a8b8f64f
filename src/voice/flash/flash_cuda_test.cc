// The Flash voice on the CUDA backend against the goldens, a batch against its items, and the tier
// itself. On the device (label cuda), or on the emulation of its kernels.
#include <cmath>

#include "backend/cuda/cuda_backend.h"
#include "voice/flash/flash_golden_testing.h"
#include "voice/flash/flash_voice.h"

namespace myna::voice::flash {
namespace {

constexpr double kFloatTolerance = 2e-4;     // relative
constexpr double kBfloat16Tolerance = 3e-2;  // of stages before the durations
constexpr float kBatchTolerance = 1e-5f;     // of full scale

class FlashCudaTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const backend::CudaStatus status = backend::cuda_status();
    if (!status.usable) GTEST_SKIP() << status.description;
  }
};

TEST_F(FlashCudaTest, EveryStageInFloat) {
  const Golden golden;
  const Stages found = run(*backend::make_cuda_backend(), {}, golden.all<int>("tokens"));
  EXPECT_EQ(found.frame_counts, golden.all<int>("durations"));
  for (const char* stage : {"text", "log_durations", "prosody", "performed_f0", "samples"}) {
    ASSERT_TRUE(found.values.contains(stage)) << stage;
    EXPECT_LE(golden.error(stage, found.values.at(stage)), kFloatTolerance) << stage;
  }
  EXPECT_LE(golden.error("head", found.values.at("head"), 7), kFloatTolerance);
}

TEST_F(FlashCudaTest, TextInBfloat16) {
  using ops::Precision;
  const Golden golden;
  const Stages found =
      run(*backend::make_cuda_backend(),
          {Precision::kBfloat16, Precision::kBfloat16, Precision::kBfloat16, Precision::kBfloat16},
          golden.all<int>("tokens"));
  for (const char* stage : {"text", "log_durations"}) {
    EXPECT_LE(golden.error(stage, found.values.at(stage)), kBfloat16Tolerance) << stage;
  }
}

TEST_F(FlashCudaTest, TogetherIsEachAlone) {
  expect_together_is_each_alone(*backend::make_cuda_backend(), kBatchTolerance);
}

TEST_F(FlashCudaTest, TheTierSpeaksOnTheDevice) {
  const SmallPackage package;
  FlashOptions options;
  options.package_directory = package.directory();
  options.device = FlashOptions::Device::kCuda;
  options.precision = ops::Precision::kFloat32;
  const auto device = make_flash_voice(options);
  options.device = FlashOptions::Device::kCpu;
  const auto cpu = make_flash_voice(options);
  EXPECT_GT(device->preferred_batch_items(), 8u);
  std::vector<SynthesisRequest> requests(3);
  requests[0].phonemes = U"atu sina.";
  requests[2].phonemes = U"tusi";
  for (SynthesisRequest& request : requests) {
    request.speaker = parse_speaker_blend("heart", device->speakers());
  }
  const std::vector<Speech> speech = device->synthesize_batch(requests);
  for (size_t i = 0; i < requests.size(); ++i) {
    const Speech expected = cpu->synthesize(requests[i]);
    EXPECT_EQ(speech[i].frame_counts, expected.frame_counts) << i;
    ASSERT_EQ(speech[i].samples.size(), expected.samples.size()) << i;
    double squares = 0, reference = 1e-30;
    for (size_t n = 0; n < expected.samples.size(); ++n) {
      squares += std::pow(speech[i].samples[n] - expected.samples[n], 2);
      reference += std::pow(expected.samples[n], 2);
    }
    EXPECT_LE(std::sqrt(squares / reference), 1e-3) << i;
  }
}

}  // namespace
}  // namespace myna::voice::flash
