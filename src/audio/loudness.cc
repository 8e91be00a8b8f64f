#include "audio/loudness.h"

#include <ebur128.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>

#include "audio/encoder.h"
#include "audio/pcm.h"
#include "audio/true_peak_limiter.h"
#include "base/error.h"

namespace myna::audio {
namespace {

constexpr double kMaxGainDb = 40.0;
// How much more gain than the plain difference the limiter's losses may be made up with.
constexpr double kMaxMakeUpDb = 12.0;
constexpr double kGateBlockMs = 400.0;
constexpr double kShortestSoundMs = 10.0;
constexpr size_t kPiece = 1 << 14;

void check_target(const NormalizationTarget& target) {
  if (!(target.loudness_lufs >= kMinLoudnessLufs && target.loudness_lufs <= kMaxLoudnessLufs)) {
    throw Error(ErrorCode::kInvalidArgument,
                "a loudness of " + std::to_string(target.loudness_lufs) + " LUFS is out of range",
                "use " + std::to_string(static_cast<int>(kMinLoudnessLufs)) + " to " +
                    std::to_string(static_cast<int>(kMaxLoudnessLufs)) + " LUFS");
  }
  if (!(target.true_peak_dbtp <= 0 && target.true_peak_dbtp >= -30)) {
    throw Error(
        ErrorCode::kInvalidArgument,
        "a true-peak ceiling of " + std::to_string(target.true_peak_dbtp) + " dBTP is out of range",
        "use -30 to 0 dBTP");
  }
}

// Runs the samples through a limiter and hands each piece of the result to `take`. A piece comes
// only after its input was read, so that `take` may overwrite the samples.
template <typename Take>
void limit(std::span<const float> samples, int sample_rate, const LimiterOptions& options,
           const Take& take) {
  TruePeakLimiter limiter(sample_rate, options);
  std::vector<float> piece;
  for (size_t begin = 0; begin < samples.size(); begin += kPiece) {
    piece.clear();
    limiter.process(samples.subspan(begin, std::min(kPiece, samples.size() - begin)), piece);
    take(piece);
  }
  piece.clear();
  limiter.flush(piece);
  take(piece);
}

// The gain whose limited result has the target loudness: the limiter takes power away, so that the
// plain difference falls short, by an amount that only a trial shows. More gain is limited in turn,
// hence the factor; after a small correction its remaining error is far below the tolerance, and
// the next trial is spared.
double find_limiter_gain(std::span<const float> samples, int sample_rate, LimiterOptions options,
                         double target_lufs) {
  constexpr int kMaxTrials = 6;
  constexpr double kSmallCorrectionLu = 0.3;
  constexpr double kCorrectionFactor = 1.3;
  const double max_gain_db = std::min(options.gain_db + kMaxMakeUpDb, kMaxGainDb);
  for (int trial = 0; trial < kMaxTrials; ++trial) {
    LoudnessMeter meter(sample_rate, LoudnessMeter::Scope::kLoudness);
    limit(samples, sample_rate, options, [&](std::span<const float> piece) { meter.add(piece); });
    const auto lufs = meter.result().integrated_lufs;
    if (!lufs) break;
    const double missing = target_lufs - *lufs;
    options.gain_db = std::min(options.gain_db + kCorrectionFactor * missing, max_gain_db);
    if (std::abs(missing) <= kSmallCorrectionLu || options.gain_db == max_gain_db) break;
  }
  return options.gain_db;
}

// K-weighted loudness of a sound too short for the gate: the power of the one 400 ms block that
// holds it, referred to the sound's own duration.
std::optional<double> short_sound_lufs(std::span<const float> samples, int sample_rate) {
  const SampleRange sound = find_sound(samples, sample_rate);
  const double duration_ms = 1000.0 * static_cast<double>(sound.end - sound.begin) / sample_rate;
  if (duration_ms < kShortestSoundMs) return std::nullopt;
  const size_t block = samples_for_ms(kGateBlockMs, sample_rate);
  std::vector<float> padded(samples.begin() + static_cast<std::ptrdiff_t>(sound.begin),
                            samples.begin() + static_cast<std::ptrdiff_t>(sound.end));
  for (float& sample : padded) {
    if (!std::isfinite(sample)) sample = 0;
  }
  padded.resize(std::max(block, padded.size()), 0.0f);
  ebur128_state* meter = ebur128_init(1, static_cast<unsigned long>(sample_rate), EBUR128_MODE_M);
  if (meter == nullptr) throw std::bad_alloc();
  double lufs = 0;
  const bool measured =
      ebur128_add_frames_float(meter, padded.data(), padded.size()) == EBUR128_SUCCESS &&
      ebur128_loudness_momentary(meter, &lufs) == EBUR128_SUCCESS;
  ebur128_destroy(&meter);
  if (!measured || !std::isfinite(lufs)) return std::nullopt;
  return lufs + 10.0 * std::log10(kGateBlockMs / std::min(duration_ms, kGateBlockMs));
}

}  // namespace

NormalizationReport normalize_loudness(std::vector<float>& samples, int sample_rate,
                                       const NormalizationTarget& target) {
  check_target(target);
  NormalizationReport report{};
  report.before = measure_loudness(samples, sample_rate);
  report.after = report.before;
  report.method = NormalizationMethod::kUnchanged;

  auto lufs = report.before.integrated_lufs;
  const bool gated = lufs.has_value();
  const bool short_signal = samples.size() < samples_for_ms(kGateBlockMs, sample_rate);
  if (!gated && short_signal) lufs = short_sound_lufs(samples, sample_rate);
  // Silence, or so quiet that a gain would only bring up noise. A peak above the ceiling is brought
  // down all the same: a lone click is no loudness, but it is a peak.
  const double wanted_gain_db = lufs ? std::min(target.loudness_lufs - *lufs, kMaxGainDb) : 0.0;
  const double peak_after_gain = report.before.true_peak_dbtp + wanted_gain_db;
  const bool limit_needed = peak_after_gain > target.true_peak_dbtp;
  if (!lufs && !limit_needed) return report;

  report.gain_db = wanted_gain_db;
  if (!gated) {
    // One short sound has one peak: a limiter would only bend it.
    report.gain_db = std::min(wanted_gain_db, target.true_peak_dbtp - report.before.true_peak_dbtp);
    report.method = NormalizationMethod::kShortSignal;
    apply_gain_db(samples, report.gain_db);
  } else if (!limit_needed) {
    report.method = NormalizationMethod::kGain;
    apply_gain_db(samples, report.gain_db);
  } else {
    report.method = NormalizationMethod::kGainAndLimiter;
    LimiterOptions options{.gain_db = wanted_gain_db, .ceiling_dbtp = target.true_peak_dbtp};
    options.gain_db = find_limiter_gain(samples, sample_rate, options, target.loudness_lufs);
    report.gain_db = options.gain_db;
    auto out = samples.begin();
    limit(samples, sample_rate, options,
          [&](std::span<const float> piece) { out = std::copy(piece.begin(), piece.end(), out); });
  }
  report.after = measure_loudness(samples, sample_rate);
  // The meter's interpolation filter is not the limiter's: what little it reads above the ceiling
  // is taken off as a whole.
  if (const double excess_db = report.after.true_peak_dbtp - target.true_peak_dbtp; excess_db > 0) {
    apply_gain_db(samples, -excess_db - 1e-4);
    report.gain_db -= excess_db;
    report.after = measure_loudness(samples, sample_rate);
  }
  return report;
}

double true_peak_ceiling_for(AudioFormat format, double ceiling_dbtp) {
  // The most that six voices overshot after decoding was 1.2 dB (MP3) and 1.8 dB (Opus); README.md.
  switch (format) {
    case AudioFormat::kMp3:
      return ceiling_dbtp - 1.5;
    case AudioFormat::kOpus:
      return ceiling_dbtp - 2.0;
    case AudioFormat::kWav:
    case AudioFormat::kFlac:
    case AudioFormat::kRawPcm16:
      break;
  }
  return ceiling_dbtp;
}

}  // namespace myna::audio
