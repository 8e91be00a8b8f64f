// The Studio voice against ONNX Runtime on the dequantised graph, stage by stage. The goldens and
// the script that makes them: tests/golden/studio. Needs the installed model package.
#include <gtest/gtest.h>

#include "backend/cpu/cpu_backend.h"
#include "backend/cpu/isa.h"
#include "voice/studio/golden_test_support.h"

namespace myna::voice::studio {
namespace {

// |difference| / RMS of the golden over a stage, root mean square.
constexpr double kStageTolerance = 1e-4;
// Phases reach 1e5 radians, where one rounding of float is worth 8e-3: the reference's own digits.
constexpr double kSourceTolerance = 5e-4;
constexpr double kWaveformToleranceDb = 0.1;
// What 8-bit activations may cost to the ear (the quality gate measures it with listeners' models).
constexpr double kInt8ToleranceDb = 1.0;
class StudioParityTest : public ::testing::TestWithParam<backend::cpu::Isa> {};

TEST_P(StudioParityTest, EveryStageInFloat) {
  Model model(backend::make_cpu_backend(2, backend::cpu::isa_name(GetParam())),
              ops::Precision::kFloat32);
  // All three on the best level; one is enough to show that another level computes the same.
  const bool best = GetParam() == backend::cpu::supported_isas().back();
  for (const std::string name : {"word", "sentence", "fast"}) {
    if (!best && name != "word") continue;
    SCOPED_TRACE(name);
    const Golden golden(name);
    const Speech speech = model.synthesize(golden);
    EXPECT_EQ(speech.frame_counts, golden.durations());
    for (const std::string& stage : kBeforeSource) {
      const double error = golden.error(stage, model.stages().at(stage));
      RecordProperty(tensor_name({name, ".", stage}), std::to_string(error));
      EXPECT_LE(error, kStageTolerance) << stage;
    }
  }
}

// From the golden's pitch, decoder output and source spectrum, as the phases of silent bins are
// rounding noise in any implementation.
TEST_P(StudioParityTest, GeneratorAndWaveformInFloat) {
  Model model(backend::make_cpu_backend(2, backend::cpu::isa_name(GetParam())),
              ops::Precision::kFloat32);
  const Golden word("word");
  const std::vector<float> samples = model.generate(word);
  EXPECT_LE(word.error("source", model.stages().at("source")), kSourceTolerance);
  for (const std::string stage : {"generator_stage0", "generator_stage1", "conv_post"}) {
    EXPECT_LE(word.error(stage, model.stages().at(stage)), kStageTolerance) << stage;
  }
  const double distance = distance_db(samples, word);
  RecordProperty("log_mel_db", std::to_string(distance));
  EXPECT_LE(distance, kWaveformToleranceDb);
}

TEST_P(StudioParityTest, GeneratorInInt8SoundsTheSame) {
  Model model(backend::make_cpu_backend(2, backend::cpu::isa_name(GetParam())),
              ops::Precision::kInt8);
  const Golden word("word");
  const std::vector<float> samples = model.generate(word);
  const double distance = distance_db(samples, word);
  RecordProperty("log_mel_db", std::to_string(distance));
  EXPECT_LE(distance, kInt8ToleranceDb);
}

// Without the portable level, which would take minutes: its operations are held against
// backend/ref.
std::vector<backend::cpu::Isa> vector_isas() {
  std::vector<backend::cpu::Isa> isas = backend::cpu::supported_isas();
  if (isas.size() > 1) isas.erase(isas.begin());
  return isas;
}

INSTANTIATE_TEST_SUITE_P(EveryIsa, StudioParityTest, ::testing::ValuesIn(vector_isas()),
                         [](const auto& test) {
                           return std::string(backend::cpu::isa_name(test.param));
                         });

}  // namespace
}  // namespace myna::voice::studio
