// Runs of a toy model: what a user relies on when a training is stopped, goes on, is spread over
// processes, or meets damaged files.
#include "train/voice/training.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/error.h"
#include "base/file.h"
#include "tests/support/temporary_directory.h"
#include "train/core/checkpoint.h"
#include "train/core/report.h"
#include "train/voice/export.h"
#include "train/voice/toy_data.h"

namespace myna::train {
namespace {

class VoiceTrainingTest : public testing::Test {
 protected:
  VoiceTrainingTest() {
    write_toy_data(directory_ / "data");
    settings_.data = directory_ / "data";
    settings_.run = directory_ / "run";
    settings_.items = 4;
    settings_.frames = 48;
    settings_.sample_count = 1;
    settings_.validate_every = 1000000;
    settings_.log_every = 1;
    settings_.model = {2, 8, 24, 1, 5, 16, 1, 5, 48, 2, 7, 96};
    settings_.optimizer.learning_rate = 3e-3;
    settings_.optimizer.muon = true;
    settings_.schedule = {100000, 5, 0, Cooldown::kCosine, 0.02};
  }

  static void train(const VoiceRunSettings& settings, int64_t until) {
    VoiceTraining(settings).run(never_, until);
  }
  VoiceRunSettings in(const std::string& run) const {
    VoiceRunSettings settings = settings_;
    settings.run = directory_ / run;
    return settings;
  }
  // All values of a run's checkpoint.
  static std::vector<float> weights(const VoiceRunSettings& settings, int64_t step) {
    const auto file =
        SafetensorsFile::open(settings.run / ("step-" + std::to_string(step) + ".safetensors"));
    std::vector<float> values;
    for (const std::string& name : file.names()) {
      const auto own = file.require(name).as<float>();
      values.insert(values.end(), own.begin(), own.end());
    }
    return values;
  }

  static AdversarySettings small_adversary(int64_t quiet_steps) {
    AdversarySettings small;
    small.resolutions = 1;
    small.channels = 4;
    small.frames = 16;
    small.quiet_steps = quiet_steps;
    return small;
  }
  static std::map<std::string, double> named(
      const std::vector<std::pair<std::string, double>>& losses) {
    return {losses.begin(), losses.end()};
  }

  static inline const std::atomic<bool> never_ = false;
  const test_support::TemporaryDirectory own_;
  const std::filesystem::path& directory_ = own_.path();
  VoiceRunSettings settings_;
};

TEST_F(VoiceTrainingTest, LossFallsAndTheRunExplainsItself) {
  settings_.log_every = 10;
  settings_.validate_every = 120;
  VoiceTraining training(settings_);
  const double before = training.losses_of(0)[0].second;
  training.run(never_, 120);
  const double after = training.losses_of(0)[0].second;
  EXPECT_LT(after, before / 1.8);
  EXPECT_TRUE(std::filesystem::exists(settings_.run / "samples/step-120/0-own-prosody.wav"));
  write_report(settings_.run, directory_ / "report.html");
  const std::string page = read_file(directory_ / "report.html");
  EXPECT_NE(page.find("<polyline class='validation'"), std::string::npos);
  EXPECT_NE(page.find("data:audio/wav;base64,UklGR"), std::string::npos);
  EXPECT_NE(page.find("data:image/bmp;base64,Qk"), std::string::npos);
  export_voice(settings_.run / "step-120.safetensors", directory_ / "export");
  const auto exported = SafetensorsFile::open(directory_ / "export/voice.safetensors");
  EXPECT_EQ(exported.require("decoder.blocks.1.up.weight").shape(), (Shape{96, 48}));
}

TEST_F(VoiceTrainingTest, LowPhasesAreLearntWhereTheyWeigh) {
  settings_.losses = {};
  settings_.losses.spectral = settings_.losses.complex = 0;
  const auto phase_after = [&](const char* run, double weight) {
    VoiceRunSettings settings = in(run);
    settings.losses.phase = weight;
    VoiceTraining training(settings);
    const double before = named(training.losses_of(0))["phase"];
    training.run(never_, 60);
    return named(training.losses_of(0))["phase"] / before;
  };
  EXPECT_LT(phase_after("with", 40), 0.7);
  EXPECT_GT(phase_after("without", 0), 0.9);
}

TEST_F(VoiceTrainingTest, PhasesWeighUpToWhereIsAsked) {
  const auto phase = [&](int64_t top_hz) {
    settings_.losses.phase_top_hz = top_hz;
    return named(VoiceTraining(settings_).losses_of(0))["phase"];
  };
  const double low = phase(1200), middle = phase(4000), all = phase(8000);
  EXPECT_NE(low, middle);
  EXPECT_NE(middle, all);
  EXPECT_EQ(low, phase(1259));  // bins are 60 Hz wide
  for (const int64_t top_hz : {int64_t{-60}, int64_t{8001}}) {
    EXPECT_THROW(phase(top_hz), Error) << top_hz;
  }
}

// Less is taken off for how two draws differ, and nothing else changes.
TEST_F(VoiceTrainingTest, WithoutSpreadWhereVoicedNoiseCosts) {
  settings_.items = 2;
  const auto losses = [&](double spread) {
    settings_.losses.voiced_spread = spread;
    return named(VoiceTraining(settings_).losses_of(0));
  };
  auto with = losses(1), half = losses(0.5), without = losses(0);
  EXPECT_GT(without["spectral"], with["spectral"] + 0.01);
  EXPECT_NEAR(half["spectral"], (with["spectral"] + without["spectral"]) / 2, 1e-4);
  EXPECT_EQ(without["phase"], with["phase"]);
  settings_.losses.spread_top_hz = 8000;
  EXPECT_GT(losses(0)["spectral"], without["spectral"] + 0.005);
  for (const int64_t top_hz : {int64_t{999}, int64_t{12001}}) {
    settings_.losses.spread_top_hz = top_hz;
    EXPECT_THROW(losses(0), Error) << top_hz;
  }
}

TEST_F(VoiceTrainingTest, SpectraOfTheFirstItemsAlone) {
  const auto of = [&](int64_t items) {
    settings_.losses.spectral_items = items;
    return named(VoiceTraining(settings_).losses_of(0));
  };
  auto all = of(0), four = of(4), one = of(1);
  EXPECT_EQ(four["spectral"], all["spectral"]);
  EXPECT_NE(one["spectral"], all["spectral"]);
  EXPECT_EQ(one["complex"], all["complex"]);
}

TEST_F(VoiceTrainingTest, StopAndResumeIsAsIfNothingHadHappened) {
  train(in("whole"), 6);
  train(in("parts"), 3);
  train(in("parts"), 6);
  EXPECT_EQ(weights(in("parts"), 6), weights(in("whole"), 6));
}

TEST_F(VoiceTrainingTest, StopAndResumeKeepsTheDiscriminators) {
  settings_.adversary = small_adversary(2);
  train(in("whole"), 6);
  train(in("parts"), 3);
  train(in("parts"), 6);
  EXPECT_EQ(weights(in("parts"), 6), weights(in("whole"), 6));
  // Where they are lost they begin anew: another run.
  train(in("lost"), 3);
  std::filesystem::remove_all(in("lost").run / "adversary");
  train(in("lost"), 6);
  EXPECT_NE(weights(in("lost"), 6), weights(in("whole"), 6));
}

TEST_F(VoiceTrainingTest, TheModelDoesNotHearOfQuietDiscriminators) {
  train(in("without"), 3);
  settings_.adversary = small_adversary(3);
  train(in("quiet"), 3);
  EXPECT_EQ(weights(in("quiet"), 3), weights(in("without"), 3));
  train(in("quiet"), 5);
  train(in("without"), 5);
  EXPECT_NE(weights(in("quiet"), 5), weights(in("without"), 5));
}

TEST_F(VoiceTrainingTest, DecoderAloneLeavesAllElse) {
  train(settings_, 4);
  settings_.trained = "decoder";
  VoiceTraining training(settings_);
  std::map<std::string, Tensor> before;
  for (const Parameter& parameter : training.parameters().all()) {
    before[parameter.name] = parameter.value.detach().clone();
  }
  training.run(never_, 6);
  for (const Parameter& parameter : training.parameters().all()) {
    const bool same = at::equal(parameter.value.detach(), before[parameter.name]);
    EXPECT_EQ(same, !parameter.name.starts_with("decoder.")) << parameter.name;
  }
  settings_.trained = "head";
  EXPECT_THROW(VoiceTraining{settings_}, Error);
}

TEST_F(VoiceTrainingTest, ProsodyAloneTeachesProsodyAlone) {
  const auto losses = [&] { return named(VoiceTraining(settings_).losses_of(0)); };
  auto before = losses();
  add_toy_prosody(settings_.data, 20);
  settings_.prosody_items = 8;
  auto after = losses();
  for (const char* sound : {"spectral", "complex"}) {
    EXPECT_NEAR(after[sound], before[sound], 1e-4 * before[sound]) << sound;
  }
  for (const char* prosody : {"duration", "log_f0", "voiced", "energy"}) {
    EXPECT_GT(std::abs(after[prosody] - before[prosody]), 1e-4 * before[prosody]) << prosody;
  }
  settings_.validate_every = 4;  // of what has audio
  train(in("whole"), 4);
  train(in("parts"), 2);
  train(in("parts"), 4);
  EXPECT_EQ(weights(in("parts"), 4), weights(in("whole"), 4));
  settings_.prosody_items = 7;
  settings_.launch.processes = 2;
  EXPECT_THROW(VoiceTraining{settings_}, Error);
}

TEST_F(VoiceTrainingTest, AnotherSeedIsAnotherRun) {
  train(in("one"), 1);
  VoiceRunSettings other = in("other");
  other.seed = 2;
  train(other, 1);
  EXPECT_NE(weights(other, 1), weights(in("one"), 1));
}

TEST_F(VoiceTrainingTest, TwoProcessesAreOne) {
  settings_.optimizer.clip_norm = 0;
  settings_.losses.phase = 1;
  settings_.adversary = small_adversary(0);
  train(in("one"), 2);
  const std::string common =
      std::string(MYNA_TRAIN_BINARY) + " voice --config '" + (directory_ / "config.json").string() +
      "' --until 2 run='" + (directory_ / "two").string() +
      "' processes=2 rendezvous=127.0.0.1:" + std::to_string(20000 + getpid() % 20000) + " rank=";
  write_file_atomically(directory_ / "config.json", settings_.to_json());
  int second = -1;
  std::thread other([&] { second = std::system((common + "1 >/dev/null").c_str()); });
  const int first = std::system((common + "0 >/dev/null").c_str());
  other.join();
  ASSERT_EQ(first, 0);
  ASSERT_EQ(second, 0);
  const std::vector<float> expected = weights(in("one"), 2), found = weights(in("two"), 2);
  ASSERT_EQ(found.size(), expected.size());
  double difference = 0, size = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    difference += std::pow(static_cast<double>(found[i] - expected[i]), 2);
    size += std::pow(static_cast<double>(expected[i]), 2);
  }
  // Sums in another order, and Adam's first steps divide by roots of small squares.
  EXPECT_LT(std::sqrt(difference / size), 1e-3);
}

TEST_F(VoiceTrainingTest, DamagedShardIsSkippedAndCounted) {
  std::fstream shard(settings_.data / "shard-00001.safetensors",
                     std::ios::in | std::ios::out | std::ios::binary);
  shard.seekp(5000);
  shard.put('x');
  shard.close();
  const VoiceShards shards(settings_.data);
  EXPECT_EQ(shards.skipped_shards(), 1u);
  EXPECT_EQ(shards.training().size(), 6u);
  std::filesystem::remove(settings_.data / "shard-00000.safetensors");
  std::filesystem::remove(settings_.data / "shard-00002.safetensors");
  EXPECT_THROW(VoiceShards{settings_.data}, Error);
}

TEST_F(VoiceTrainingTest, ShardThatIsListedTwiceIsTakenOnce) {
  const std::filesystem::path manifest = settings_.data / "manifest.jsonl";
  const std::string lines = read_file(manifest);
  const size_t once = VoiceShards(settings_.data).training().size();
  write_file_atomically(manifest, lines + lines);
  const VoiceShards shards(settings_.data);
  EXPECT_EQ(shards.training().size(), once);
  EXPECT_EQ(shards.skipped_shards(), 3u);
}

TEST_F(VoiceTrainingTest, LossThatIsNotFiniteStopsWithTheBatchSaved) {
  train(settings_, 2);
  VoiceTraining training(settings_);
  {
    at::NoGradGuard no_grad;
    Tensor value = training.parameters().find("decoder.head.bias").value;
    value[0] = std::numeric_limits<float>::quiet_NaN();
  }
  EXPECT_THROW(training.run(never_, 3), Error);
  const auto saved = SafetensorsFile::open(settings_.run / "not-finite.safetensors");
  EXPECT_EQ(saved.metadata().at("step"), "2");
  EXPECT_EQ(saved.require("audio").shape(), (Shape{4, 48 * 300 + 900}));
  EXPECT_EQ(VoiceTraining(settings_).step(), 2);  // goes on from before
}

TEST_F(VoiceTrainingTest, DamagedCheckpointIsPassedOverForTheOneBefore) {
  settings_.save_every = 1;
  train(settings_, 3);
  const auto damage = [&](const char* name) {
    std::fstream file(settings_.run / name, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-4, std::ios::end);
    file.write("oops", 4);
  };
  damage("step-3.safetensors");
  EXPECT_EQ(VoiceTraining(settings_).step(), 2);
  damage("step-2.safetensors");
  EXPECT_THROW(VoiceTraining{settings_}, Error);
}

TEST_F(VoiceTrainingTest, FullDiskLeavesTheLastCheckpoint) {
  train(settings_, 1);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, SIG_IGN);
  {
    VoiceTraining training(settings_);
    const rlimit small{100000, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    EXPECT_THROW(training.run(never_, 2), Error);
    setrlimit(RLIMIT_FSIZE, &before);
  }
  EXPECT_EQ(VoiceTraining(settings_).step(), 1);
  EXPECT_FALSE(std::filesystem::exists(settings_.run / "step-2.safetensors"));
}

TEST_F(VoiceTrainingTest, CheckpointOfAnotherModelIsRefused) {
  train(settings_, 1);
  settings_.model.decoder_channels = 56;
  EXPECT_THROW(VoiceTraining{settings_}, Error);
}

TEST_F(VoiceTrainingTest, BeginsWithAPackageAndFindsItsVoicesByName) {
  train(settings_, 3);
  const std::filesystem::path package = directory_ / "package", card = package / "parameters.json";
  export_voice(settings_.run / "step-3.safetensors", package);
  const auto file = SafetensorsFile::open(package / "voice.safetensors");
  const auto stored = file.values<float>("speakers", {2, 8});
  const auto speakers_of_run_with = [&](const std::string& run) {
    VoiceRunSettings settings = in(run);
    settings.initial = package;
    const VoiceTraining training(settings);
    EXPECT_EQ(training.step(), 3);
    for (const Parameter& parameter : training.parameters().all()) {
      if (parameter.name.starts_with("speaker")) continue;
      const auto values = file.require(parameter.name).as<float>();
      EXPECT_EQ(
          std::memcmp(parameter.value.const_data_ptr<float>(), values.data(), values.size_bytes()),
          0)
          << parameter.name;
    }
    const Tensor table = training.parameters().find("speakers").value.detach().clone();
    return std::vector<float>(table.data_ptr<float>(), table.data_ptr<float>() + table.numel());
  };
  EXPECT_EQ(speakers_of_run_with("same"), std::vector<float>(stored.begin(), stored.end()));

  nlohmann::json json = nlohmann::json::parse(read_file(card, 1 << 20));
  std::swap(json["voices"][0], json["voices"][1]);
  write_file_atomically(card, json.dump());
  const auto swapped = speakers_of_run_with("swapped");
  EXPECT_EQ(std::vector<float>(swapped.begin() + 8, swapped.end()),
            std::vector<float>(stored.begin(), stored.begin() + 8));

  json["voices"][0] = "somebody";
  write_file_atomically(card, json.dump());
  const auto unknown = speakers_of_run_with("unknown");
  EXPECT_FLOAT_EQ(unknown[8], (stored[0] + stored[8]) / 2);

  VoiceRunSettings other = in("other");
  other.initial = package;
  other.model.decoder_channels = 56;
  EXPECT_THROW(VoiceTraining{other}, Error);
  other = in("alphabet");
  other.initial = package;
  json["vocabulary"] = {{"a", 1}};
  write_file_atomically(card, json.dump());
  EXPECT_THROW(VoiceTraining{other}, Error);
}

TEST_F(VoiceTrainingTest, SettingsAreCheckedAndComeBack) {
  EXPECT_THROW(settings_.set("optimizer.learnin_rate=1"), Error);
  EXPECT_THROW(settings_.set("items=many"), Error);
  EXPECT_THROW(settings_.merge_json("[]"), Error);
  settings_.set("schedule.shape=linear");
  VoiceRunSettings copy;
  copy.merge_json(settings_.to_json());
  EXPECT_EQ(copy.to_json(), settings_.to_json());
  settings_.frames = 9;  // of which 1,800 samples have all windows: less than a spectrum
  EXPECT_THROW(VoiceTraining{settings_}, Error);
  settings_.frames = 10;
  EXPECT_GT(VoiceTraining(settings_).losses_of(0)[0].second, 0);
  settings_.items = 5;
  settings_.launch.processes = 2;
  EXPECT_THROW(VoiceTraining{settings_}, Error);
}

}  // namespace
}  // namespace myna::train
