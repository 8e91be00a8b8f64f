#include "audio/pcm.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

namespace myna::audio {
namespace {

// NaN and infinities count as 0 everywhere, as the encoders write them.
double finite(float sample) { return std::isfinite(sample) ? sample : 0.0; }

// Calls visit(begin, end, loud) for each window of the signal; the last may be shorter.
template <typename Visit>
void for_each_window(std::span<const float> samples, int sample_rate,
                     const SilenceThreshold& threshold, const Visit& visit) {
  const size_t window = std::max<size_t>(1, samples_for_ms(threshold.window_ms, sample_rate));
  const double limit = std::pow(10.0, threshold.level_dbfs / 10.0);
  for (size_t begin = 0; begin < samples.size(); begin += window) {
    const size_t end = std::min(begin + window, samples.size());
    double power = 0;
    for (size_t i = begin; i < end; ++i) power += finite(samples[i]) * finite(samples[i]);
    visit(begin, end, power > limit * static_cast<double>(end - begin));
  }
}

// Gain of a raised-cosine fade at step `index` of `count`, never exactly 0 or 1.
float fade_gain(size_t index, size_t count) {
  const double phase = (static_cast<double>(index) + 0.5) / static_cast<double>(count);
  return static_cast<float>(0.5 - 0.5 * std::cos(std::numbers::pi * phase));
}

void measure_silence(std::span<const float> samples, int sample_rate,
                     const SilenceThreshold& threshold, SignalStatistics& result) {
  size_t silence_begin = 0;
  size_t longest = 0;
  bool any_sound = false;
  for_each_window(samples, sample_rate, threshold, [&](size_t begin, size_t end, bool loud) {
    if (!loud) return;
    if (!any_sound) result.leading_silence_s = static_cast<double>(begin) / sample_rate;
    any_sound = true;
    longest = std::max(longest, begin - silence_begin);
    silence_begin = end;
  });
  const size_t trailing = samples.size() - silence_begin;
  longest = std::max(longest, trailing);
  (any_sound ? result.trailing_silence_s : result.leading_silence_s) =
      static_cast<double>(trailing) / sample_rate;
  result.longest_silence_s = static_cast<double>(longest) / sample_rate;
}

}  // namespace

double amplitude_to_db(double amplitude) { return 20.0 * std::log10(std::abs(amplitude)); }

double db_to_amplitude(double db) { return std::pow(10.0, db / 20.0); }

size_t samples_for_ms(double duration_ms, int sample_rate) {
  const double count = duration_ms * sample_rate / 1000.0;
  return count > 0 ? static_cast<size_t>(count + 0.5) : 0;
}

float sample_peak(std::span<const float> samples) {
  float peak = 0;
  for (const float sample : samples) {
    if (std::isfinite(sample)) peak = std::max(peak, std::abs(sample));
  }
  return peak;
}

double root_mean_square(std::span<const float> samples) {
  // Several sums, which do not wait for one another: a fast voice spends as long here as in its own
  // layers otherwise.
  constexpr size_t kSums = 8;
  const auto power_of = [](float sample) {
    return static_cast<double>(sample) * static_cast<double>(sample);
  };
  std::array<double, kSums> powers{};
  size_t at = 0;
  for (; at + kSums <= samples.size(); at += kSums) {
    for (size_t i = 0; i < kSums; ++i) powers[i] += power_of(samples[at + i]);
  }
  for (size_t i = 0; at < samples.size(); ++at, ++i) powers[i] += power_of(samples[at]);
  double power = std::accumulate(powers.begin(), powers.end(), 0.0);
  size_t count = samples.size();
  if (!std::isfinite(power)) {
    power = 0;
    count = 0;
    for (const float sample : samples) {
      if (!std::isfinite(sample)) continue;
      power += power_of(sample);
      ++count;
    }
  }
  return count == 0 ? 0 : std::sqrt(power / static_cast<double>(count));
}

void apply_gain_db(std::span<float> samples, double gain_db) {
  const auto gain = static_cast<float>(db_to_amplitude(gain_db));
  for (float& sample : samples) sample *= gain;
}

void fade_in(std::span<float> samples, size_t count) {
  count = std::min(count, samples.size());
  for (size_t i = 0; i < count; ++i) samples[i] *= fade_gain(i, count);
}

void fade_out(std::span<float> samples, size_t count) {
  count = std::min(count, samples.size());
  for (size_t i = 0; i < count; ++i) samples[samples.size() - 1 - i] *= fade_gain(i, count);
}

void append_silence(std::vector<float>& samples, double duration_ms, int sample_rate) {
  samples.resize(samples.size() + samples_for_ms(duration_ms, sample_rate), 0.0f);
}

SampleRange find_sound(std::span<const float> samples, int sample_rate,
                       const SilenceThreshold& threshold, double keep_ms) {
  SampleRange range{samples.size(), 0};
  for_each_window(samples, sample_rate, threshold, [&](size_t begin, size_t end, bool loud) {
    if (!loud) return;
    range.begin = std::min(range.begin, begin);
    range.end = end;
  });
  if (range.end == 0) return {0, 0};
  const size_t keep = samples_for_ms(keep_ms, sample_rate);
  range.begin -= std::min(range.begin, keep);
  range.end += std::min(samples.size() - range.end, keep);
  return range;
}

void trim_silence(std::vector<float>& samples, int sample_rate, const SilenceThreshold& threshold,
                  double keep_ms) {
  const SampleRange range = find_sound(samples, sample_rate, threshold, keep_ms);
  samples.resize(range.end);
  samples.erase(samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(range.begin));
}

SignalStatistics signal_statistics(std::span<const float> samples, int sample_rate,
                                   const SilenceThreshold& threshold) {
  // 16-bit audio cannot go higher than this, so that files that were clipped on writing show too.
  constexpr float kClipLevel = 32767.0f / 32768.0f;
  SignalStatistics result;
  result.sample_count = samples.size();
  result.duration_s = static_cast<double>(samples.size()) / sample_rate;
  double sum = 0;
  size_t run = 0;
  for (const float sample : samples) {
    if (!std::isfinite(sample)) {
      ++result.non_finite_count;
      run = 0;
      continue;
    }
    sum += sample;
    if (std::abs(sample) >= kClipLevel) {
      ++result.clipped_count;
      result.longest_clipped_run = std::max(result.longest_clipped_run, ++run);
    } else {
      run = 0;
    }
  }
  const size_t finite_count = samples.size() - result.non_finite_count;
  if (finite_count > 0) result.dc_offset = sum / static_cast<double>(finite_count);
  result.peak_dbfs = amplitude_to_db(sample_peak(samples));
  result.rms_dbfs = amplitude_to_db(root_mean_square(samples));
  measure_silence(samples, sample_rate, threshold, result);
  return result;
}

}  // namespace myna::audio
