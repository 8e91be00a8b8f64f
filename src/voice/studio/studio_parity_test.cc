// The Studio voice against ONNX Runtime on the dequantised graph, stage by stage. The goldens and
// the script that makes them: tests/golden/studio. Needs the installed model package.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <optional>

#include "backend/cpu/cpu_backend.h"
#include "backend/cpu/isa.h"
#include "tests/support/log_mel.h"
#include "voice/studio/studio_model.h"
#include "weights/model_package.h"

namespace myna::voice::studio {
namespace {

// |difference| / RMS of the golden over a stage, root mean square.
constexpr double kStageTolerance = 1e-4;
// Phases reach 1e5 radians, where one rounding of float is worth 8e-3: the reference's own digits.
constexpr double kSourceTolerance = 5e-4;
constexpr double kWaveformToleranceDb = 0.1;
// What 8-bit activations may cost to the ear (the quality gate measures it with listeners' models).
constexpr double kInt8ToleranceDb = 1.0;
// The exported graph lost the division by the window sum, which is 1.5; its first samples are
// divided by something else and say nothing (docs/models/studio.md, "Spectral head").
constexpr float kGraphLevel = 1.5f;
constexpr size_t kGraphEdge = 10;

struct Stage {
  std::vector<size_t> shape;
  std::vector<float> values;
};

class Golden {
 public:
  explicit Golden(const std::string& name)
      : file_(SafetensorsFile::open(std::string(MYNA_SOURCE_DIR) + "/tests/golden/studio/" + name +
                                    ".safetensors")) {}

  std::vector<int> tokens() const {
    const auto values = file_.require("tokens").as<int32_t>();
    return {values.begin(), values.end()};
  }
  std::vector<int> durations() const {
    const auto values = file_.require("durations").as<int32_t>();
    return {values.begin(), values.end()};
  }
  float speed() const { return file_.require("speed").as<float>()[0]; }
  Style style() const {
    const auto values = file_.values<float>("style", {256});
    Style style;
    std::copy_n(values.begin(), kStyle, style.decoder.begin());
    std::copy_n(values.begin() + kStyle, kStyle, style.prosody.begin());
    return style;
  }
  std::span<const float> waveform() const { return whole("waveform"); }
  std::span<const float> whole(const std::string& stage) const {
    EXPECT_FALSE(file_.find(stage + ".rows")) << stage << " is not stored whole";
    return file_.require(stage).as<float>();
  }

  // Root mean square of the difference over the stored rows, relative to the golden's own.
  double error(const std::string& stage, const Stage& found) const {
    const TensorView tensor = file_.require(stage);
    const auto expected = tensor.as<float>();
    const size_t channels = tensor.shape().rank() == 2 ? tensor.shape()[1] : 1;
    std::optional<std::span<const int32_t>> rows;
    if (const auto stored = file_.find(stage + ".rows")) rows = stored->as<int32_t>();
    double squares = 0, reference = 1e-30;
    for (size_t i = 0; i < expected.size(); ++i) {
      const size_t row = rows ? static_cast<size_t>((*rows)[i / channels]) : i / channels;
      const double value = found.values.at(row * channels + i % channels);
      squares += (value - expected[i]) * (value - expected[i]);
      reference += static_cast<double>(expected[i]) * expected[i];
    }
    return std::sqrt(squares / reference);
  }

 private:
  SafetensorsFile file_;
};

class Model {
 public:
  Model(std::unique_ptr<ops::Backend> backend, ops::Precision precision)
      : backend_(std::move(backend)),
        arena_(backend_->make_arena()),
        weights_(ModelPackage::open("kokoro-82m").open_safetensors("studio.safetensors")),
        model_(Checkpoint(weights_, *backend_, precision)) {}

  SynthesisRequest recording() {
    SynthesisRequest request;
    stages_.clear();
    request.observer = [this](const StageReport& report) {
      stages_[std::string(report.name)] = {{report.shape.begin(), report.shape.end()},
                                           {report.values.begin(), report.values.end()}};
    };
    return request;
  }

  Speech synthesize(const Golden& golden) {
    const SynthesisRequest request = recording();
    Run run(*backend_, *arena_, request);
    const std::vector<int> tokens = golden.tokens();
    const Style style = golden.style();
    const StudioModel::Inputs inputs{tokens, style, golden.speed(), {}, {}};
    Speech speech;
    model_.synthesize(run, {&inputs, 1}, {&speech, 1});
    return speech;
  }

  // From the golden's pitch and, for the stages after it, its source spectrum.
  std::vector<float> generate(const Golden& golden) {
    const SynthesisRequest request = recording();
    Run run(*backend_, *arena_, request);
    const ops::Arena::Scope scope(*arena_);
    const auto upload = [&](std::span<const float> values, size_t channels) {
      const ops::Rows rows = arena_->rows(values.size() / channels, channels);
      backend_->upload(values, rows, *arena_);
      return rows;
    };
    const ops::Rows f0 = upload(golden.whole("f0"), 1);
    const ops::Rows own_spectrum = arena_->rows(f0.rows * 60 + 1, Generator::kSpectrumChannels);
    const ops::SourceVariation variation;
    model_.generator().make_source_spectrum(run, f0, {&variation, 1}, own_spectrum);
    const ops::Rows spectrum =
        upload(golden.whole("source_spectrum"), Generator::kSpectrumChannels);
    const ops::Rows features = upload(golden.whole("decoder_decode3"), 512);
    const Style style = golden.style();
    const ops::Rows waveform = arena_->rows(f0.rows * 300, 1);
    model_.generator().generate(run, upload(style.decoder, kStyle), features, spectrum, waveform);
    std::vector<float> samples(waveform.rows);
    backend_->download(waveform, samples, *arena_);
    for (float& sample : samples) sample *= kGraphLevel;
    return samples;
  }

  const std::map<std::string, Stage>& stages() const { return stages_; }

 private:
  std::unique_ptr<ops::Backend> backend_;
  std::unique_ptr<ops::Arena> arena_;
  SafetensorsFile weights_;
  StudioModel model_;
  std::map<std::string, Stage> stages_;
};

const std::vector<std::string> kBeforeSource = {
    "plbert",          "bert_encoder",   "duration_encoder", "predictor_shared", "f0",
    "energy",          "text_encoder",   "decoder_encode",   "decoder_decode0",  "decoder_decode1",
    "decoder_decode2", "decoder_decode3"};

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
  const double distance = test_support::log_mel_distance_db(
      std::span(samples).subspan(kGraphEdge), word.waveform().subspan(kGraphEdge), 24000);
  RecordProperty("log_mel_db", std::to_string(distance));
  EXPECT_LE(distance, kWaveformToleranceDb);
}

TEST_P(StudioParityTest, GeneratorInInt8SoundsTheSame) {
  if (!backend::cpu::has_int8_dot(GetParam())) GTEST_SKIP() << "int8 is not used on this level";
  Model model(backend::make_cpu_backend(2, backend::cpu::isa_name(GetParam())),
              ops::Precision::kInt8);
  const Golden word("word");
  const std::vector<float> samples = model.generate(word);
  const double distance = test_support::log_mel_distance_db(
      std::span(samples).subspan(kGraphEdge), word.waveform().subspan(kGraphEdge), 24000);
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
