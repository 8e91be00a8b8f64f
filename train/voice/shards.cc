#include "train/voice/shards.h"

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <sstream>

#include "base/error.h"
#include "base/sha256.h"
#include "train/core/shard_file.h"

namespace myna::train {
namespace {

constexpr int kTokenSlots = 178;
constexpr const char* kMaker = "myna-voice-data";

// values[begin, begin + count), which must lie inside.
template <typename T>
std::span<const T> part(const ShardFile& file, std::span<const T> values, int64_t begin,
                        int64_t count) {
  if (begin < 0 || count < 0 || static_cast<size_t>(begin + count) > values.size()) {
    file.corrupt("an utterance reaches beyond the data");
  }
  return values.subspan(static_cast<size_t>(begin), static_cast<size_t>(count));
}

void check(const ShardFile& file, const VoiceUtterance& utterance, size_t speakers) {
  if (utterance.speaker < 0 || static_cast<size_t>(utterance.speaker) >= speakers) {
    file.corrupt("no speaker " + std::to_string(utterance.speaker));
  }
  for (const int32_t token : utterance.tokens) {
    if (token < 0 || token >= kTokenSlots) file.corrupt("no token " + std::to_string(token));
  }
  int64_t frames = 0;
  for (const int32_t count : utterance.durations) {
    if (count < 0) file.corrupt("a negative duration");
    frames += count;
  }
  if (frames != static_cast<int64_t>(utterance.frames()) || frames == 0) {
    file.corrupt("durations do not add up to the frames");
  }
  if (!(utterance.controls[0] > 0 && utterance.controls[2] > 0)) {
    file.corrupt("a speed or a pitch range that is not positive");
  }
  for (const auto& curve : {utterance.f0_hz, utterance.energy, utterance.controls}) {
    for (const float value : curve) {
      if (!std::isfinite(value)) file.corrupt("a value that is not finite");
    }
  }
}

}  // namespace

VoiceShards::VoiceShards(const std::filesystem::path& directory) {
  std::ifstream manifest(directory / "manifest.jsonl");
  if (!manifest) {
    throw Error(ErrorCode::kNotFound, "no manifest.jsonl in '" + directory.string() + "'",
                "make the data with myna-voice-data");
  }
  std::set<std::string> taken;
  for (std::string line; std::getline(manifest, line);) {
    const auto entry = nlohmann::json::parse(line, nullptr, false);
    std::string name = "a line of the manifest";
    try {
      if (!entry.is_object()) throw Error(ErrorCode::kCorruptData, "not an object");
      name = entry.value("file", "");
      if (name.empty() || name.find('/') != std::string::npos) {
        throw Error(ErrorCode::kCorruptData, "no file name");
      }
      if (taken.contains(name)) {
        throw Error(ErrorCode::kCorruptData, "listed twice, as when two makers write here");
      }
      if (sha256_file_hex(directory / name) != entry.value("sha256", "")) {
        throw Error(ErrorCode::kCorruptData, "the hash is not that of the manifest");
      }
      add(SafetensorsFile::open(directory / name));
      taken.insert(name);
    } catch (const std::exception& error) {
      skipped_.push_back(name + ": " + error.what());
    }
  }
  if (training_.empty() && validation_.empty()) {
    throw Error(ErrorCode::kCorruptData, "no usable shard in '" + directory.string() + "'",
                skipped_.empty() ? "" : skipped_.front());
  }
}

VoiceShard parse_voice_shard(const SafetensorsFile& safetensors) {
  const ShardFile file(safetensors, kMaker);
  if (file.metadata("format") != "myna-voice-shard-1") file.corrupt("another format");
  VoiceShard shard;
  std::istringstream list(file.metadata("speakers"));
  for (std::string name; std::getline(list, name, ',');) shard.speakers.push_back(name);
  shard.vocabulary = file.metadata("vocabulary");
  shard.split = file.metadata("split");
  const auto index = file.whole<int32_t>("utterances");
  const auto tokens = file.whole<int32_t>("tokens");
  const auto durations = file.whole<int32_t>("durations");
  const auto f0 = file.whole<float>("f0");
  const auto energy = file.whole<float>("energy");
  const auto controls = file.whole<float>("controls");
  const auto audio = file.whole<Float16>("audio");
  const bool heard = !audio.empty();
  if (durations.size() != tokens.size() || energy.size() != f0.size() ||
      (heard && audio.size() != f0.size() * kFrameSamples) || index.size() % 5 != 0 ||
      controls.size() % 4 != 0 || index.size() / 5 != controls.size() / 4) {
    file.corrupt("tensors do not fit each other");
  }
  for (size_t i = 0; i < index.size(); i += 5) {
    VoiceUtterance utterance;
    utterance.tokens = part(file, tokens, index[i], index[i + 1]);
    utterance.durations = part(file, durations, index[i], index[i + 1]);
    utterance.f0_hz = part(file, f0, index[i + 2], index[i + 3]);
    utterance.energy = part(file, energy, index[i + 2], index[i + 3]);
    if (heard) {
      utterance.audio = part(file, audio, int64_t{index[i + 2]} * int64_t{kFrameSamples},
                             int64_t{index[i + 3]} * int64_t{kFrameSamples});
    }
    utterance.controls = controls.subspan(i / 5 * 4, 4);
    utterance.speaker = index[i + 4];
    check(file, utterance, shard.speakers.size());
    shard.utterances.push_back(utterance);
  }
  return shard;
}

void VoiceShards::add(SafetensorsFile file) {
  const VoiceShard shard = parse_voice_shard(file);
  if (speakers_.empty()) {
    speakers_ = shard.speakers;
    vocabulary_ = shard.vocabulary;
  }
  if (shard.speakers != speakers_ || shard.vocabulary != vocabulary_) {
    ShardFile(file, kMaker).corrupt("other speakers or another alphabet than the shards before it");
  }
  std::vector<VoiceUtterance>& split = shard.split == "validation" ? validation_ : training_;
  split.insert(split.end(), shard.utterances.begin(), shard.utterances.end());
  files_.push_back(std::move(file));
}

double VoiceShards::training_seconds() const {
  size_t frames = 0;
  for (const VoiceUtterance& utterance : training_) {
    if (!utterance.audio.empty()) frames += utterance.frames();
  }
  return static_cast<double>(frames * kFrameSamples) / 24000;
}

}  // namespace myna::train
