// Whole utterances from the trained model, as the engine makes them: for validation and goldens.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "train/voice/model.h"
#include "train/voice/shards.h"

namespace myna::train {

enum class ProsodyFrom : uint8_t { kTeacher, kModel };

struct Rendering {
  std::vector<float> samples;
  std::vector<int> frame_counts;
  std::map<std::string, Tensor> stages;  // what passed through, by name
};

// noise_level 0 leaves the noise branch out, for comparisons.
Rendering render(const VoiceModel& model, const VoiceUtterance& utterance, ProsodyFrom prosody,
                 double noise_level, uint64_t seed);

// 16-bit mono WAV at 24 kHz.
void write_wav(const std::string& path, const std::vector<float>& samples);

}  // namespace myna::train
