// The ranges of what a synthesis is asked for.
#include <fmt/format.h>

#include "base/error.h"
#include "voice/voice.h"

namespace myna::voice {
namespace {

constexpr float kMinimumSpeed = 0.25f;
constexpr float kMaximumSpeed = 4.0f;

struct Range {
  float low;
  float high;
};

// The negation also catches NaN.
void check(std::string_view name, float value, Range range) {
  if (!(value >= range.low && value <= range.high)) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("{} {} is not between {} and {}", name, value, range.low, range.high));
  }
}

}  // namespace

void check_controls(const SynthesisRequest& request) {
  if (!request.phoneme_controls.empty() &&
      request.phoneme_controls.size() != request.phonemes.size()) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("{} phoneme controls for {} phonemes", request.phoneme_controls.size(),
                            request.phonemes.size()));
  }
  for (const PhonemeControl& control : request.phoneme_controls) {
    check("the duration factor", control.duration, {0.1f, 10.0f});
    check("the pitch shift in semitones", control.pitch_semitones, {-24.0f, 24.0f});
    check("the pitch range", control.pitch_range, {0.0f, 4.0f});
    check("the effort in dB", control.effort_db, {-24.0f, 24.0f});
  }
  const UtteranceControl& control = request.control;
  check("the tilt in dB per octave", control.tilt_db_per_octave, {-6.0f, 6.0f});
  check("breath", control.breath, {0.0f, 1.0f});
  check("whisper", control.whisper, {0.0f, 1.0f});
  check("the declination in semitones per second", control.declination_semitones_per_s,
        {-6.0f, 6.0f});
}

void check_request(const SynthesisRequest& request, size_t max_phonemes) {
  if (request.phonemes.size() > max_phonemes) {
    throw Error(ErrorCode::kInvalidArgument,
                std::to_string(request.phonemes.size()) + " phonemes are more than the " +
                    std::to_string(max_phonemes) + " that the voice reads at once",
                "cut the text into shorter utterances");
  }
  if (!(request.speed >= kMinimumSpeed && request.speed <= kMaximumSpeed)) {
    throw Error(ErrorCode::kInvalidArgument,
                "speed " + std::to_string(request.speed) + " is not between 0.25 and 4");
  }
  check_controls(request);
}

}  // namespace myna::voice
