// Brings the voices of one narration, and the recordings in it, to one loudness: each voice is
// measured once and then keeps its gain, so that nothing pumps.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "audio/loudness.h"

namespace myna::voice {

// Voices are numbers (ResolvedDelivery::voice). The first one whose gain is asked for is the
// yardstick: its gain is 0 dB. Not thread-safe.
class VoiceLevels {
 public:
  // measure_s of audio settle a voice; more is not measured.
  VoiceLevels(int sample_rate, double measure_s);

  // Raw speech of a voice. Does nothing once it is settled or has its gain. It is kept until
  // somebody wants to know: most narrations have one voice, whose loudness nobody asks for.
  void hear(size_t voice, std::span<const float> samples);
  bool settled(size_t voice) const;
  bool has_gain(size_t voice) const { return gains_db_.contains(voice); }

  // Fixed by the first call. A voice that was not heard, or only as silence, gets 0 dB.
  double gain_db(size_t voice);
  // For a recording, which is a programme of its own.
  double recording_gain_db(std::span<const float> samples);

  static constexpr double kMaxGain_db = 15;

 private:
  struct Heard {
    explicit Heard(int sample_rate) : meter(sample_rate, audio::LoudnessMeter::Scope::kLoudness) {}
    audio::LoudnessMeter meter;
    std::vector<float> waiting;  // for the meter
    size_t sample_count = 0;
  };
  std::optional<double> loudness(size_t voice);

  int sample_rate_;
  size_t enough_samples_;
  std::map<size_t, Heard> heard_;
  std::map<size_t, double> gains_db_;
  std::optional<size_t> yardstick_;
};

}  // namespace myna::voice
