// The Studio voice on the CUDA backend against the goldens, stage by stage, and a batch against its
// items. On the device (label cuda), or on the emulation of its kernels: that one takes minutes and
// runs when MYNA_EMULATE_STUDIO is set.
#include <cstdlib>

#include "backend/cuda/cuda_backend.h"
#include "voice/studio/golden_test_support.h"
#include "voice/studio/studio_voice.h"

namespace myna::voice::studio {
namespace {

// Root mean square relative to that of the golden. bfloat16 rounds to 2^-9; errors of a dozen
// layers add up, and every AdaIN brings them back to scale.
constexpr double kBfloat16Tolerance = 2e-2;
constexpr double kFloatTolerance = 2e-4;
constexpr double kSourceTolerance = 5e-4;
constexpr double kWaveformToleranceDb = 1.0;
constexpr double kBatchTolerance = 1e-5;

class StudioCudaTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const backend::CudaStatus status = backend::cuda_status();
    if (!status.usable) GTEST_SKIP() << status.description;
    if (status.description.starts_with("emulated") && !std::getenv("MYNA_EMULATE_STUDIO")) {
      GTEST_SKIP() << "minutes on the emulation; set MYNA_EMULATE_STUDIO=1";
    }
  }
};

void expect_stages(const Model& model, const Golden& golden, const std::vector<std::string>& stages,
                   double tolerance) {
  for (const std::string& stage : stages) {
    const double error = golden.error(stage, model.stages().at(stage));
    std::printf("%-20s %.2e\n", stage.c_str(), error);
    EXPECT_LE(error, tolerance) << stage;
  }
}

TEST_F(StudioCudaTest, EveryStageInBfloat16) {
  Model model(backend::make_cuda_backend(), ops::Precision::kBfloat16);
  const Golden golden("word");
  ASSERT_EQ(model.predict(golden), golden.durations());
  expect_stages(model, golden, kBeforeSource, kBfloat16Tolerance);
}

TEST_F(StudioCudaTest, GeneratorAndWaveformInBfloat16) {
  Model model(backend::make_cuda_backend(), ops::Precision::kBfloat16);
  const Golden golden("word");
  const std::vector<float> samples = model.generate(golden);
  expect_stages(model, golden, {"source"}, kSourceTolerance);
  expect_stages(model, golden, {"generator_stage0", "generator_stage1", "conv_post"},
                kBfloat16Tolerance);
  const double distance = distance_db(samples, golden);
  std::printf("log-mel distance     %.3f dB\n", distance);
  EXPECT_LE(distance, kWaveformToleranceDb);
}

TEST_F(StudioCudaTest, EveryStageInFloat) {
  Model model(backend::make_cuda_backend(), ops::Precision::kFloat32);
  const Golden golden("word");
  ASSERT_EQ(model.predict(golden), golden.durations());
  expect_stages(model, golden, kBeforeSource, kFloatTolerance);
}

TEST_F(StudioCudaTest, ABatchGivesWhatItsItemsGive) {
  Model model(backend::make_cuda_backend(), ops::Precision::kBfloat16);
  const Golden word("word"), fast("fast");
  const std::vector<Speech> together = model.synthesize_batch({&fast, &word});
  const std::vector<const Golden*> goldens = {&fast, &word};
  for (size_t i = 0; i < goldens.size(); ++i) {
    const Speech alone = model.synthesize(*goldens[i]);
    ASSERT_EQ(together[i].frame_counts, alone.frame_counts);
    ASSERT_EQ(together[i].samples.size(), alone.samples.size());
    double squares = 0, reference = 1e-30;
    for (size_t n = 0; n < alone.samples.size(); ++n) {
      const double difference = static_cast<double>(together[i].samples[n]) - alone.samples[n];
      squares += difference * difference;
      reference += static_cast<double>(alone.samples[n]) * alone.samples[n];
    }
    EXPECT_LE(std::sqrt(squares / reference), kBatchTolerance) << "item " << i;
  }
}

// The same shape directly, recorded, and played with other text; and a longer one in between.
TEST_F(StudioCudaTest, RecordedPartsSoundTheSame) {
  StudioOptions options;
  options.device = StudioOptions::Device::kCuda;
  options.precision = ops::Precision::kFloat32;
  ::setenv("MYNA_CUDA_GRAPHS", "1", 1);
  const auto recorded = make_studio_voice(options);
  ::setenv("MYNA_CUDA_GRAPHS", "0", 1);
  const auto direct = make_studio_voice(options);
  ::unsetenv("MYNA_CUDA_GRAPHS");
  for (const char32_t* phonemes : {U"nˈO", U"nˈO", U"tˈu", U"wˌʌn tˈu", U"nˈI"}) {
    SynthesisRequest request;
    request.phonemes = phonemes;
    request.speaker = parse_speaker_blend("heart", direct->speakers());
    const Speech expected = direct->synthesize(request), found = recorded->synthesize(request);
    EXPECT_EQ(found.frame_counts, expected.frame_counts);
    ASSERT_EQ(found.samples.size(), expected.samples.size());
    for (size_t n = 0; n < found.samples.size(); ++n) {
      ASSERT_NEAR(found.samples[n], expected.samples[n], kBatchTolerance) << n;
    }
  }
}

}  // namespace
}  // namespace myna::voice::studio
