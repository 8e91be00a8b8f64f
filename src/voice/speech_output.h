// From a narration's audio to an encoder: sample rate, loudness, true peak.
//
// A file is normalised as a whole, so that its loudness is the one asked for; that needs the audio
// in memory, which is bounded: from whole_samples on, the gain found on the audio so far is kept
// and the rest streams through it and a true-peak limiter. One voice keeps its level, so that the
// result stays within a fraction of a LU, in constant memory however long the text is. A live
// output is heard at once: its gain is fixed from the start by the known loudness of its voice. For
// a voice of unknown loudness it follows that of the voice so far, and moves only in the silence at
// the start of a piece.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "audio/encoder.h"
#include "audio/loudness.h"
#include "audio/resampler.h"
#include "audio/true_peak_limiter.h"

namespace myna::voice {

enum class Delivery : uint8_t {
  kWhole,  // a file, heard when it is complete
  kLive,   // a pipe, heard while it grows
};

struct SpeechOutputOptions {
  int voice_rate = 24000;   // of what write() gets, in Hz
  int output_rate = 24000;  // that the encoder was made with, in Hz
  Delivery delivery = Delivery::kWhole;
  std::optional<double> loudness_lufs = audio::kDefaultLoudnessLufs;  // nothing: leave as it is
  double true_peak_dbtp = audio::kDefaultTruePeakDbtp;
  std::optional<double> voice_lufs = {};  // kLive: of the voice's running speech, where it is known
  size_t whole_samples = 20'000'000;  // at most so many are held back: 80 MB, 14 minutes at 24 kHz
};

// Not thread-safe. Throws what the encoder throws.
class SpeechOutput {
 public:
  SpeechOutput(std::unique_ptr<audio::Encoder> encoder, const SpeechOutputOptions& options);

  // One piece of speech or one pause, as the narrator's sink gets them.
  void write(std::span<const float> samples);
  // Writes what is held back and completes the file. Call it once, also after a cancelled
  // narration: what was written until then is playable.
  void finish();

  const audio::EncoderStatistics& statistics() const { return encoder_->statistics(); }

 private:
  void write_at_output_rate(std::span<const float> samples);
  void write_live(std::span<const float> samples);
  double live_gain(std::span<const float> samples);
  void start_streaming();
  void write_limited(std::span<const float> samples);

  std::unique_ptr<audio::Encoder> encoder_;
  SpeechOutputOptions options_;
  std::optional<audio::Resampler> resampler_;
  std::optional<audio::TruePeakLimiter> limiter_;  // once audio streams
  std::vector<float> held_;  // kWhole: all audio until it streams; kLive: until it can be metered
  std::optional<audio::LoudnessMeter> live_meter_;  // of a voice of unknown loudness
  size_t live_measured_ = 0;                        // samples in live_meter_
  std::vector<float> scratch_;
  double live_gain_ = 0;  // as a factor; 0 before the first piece
};

}  // namespace myna::voice
