#include "train/voice/shards.h"

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>

#include "base/error.h"
#include "base/sha256.h"

namespace myna::train {
namespace {

constexpr int kTokenSlots = 178;

[[noreturn]] void corrupt(const SafetensorsFile& file, const std::string& what) {
  throw Error(ErrorCode::kCorruptData, file.file_name() + ": " + what,
              "make the shard again with myna-voice-data");
}

std::string metadata(const SafetensorsFile& file, const std::string& name) {
  const auto found = file.metadata().find(name);
  if (found == file.metadata().end()) corrupt(file, "no metadata '" + name + "'");
  return found->second;
}

template <typename T>
std::span<const T> whole(const SafetensorsFile& file, const char* name) {
  const TensorView tensor = file.require(name);
  if (tensor.dtype() != kDTypeOf<T>) corrupt(file, std::string(name) + " has the wrong type");
  return tensor.as<T>();
}

// values[begin, begin + count), which must lie inside.
template <typename T>
std::span<const T> part(const SafetensorsFile& file, std::span<const T> values, int64_t begin,
                        int64_t count) {
  if (begin < 0 || count < 0 || static_cast<size_t>(begin + count) > values.size()) {
    corrupt(file, "an utterance reaches beyond the data");
  }
  return values.subspan(static_cast<size_t>(begin), static_cast<size_t>(count));
}

void check(const SafetensorsFile& file, const VoiceUtterance& utterance, size_t speakers) {
  if (utterance.speaker < 0 || static_cast<size_t>(utterance.speaker) >= speakers) {
    corrupt(file, "no speaker " + std::to_string(utterance.speaker));
  }
  for (const int32_t token : utterance.tokens) {
    if (token < 0 || token >= kTokenSlots) corrupt(file, "no token " + std::to_string(token));
  }
  int64_t frames = 0;
  for (const int32_t count : utterance.durations) {
    if (count < 0) corrupt(file, "a negative duration");
    frames += count;
  }
  if (frames != static_cast<int64_t>(utterance.frames()) || frames == 0) {
    corrupt(file, "durations do not add up to the frames");
  }
  if (!(utterance.controls[0] > 0 && utterance.controls[2] > 0)) {
    corrupt(file, "a speed or a pitch range that is not positive");
  }
  for (const auto& curve : {utterance.f0_hz, utterance.energy, utterance.controls}) {
    for (const float value : curve) {
      if (!std::isfinite(value)) corrupt(file, "a value that is not finite");
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
  for (std::string line; std::getline(manifest, line);) {
    const auto entry = nlohmann::json::parse(line, nullptr, false);
    std::string name = "a line of the manifest";
    try {
      if (!entry.is_object()) throw Error(ErrorCode::kCorruptData, "not an object");
      name = entry.value("file", "");
      if (name.empty() || name.find('/') != std::string::npos) {
        throw Error(ErrorCode::kCorruptData, "no file name");
      }
      if (sha256_file_hex(directory / name) != entry.value("sha256", "")) {
        throw Error(ErrorCode::kCorruptData, "the hash is not that of the manifest");
      }
      add(SafetensorsFile::open(directory / name));
    } catch (const std::exception& error) {
      skipped_.push_back(name + ": " + error.what());
    }
  }
  if (training_.empty() && validation_.empty()) {
    throw Error(ErrorCode::kCorruptData, "no usable shard in '" + directory.string() + "'",
                skipped_.empty() ? "" : skipped_.front());
  }
}

VoiceShard parse_voice_shard(const SafetensorsFile& file) {
  if (metadata(file, "format") != "myna-voice-shard-1") corrupt(file, "another format");
  VoiceShard shard;
  std::istringstream list(metadata(file, "speakers"));
  for (std::string name; std::getline(list, name, ',');) shard.speakers.push_back(name);
  shard.vocabulary = metadata(file, "vocabulary");
  shard.split = metadata(file, "split");
  const auto index = whole<int32_t>(file, "utterances");
  const auto tokens = whole<int32_t>(file, "tokens");
  const auto durations = whole<int32_t>(file, "durations");
  const auto f0 = whole<float>(file, "f0");
  const auto energy = whole<float>(file, "energy");
  const auto controls = whole<float>(file, "controls");
  const auto audio = whole<Float16>(file, "audio");
  if (durations.size() != tokens.size() || energy.size() != f0.size() ||
      audio.size() / kFrameSamples != f0.size() || audio.size() % kFrameSamples != 0 ||
      index.size() % 5 != 0 || controls.size() % 4 != 0 ||
      index.size() / 5 != controls.size() / 4) {
    corrupt(file, "tensors do not fit each other");
  }
  for (size_t i = 0; i < index.size(); i += 5) {
    VoiceUtterance utterance;
    utterance.tokens = part(file, tokens, index[i], index[i + 1]);
    utterance.durations = part(file, durations, index[i], index[i + 1]);
    utterance.f0_hz = part(file, f0, index[i + 2], index[i + 3]);
    utterance.energy = part(file, energy, index[i + 2], index[i + 3]);
    utterance.audio = part(file, audio, int64_t{index[i + 2]} * int64_t{kFrameSamples},
                           int64_t{index[i + 3]} * int64_t{kFrameSamples});
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
    corrupt(file, "other speakers or another alphabet than the shards before it");
  }
  std::vector<VoiceUtterance>& split = shard.split == "validation" ? validation_ : training_;
  split.insert(split.end(), shard.utterances.begin(), shard.utterances.end());
  files_.push_back(std::move(file));
}

double VoiceShards::training_seconds() const {
  size_t frames = 0;
  for (const VoiceUtterance& utterance : training_) frames += utterance.frames();
  return static_cast<double>(frames * kFrameSamples) / 24000;
}

}  // namespace myna::train
