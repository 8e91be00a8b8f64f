// The goldens of the Flash model, and a run of it with all its stages.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "ops/backend.h"
#include "tests/support/source_directory.h"
#include "voice/flash/flash_model.h"
#include "voice/flash/flash_test_support.h"
#include "weights/safetensors.h"

namespace myna::voice::flash {

struct Stages {
  std::map<std::string, std::vector<float>, std::less<>> values;
  std::vector<int> frame_counts;
};

inline Stages run(ops::Backend& backend, const FlashPrecisions& precisions,
                  std::span<const int> tokens) {
  const SmallPackage package;
  const SafetensorsFile file = SafetensorsFile::open(package.directory() / "voice.safetensors");
  const FlashModel model(file, small_sizes(), backend, precisions);
  const auto arena = backend.make_arena();
  Stages stages;
  const StageObserver observer = [&](const StageReport& report) {
    auto& values = stages.values[std::string(report.name)];
    values.assign(report.values.begin(), report.values.end());
  };
  const SpeakerBlend speaker{{{1, 1.0f}}};
  model.synthesize(backend, *arena, {tokens, speaker, speaker, 1.0f, {}, 7, 0.0f, observer},
                   stages.frame_counts, {}, [](std::span<const float>) {});
  return stages;
}

class Golden {
 public:
  Golden()
      : file_(SafetensorsFile::open(test_support::source_directory() +
                                    "/tests/golden/flash/small.safetensors")) {}
  template <typename T>
  std::vector<T> all(const std::string& name) const {
    const auto values = file_.require(name).as<T>();
    return {values.begin(), values.end()};
  }
  // Relative; of every seventh row where only those are stored.
  double error(const std::string& name, std::span<const float> found, size_t row_step = 1) const {
    const TensorView tensor = file_.require(name);
    const auto expected = tensor.as<float>();
    const size_t channels = tensor.shape().rank() == 2 ? tensor.shape()[1] : 1;
    double squares = 0, reference = 1e-30;
    for (size_t i = 0; i < expected.size(); ++i) {
      const size_t at = i / channels * row_step * channels + i % channels;
      if (at >= found.size()) return INFINITY;
      const double value = static_cast<double>(found[at]) - static_cast<double>(expected[i]);
      squares += value * value;
      reference += static_cast<double>(expected[i]) * static_cast<double>(expected[i]);
    }
    return std::sqrt(squares / reference);
  }

 private:
  SafetensorsFile file_;
};

// Three utterances at once against one by one; samples within `tolerance` of full scale.
inline void expect_together_is_each_alone(ops::Backend& backend, float tolerance) {
  const SmallPackage package;
  const SafetensorsFile file = SafetensorsFile::open(package.directory() / "voice.safetensors");
  const FlashModel model(file, small_sizes(), backend, {});
  const auto arena = backend.make_arena();
  const std::vector<std::vector<int>> tokens = {
      {0, 5, 9, 12, 5, 0}, {0, 7, 0}, {0, 12, 9, 7, 5, 9, 5, 12, 0}};
  const SpeakerBlend first{{{0, 1.0f}}}, second{{{1, 1.0f}}}, mixed{{{0, 0.3f}, {2, 0.7f}}};
  const std::vector<PhonemeControl> raised(7, PhonemeControl{1.2f, 2.0f, 1.3f, 3.0f});
  const StageObserver nobody;
  UtteranceControl whispered;
  whispered.whisper = 0.5f;
  const std::vector<FlashModel::Inputs> inputs = {
      {tokens[0], first, first, 1.0f, {}, 3, 1.0f, nobody},
      {tokens[1], second, second, 1.3f, {U"u", {}, whispered}, 4, 1.0f, nobody},
      {tokens[2], mixed, second, 0.8f, {U"sinatus", raised, {}}, 5, 1.0f, nobody}};
  std::vector<std::vector<int>> counts(3);
  std::vector<std::vector<float>> together(3);
  model.synthesize_together(backend, *arena, inputs, counts,
                            [&](size_t item, std::span<const float> samples) {
                              together[item].assign(samples.begin(), samples.end());
                            });
  for (size_t i = 0; i < inputs.size(); ++i) {
    std::vector<int> own_counts;
    std::vector<float> alone;
    model.synthesize(backend, *arena, inputs[i], own_counts, {}, [&](std::span<const float> part) {
      alone.insert(alone.end(), part.begin(), part.end());
    });
    EXPECT_EQ(counts[i], own_counts) << i;
    ASSERT_EQ(together[i].size(), alone.size()) << i;
    for (size_t n = 0; n < alone.size(); ++n) {
      ASSERT_NEAR(together[i][n], alone[n], tolerance) << i << ", sample " << n;
    }
  }
}

}  // namespace myna::voice::flash
