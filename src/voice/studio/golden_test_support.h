// What the parity tests of the Studio voice share: the goldens of tests/golden/studio and a model
// on a backend of the test's choice that records its stages.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "tests/support/log_mel.h"
#include "tests/support/source_directory.h"
#include "voice/studio/studio_model.h"
#include "weights/model_package.h"

namespace myna::voice::studio {

// The exported graph lost the division by the window sum, which is 1.5; its first samples are
// divided by something else and say nothing (docs/models/studio.md, "Spectral head").
inline constexpr float kGraphLevel = 1.5f;
inline constexpr size_t kGraphEdge = 10;

struct Stage {
  std::vector<size_t> shape;
  std::vector<float> values;
};

class Golden {
 public:
  explicit Golden(const std::string& name)
      : file_(SafetensorsFile::open(test_support::source_directory() + "/tests/golden/studio/" +
                                    name + ".safetensors")) {}

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

  std::vector<Speech> synthesize_batch(const std::vector<const Golden*>& goldens) {
    const std::vector<SynthesisRequest> requests(goldens.size());
    Run run(*backend_, *arena_, requests);
    std::vector<std::vector<int>> tokens;
    std::vector<Style> styles;
    for (const Golden* golden : goldens) {
      tokens.push_back(golden->tokens());
      styles.push_back(golden->style());
    }
    std::vector<StudioModel::Inputs> inputs;
    for (size_t i = 0; i < goldens.size(); ++i) {
      inputs.push_back({tokens[i], styles[i], goldens[i]->speed(), {}, {}});
    }
    std::vector<Speech> speech(goldens.size());
    model_.synthesize(run, inputs, speech);
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

  // The stages up to the decoder alone, with its pitch and lengths: the generator costs three
  // quarters of everything and has a test of its own. Gives the frame counts.
  std::vector<int> predict(const Golden& golden) {
    SynthesisRequest request = recording();
    std::atomic<bool> decoded = false;
    request.cancel = &decoded;
    request.observer = [&, record = request.observer](const StageReport& report) {
      record(report);
      if (report.name == "decoder_decode3") decoded = true;
    };
    Run run(*backend_, *arena_, request);
    const std::vector<int> tokens = golden.tokens();
    const Style style = golden.style();
    const StudioModel::Inputs inputs{tokens, style, golden.speed(), {}, {}};
    Speech speech;
    EXPECT_THROW(model_.synthesize(run, {&inputs, 1}, {&speech, 1}), Error);
    return speech.frame_counts;
  }

  const std::map<std::string, Stage>& stages() const { return stages_; }

 private:
  std::unique_ptr<ops::Backend> backend_;
  std::unique_ptr<ops::Arena> arena_;
  SafetensorsFile weights_;
  StudioModel model_;
  std::map<std::string, Stage> stages_;
};

inline const std::vector<std::string> kBeforeSource = {
    "plbert",          "bert_encoder",   "duration_encoder", "predictor_shared", "f0",
    "energy",          "text_encoder",   "decoder_encode",   "decoder_decode0",  "decoder_decode1",
    "decoder_decode2", "decoder_decode3"};

// Of samples from Model::generate.
inline double distance_db(std::span<const float> samples, const Golden& golden) {
  return test_support::log_mel_distance_db(samples.subspan(kGraphEdge),
                                           golden.waveform().subspan(kGraphEdge), 24000);
}

}  // namespace myna::voice::studio
