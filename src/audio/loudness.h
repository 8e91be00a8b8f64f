// Loudness after ITU-R BS.1770-4 / EBU R 128, measured by libebur128, and normalisation to a
// target.
//
// Myna's audio is mono. BS.1770 sums channel powers, so the same speech reads 3.01 LU less as one
// channel than as two equal channels. Meters take a mono file as the one channel that it is
// (ffmpeg, libsndfile tools, pyloudnorm), and so does Myna: a file normalised to -16 LUFS reads -16
// LUFS there. Whoever wants it level with stereo programmes at -16 LUFS asks for -19 (AES TD1008,
// 2021).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "audio/audio_format.h"

namespace myna::audio {

inline constexpr double kDefaultLoudnessLufs = -16.0;
inline constexpr double kDefaultTruePeakDbtp = -1.0;
// What a person may ask for: --loudness -70..-5.
inline constexpr double kMinLoudnessLufs = -70.0;
inline constexpr double kMaxLoudnessLufs = -5.0;

struct Loudness {
  // Gated integrated loudness. Nothing when the gate leaves no block: silence, everything below
  // -70 LUFS, or less than 400 ms of signal.
  std::optional<double> integrated_lufs;
  double true_peak_dbtp;    // -infinity for digital silence
  double sample_peak_dbfs;  // -infinity for digital silence
};

// Samples at sample_rate Hz (8000 to 192000); non-finite ones count as 0. Safe from many threads.
Loudness measure_loudness(std::span<const float> mono_samples, int sample_rate);

// Measures a signal that comes in pieces. Not thread-safe.
class LoudnessMeter {
 public:
  enum class Scope : uint8_t { kLoudness, kLoudnessAndPeaks };

  // sample_rate in Hz, 8000 to 192000; otherwise Error kInvalidArgument. Loudness alone takes half
  // of the time; the peaks of the result are then -infinity.
  explicit LoudnessMeter(int sample_rate, Scope scope = Scope::kLoudnessAndPeaks);
  ~LoudnessMeter();
  LoudnessMeter(LoudnessMeter&&) noexcept;
  LoudnessMeter& operator=(LoudnessMeter&&) noexcept;

  // Non-finite samples count as 0.
  void add(std::span<const float> mono_samples);
  // Of everything added so far.
  Loudness result() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

struct NormalizationTarget {
  double loudness_lufs = kDefaultLoudnessLufs;
  double true_peak_dbtp = kDefaultTruePeakDbtp;
};

enum class NormalizationMethod : uint8_t {
  kUnchanged,       // silence: nothing to scale
  kGain,            // one gain for the whole signal
  kGainAndLimiter,  // the gain alone would have exceeded the peak ceiling
  kShortSignal,     // too short or quiet for the gate: see normalize_loudness
};

struct NormalizationReport {
  NormalizationMethod method;
  double gain_db;  // before the limiter; 0 for kUnchanged
  Loudness before;
  Loudness after;
};

// Scales in place. For gated loudness the result is within 0.5 LU of the target for speech, and its
// true peak is at most the ceiling. Highly dynamic signals (a click in silence) may stay quieter,
// since the gain is never above 40 dB and the limiter never takes more than 12 dB on top.
// Signals that have no gated loudness but 10 ms or more that is not silent are measured ungated
// (power of the non-silent part, K-weighted); in any case the ceiling holds.
// Throws Error kInvalidArgument for a target outside the bounds above or a ceiling above 0 dBTP.
NormalizationReport normalize_loudness(std::vector<float>& samples, int sample_rate,
                                       const NormalizationTarget& target = {});

// The ceiling to normalise to, so that the file keeps `ceiling_dbtp` when it is decoded: what lossy
// decoders overshoot on speech (measured, see README.md) is taken off; lossless formats keep it.
double true_peak_ceiling_for(AudioFormat format, double ceiling_dbtp = kDefaultTruePeakDbtp);

}  // namespace myna::audio
