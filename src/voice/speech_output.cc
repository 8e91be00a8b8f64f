#include "voice/speech_output.h"

#include <algorithm>
#include <utility>

#include "audio/pcm.h"

namespace myna::voice {
namespace {

// A live gain is settled after this much audio.
constexpr double kLiveMeasure_s = 60;
// The gain moves within the silence that piece_edges.h keeps in front of a piece.
constexpr double kLiveRamp_ms = 20;
constexpr double kMaxGain_db = 40;
// The limiter's peak filter and the meter's differ by up to this much; a file held in memory is
// measured again instead.
constexpr double kLimiterTolerance_db = 0.2;

}  // namespace

SpeechOutput::SpeechOutput(std::unique_ptr<audio::Encoder> encoder,
                           const SpeechOutputOptions& options)
    : encoder_(std::move(encoder)), options_(options) {
  if (options_.voice_rate != options_.output_rate) {
    resampler_.emplace(options_.voice_rate, options_.output_rate);
  }
  if (options_.loudness_lufs && options_.delivery == Delivery::kLive) {
    const double gain_db =
        options_.voice_lufs ? std::min(*options_.loudness_lufs - *options_.voice_lufs, kMaxGain_db)
                            : 0;
    limiter_.emplace(
        options_.output_rate,
        audio::LimiterOptions{.gain_db = gain_db,
                              .ceiling_dbtp = options_.true_peak_dbtp - kLimiterTolerance_db});
    if (!options_.voice_lufs) live_meter_.emplace(options_.output_rate);
  }
}

void SpeechOutput::write(std::span<const float> samples) {
  if (!resampler_) return write_at_output_rate(samples);
  std::vector<float> resampled;
  resampler_->process(samples, resampled);
  write_at_output_rate(resampled);
}

void SpeechOutput::write_at_output_rate(std::span<const float> samples) {
  if (samples.empty()) return;
  if (!options_.loudness_lufs) return encoder_->write(samples);
  if (live_meter_) return write_live(samples);
  if (limiter_) return write_limited(samples);
  held_.insert(held_.end(), samples.begin(), samples.end());
  if (held_.size() >= options_.whole_samples) start_streaming();
}

void SpeechOutput::start_streaming() {
  std::vector<float> trial = held_;
  const audio::NormalizationReport report = audio::normalize_loudness(
      trial, options_.output_rate, {*options_.loudness_lufs, options_.true_peak_dbtp});
  limiter_.emplace(
      options_.output_rate,
      audio::LimiterOptions{.gain_db = report.gain_db,
                            .ceiling_dbtp = options_.true_peak_dbtp - kLimiterTolerance_db});
  trial = {};
  write_limited(held_);
  held_ = {};
}

// The gain that brings the voice so far to the target.
double SpeechOutput::live_gain(std::span<const float> samples) {
  const auto enough = static_cast<size_t>(kLiveMeasure_s * options_.output_rate);
  if (live_measured_ >= enough || audio::sample_peak(samples) == 0) return live_gain_;
  live_meter_->add(samples);
  live_measured_ += samples.size();
  const std::optional<double> lufs = live_meter_->result().integrated_lufs;
  double gain_db = 0;
  if (lufs) {
    held_ = {};
    gain_db = std::min(*options_.loudness_lufs - *lufs, kMaxGain_db);
  } else {
    // Under 400 ms of sound: the normaliser has its own way with those.
    held_.insert(held_.end(), samples.begin(), samples.end());
    std::vector<float> trial = held_;
    gain_db = audio::normalize_loudness(trial, options_.output_rate,
                                        {*options_.loudness_lufs, options_.true_peak_dbtp})
                  .gain_db;
  }
  return audio::db_to_amplitude(gain_db);
}

void SpeechOutput::write_live(std::span<const float> samples) {
  const double gain = live_gain(samples);
  const double from = live_gain_ > 0 ? live_gain_ : gain;
  const double ramp = kLiveRamp_ms * options_.output_rate / 1000;
  std::vector<float> leveled(samples.begin(), samples.end());
  for (size_t i = 0; i < leveled.size(); ++i) {
    const double position = std::min(1.0, static_cast<double>(i) / ramp);
    leveled[i] *= static_cast<float>(from + (gain - from) * position);
  }
  live_gain_ = gain;
  write_limited(leveled);
}

void SpeechOutput::write_limited(std::span<const float> samples) {
  constexpr size_t kRun = 1 << 16;
  for (size_t begin = 0; begin < samples.size(); begin += kRun) {
    scratch_.clear();
    limiter_->process(samples.subspan(begin, std::min(kRun, samples.size() - begin)), scratch_);
    encoder_->write(scratch_);
  }
}

void SpeechOutput::finish() {
  if (resampler_) {
    std::vector<float> rest;
    resampler_->flush(rest);
    write_at_output_rate(rest);
  }
  if (limiter_) {
    scratch_.clear();
    limiter_->flush(scratch_);
    encoder_->write(scratch_);
  } else if (options_.loudness_lufs) {
    audio::normalize_loudness(held_, options_.output_rate,
                              {*options_.loudness_lufs, options_.true_peak_dbtp});
    encoder_->write(held_);
    held_ = {};
  }
  encoder_->finish();
}

}  // namespace myna::voice
