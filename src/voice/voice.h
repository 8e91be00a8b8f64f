// The Voice interface: phonemes in, audio and durations out. Tiers (studio/, flash/) implement it;
// everything above sees only this file.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
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
  // Of running speech as the voice makes it, measured once, for live output, which has to choose
  // its gain before anything is heard.
  std::optional<float> loudness_lufs = {};
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

// How one phoneme is said, relative to what the model would do by itself. The identity is {}.
struct PhonemeControl {
  float duration = 1.0f;         // factor, 0.1 to 10
  float pitch_semitones = 0.0f;  // -24 to 24
  float pitch_range = 1.0f;      // factor on log F0 around the utterance's mean, 0 to 4
  float effort_db = 0.0f;  // -24 to 24: energy that the model is told to speak with. It answers
                           // with timbre and little level; the narrator adds half of it

  bool operator==(const PhonemeControl&) const = default;
};

// How a whole utterance is said. The identity is {}.
struct UtteranceControl {
  float tilt_db_per_octave = 0.0f;           // -6 to 6: darker to brighter, at the same level
  float breath = 0.0f;                       // 0 to 1: noise that follows the speech
  float whisper = 0.0f;                      // 0 to 1: voicing replaced by noise
  float declination_semitones_per_s = 0.0f;  // -6 to 6: pitch drift within each sentence, around
                                             // its middle; negative falls

  bool operator==(const UtteranceControl&) const = default;
};

// Neutral controls give the very samples that a request without them gives.
struct SynthesisRequest {
  std::u32string phonemes;  // without padding; symbols outside the alphabet throw kInvalidArgument
  SpeakerBlend speaker;
  // Whose rhythm, melody and energy; nothing: the speaker's. `speaker` is then the timbre alone.
  std::optional<SpeakerBlend> prosody_speaker;
  std::vector<PhonemeControl> phoneme_controls;  // one a phoneme, or none at all
  UtteranceControl control;
  float speed = 1.0f;  // 0.25 to 4: durations are divided by it
  uint64_t seed = 0;   // same seed, request, ISA and thread count: bit-identical audio
  // Looked at while it waits and works; then throws kCancelled, within 50 ms.
  const std::atomic<bool>* cancel = nullptr;
  StageObserver observer;  // may be empty
};

struct Speech {
  std::vector<float> samples;  // mono, nominally in [-1, 1], not yet loudness-normalised
  int sample_rate = 24000;
  // Frames of each phoneme with the model's leading and trailing padding: phonemes.size() + 2
  // entries; samples.size() == samples_per_frame * their sum.
  std::vector<int> frame_counts;
  int samples_per_frame = 600;
  // By how much the sound of a phoneme comes before its frames: a property of the model.
  int sound_lead_samples = 0;
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
  // Throws Error: kInvalidArgument (symbol, speed, length, speaker, controls out of their ranges),
  // kCancelled.
  // An empty phoneme string gives empty samples.
  virtual Speech synthesize(const SynthesisRequest& request) = 0;
  // synthesize(), whose samples go to `sink` in parts, in order, the first as soon as it can be;
  // what comes back has everything else. Together the parts are what synthesize() gives, to the
  // bit.
  using PartSink = std::function<void(std::span<const float>)>;
  virtual Speech synthesize_in_parts(const SynthesisRequest& request, const PartSink& sink) {
    Speech speech = synthesize(request);
    if (!speech.samples.empty()) sink(speech.samples);
    speech.samples.clear();
    return speech;
  }
  // What synthesize() gives, but for its samples: how long each phoneme takes, in a fraction of the
  // time. To the frame on the CPU. The observer hears of no stage after the durations.
  virtual Speech foretell(const SynthesisRequest& request) {
    Speech speech = synthesize(request);
    speech.samples.clear();
    return speech;
  }
  // Up to so many requests are faster together than one after another.
  virtual size_t preferred_batch_items() const { return 1; }
  // Each what synthesize() gives for it, up to the order of sums (to the bit on the CPU); together,
  // where that is faster. All of their audio is in memory at the end. Observers may be called on
  // several threads at a time, those of one request on one.
  // A request that is cancelled, or wrong, ends all of them.
  virtual std::vector<Speech> synthesize_batch(std::span<const SynthesisRequest> requests) {
    std::vector<Speech> speech;
    speech.reserve(requests.size());
    for (const SynthesisRequest& request : requests) speech.push_back(synthesize(request));
    return speech;
  }
};

// Parses "heart", "af_heart", "heart*0.6+bella*0.4", "heart+bella" (equal shares). Weights are
// normalised to sum to 1. Throws Error kInvalidArgument with position and the closest names.
SpeakerBlend parse_speaker_blend(std::string_view text, std::span<const Speaker> speakers);

// (1 - share) of `base` and `share` (0 to 1) of `other`. A share of 0 is `base` itself.
SpeakerBlend mix_speakers(const SpeakerBlend& base, const SpeakerBlend& other, float share);

// Of a blend, from those of its speakers by power; nothing when one is not known.
std::optional<float> blend_loudness_lufs(const SpeakerBlend& blend,
                                         std::span<const Speaker> speakers);

// Throws Error kInvalidArgument that names the first control outside of its range (NaN is), or
// phoneme controls that are not one a phoneme.
void check_controls(const SynthesisRequest& request);

// The same, and for a speed outside of 0.25 to 4 or more than max_phonemes: what every tier
// refuses.
void check_request(const SynthesisRequest& request, size_t max_phonemes);

}  // namespace myna::voice
