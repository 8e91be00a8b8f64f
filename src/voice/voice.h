// The Voice interface: phonemes in, audio and durations out. Tiers (studio/, flash/) implement it;
// everything above sees only this file.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace myna::voice {

enum class Accent : uint8_t { kAmerican, kBritish };
enum class Gender : uint8_t { kFemale, kMale };

// A named speaker of a voice model.
struct Speaker {
  std::string name;  // "heart"
  std::string id;    // as in the model package: "af_heart"
  Accent accent = Accent::kAmerican;
  Gender gender = Gender::kFemale;
};

// A weighted mix of speakers; weights are positive and sum to 1. One entry is a plain speaker.
struct SpeakerBlend {
  struct Part {
    size_t speaker;  // index into Voice::speakers()
    float weight;
  };
  std::vector<Part> parts;
};

// Where synthesis time went and what passed through; for `myna trace` and the parity tests.
// Called on the synthesising thread. `values` is valid during the call only.
struct StageReport {
  std::string_view name;          // "plbert", "durations", "generator.stage1", ...
  std::span<const size_t> shape;  // of `values`, row-major
  std::span<const float> values;  // empty when the stage only reports its time
  double seconds;
};
using StageObserver = std::function<void(const StageReport&)>;

struct SynthesisRequest {
  std::u32string phonemes;  // without padding; symbols outside the alphabet throw kInvalidArgument
  SpeakerBlend speaker;
  float speed = 1.0f;  // 0.25 to 4: durations are divided by it
  uint64_t seed = 0;   // same seed, request, ISA and thread count: bit-identical audio
  const std::atomic<bool>* cancel = nullptr;  // checked between stages; then throws kCancelled
  StageObserver observer;                     // may be empty
};

struct Speech {
  std::vector<float> samples;  // mono, nominally in [-1, 1], not yet loudness-normalised
  int sample_rate = 24000;
  // Frames of each phoneme with the model's leading and trailing padding: phonemes.size() + 2
  // entries; samples.size() == samples_per_frame * their sum.
  std::vector<int> frame_counts;
  int samples_per_frame = 600;
};

// Loading happens in the implementation's constructor. Const methods are safe from many threads;
// synthesize may be called from many threads (calls may wait for each other).
class Voice {
 public:
  virtual ~Voice() = default;
  virtual std::string_view tier() const = 0;  // "studio", "flash"
  virtual int sample_rate() const = 0;
  virtual std::span<const Speaker> speakers() const = 0;
  virtual size_t max_phonemes() const = 0;
  virtual bool has_symbol(char32_t symbol) const = 0;
  // Throws Error: kInvalidArgument (symbol, speed, length, speaker), kCancelled.
  // An empty phoneme string gives empty samples.
  virtual Speech synthesize(const SynthesisRequest& request) = 0;
};

// Parses "heart", "af_heart", "heart*0.6+bella*0.4", "heart+bella" (equal shares). Weights are
// normalised to sum to 1. Throws Error kInvalidArgument with position and the closest names.
SpeakerBlend parse_speaker_blend(std::string_view text, std::span<const Speaker> speakers);

}  // namespace myna::voice
