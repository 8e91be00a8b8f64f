#include "train/voice/export.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "train/core/checkpoint.h"
#include "train/voice/batch.h"
#include "train/voice/model.h"
#include "train/voice/rendering.h"
#include "train/voice/settings.h"
#include "train/voice/shards.h"

namespace myna::train {

namespace {

// A checkpoint's model with its running means.
struct Trained {
  explicit Trained(const std::filesystem::path& checkpoint)
      : settings(settings_of(checkpoint)),
        parameters(settings.seed, at::kCPU),
        model(parameters, settings.model),
        info(load_weights(checkpoint, parameters, true)) {}

  static VoiceRunSettings settings_of(const std::filesystem::path& checkpoint) {
    const SafetensorsFile file = SafetensorsFile::open(checkpoint);
    const auto stored = file.metadata().find("settings");
    if (stored == file.metadata().end()) {
      throw Error(ErrorCode::kCorruptData, checkpoint.string() + " is no checkpoint");
    }
    VoiceRunSettings settings;
    settings.merge_json(stored->second);
    return settings;
  }

  VoiceRunSettings settings;
  Parameters parameters;
  VoiceModel model;
  CheckpointInfo info;
};

}  // namespace

void dump_rendering(const std::filesystem::path& checkpoint, size_t utterance, ProsodyFrom from,
                    const std::filesystem::path& file) {
  const Trained trained(checkpoint);
  const VoiceShards shards(trained.settings.data);
  if (utterance >= shards.validation().size()) {
    throw Error(
        ErrorCode::kInvalidArgument,
        "there are " + std::to_string(shards.validation().size()) + " validation utterances");
  }
  const VoiceUtterance& spoken = shards.validation()[utterance];
  const Rendering rendering = render(trained.model, spoken, from, 0, 1);
  std::vector<std::pair<std::string, Tensor>> tensors(rendering.stages.begin(),
                                                      rendering.stages.end());
  const auto add = [&](const char* name, const std::vector<float>& values) {
    const auto count = static_cast<int64_t>(values.size());
    tensors.emplace_back(
        name, at::from_blob(const_cast<float*>(values.data()), {count}, at::kFloat).clone());
  };
  add("tokens", {spoken.tokens.begin(), spoken.tokens.end()});
  add("frame_counts", {rendering.frame_counts.begin(), rendering.frame_counts.end()});
  const auto controls = normalized_controls(spoken.controls);
  add("controls", {controls.begin(), controls.end()});
  add("speaker", {static_cast<float>(spoken.speaker)});
  if (from == ProsodyFrom::kTeacher) {
    const Segment whole{&spoken, 0, spoken.frames()};
    tensors.emplace_back("audio", make_batch({&whole, 1}).audio);
  }
  save_tensors(file, tensors, {{"step", std::to_string(trained.info.step)}});
}

void export_voice(const std::filesystem::path& checkpoint, const std::filesystem::path& directory,
                  const NoiseLevels& noise) {
  const Trained trained(checkpoint);
  const VoiceRunSettings& settings = trained.settings;
  const VoiceShards shards(settings.data);
  std::filesystem::create_directories(directory);
  std::vector<std::pair<std::string, Tensor>> tensors;
  for (const Parameter& parameter : trained.parameters.all()) {
    tensors.emplace_back(parameter.name, parameter.value);
  }
  save_tensors(directory / "voice.safetensors", tensors,
               {{"format", "myna-voice-1"}, {"step", std::to_string(trained.info.step)}});
  const VoiceModelSizes& sizes = settings.model;
  const nlohmann::json json = {
      {"sample_rate", 24000},
      {"steps", trained.info.step},
      {"speaker_channels", sizes.speaker_channels},
      {"text",
       {{"channels", sizes.text_channels},
        {"blocks", sizes.text_blocks},
        {"kernel", sizes.text_kernel}}},
      {"prosody",
       {{"channels", sizes.prosody_channels},
        {"blocks", sizes.prosody_blocks},
        {"kernel", sizes.prosody_kernel}}},
      {"decoder",
       {{"channels", sizes.decoder_channels},
        {"hidden", sizes.decoder_hidden},
        {"blocks", sizes.decoder_blocks},
        {"kernel", sizes.decoder_kernel},
        {"harmonic_points", VoiceModelSizes::kHarmonicPoints}}},
      {"noise", {{"unvoiced", noise.unvoiced}, {"voiced", noise.voiced}}},
      {"voices", shards.speakers()},
      {"vocabulary", nlohmann::json::parse(shards.vocabulary())},
  };
  write_file_atomically(directory / "parameters.json", json.dump(1) + "\n");
}

}  // namespace myna::train
