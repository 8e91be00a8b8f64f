// Reading training data: shards of docs/formats/voice-shard.md, all mapped into memory at once.
// What is damaged is left out and counted.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "weights/safetensors.h"

namespace myna::train {

// Views into a shard.
struct VoiceUtterance {
  std::span<const int32_t> tokens;     // with the padding token 0 at both ends
  std::span<const int32_t> durations;  // frames of each token
  std::span<const float> f0_hz;        // one a frame; below kVoicedThreshold_hz: unvoiced
  std::span<const float> energy;       // one a frame, logarithmic
  std::span<const float> controls;     // speed, pitch in semitones, pitch range, effort in dB
  std::span<const Float16> audio;      // kFrameSamples a frame; empty: prosody alone
  int32_t speaker = 0;

  size_t frames() const { return f0_hz.size(); }
};

inline constexpr size_t kFrameSamples = 300;  // 12.5 ms at 24 kHz
inline constexpr float kVoicedThreshold_hz = 40.0f;

// One file, checked: whatever its bytes are, the utterances lie inside of it and fit together.
// Throws Error kCorruptData otherwise. Views live as long as the file.
struct VoiceShard {
  std::vector<std::string> speakers;
  std::string vocabulary, split;
  std::vector<VoiceUtterance> utterances;
};
VoiceShard parse_voice_shard(const SafetensorsFile& file);

// Immutable after construction; safe from many threads.
class VoiceShards {
 public:
  // Reads <directory>/manifest.jsonl and every shard that it lists whose hash is right. Throws
  // Error kNotFound without a manifest, kCorruptData when nothing usable is left or shards
  // disagree on speakers or alphabet.
  explicit VoiceShards(const std::filesystem::path& directory);

  const std::vector<VoiceUtterance>& training() const { return training_; }
  const std::vector<VoiceUtterance>& validation() const { return validation_; }
  const std::vector<std::string>& speakers() const { return speakers_; }
  const std::string& vocabulary() const { return vocabulary_; }  // JSON: symbol to token
  size_t shard_count() const { return files_.size(); }
  size_t skipped_shards() const { return skipped_.size(); }
  const std::vector<std::string>& skipped() const { return skipped_; }  // why, one a shard
  double training_seconds() const;                                      // with audio

 private:
  void add(SafetensorsFile file);

  std::vector<SafetensorsFile> files_;
  std::vector<VoiceUtterance> training_, validation_;
  std::vector<std::string> speakers_, skipped_;
  std::string vocabulary_;
};

}  // namespace myna::train
