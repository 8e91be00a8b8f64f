#include "voice/performance.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace myna::voice {
namespace {

constexpr float kValuesPerSecond = 80.0f;
constexpr float kLowestPitch_hz = 50.0f;
constexpr float kHighestPitch_hz = 600.0f;
// Steps between phonemes become glides of this many curve values: 112 ms, about a syllable's onset.
constexpr size_t kGlideValues = 9;
// Declination beyond this is no reading any more, however long the sentence.
constexpr float kMaxDrift_semitones = 4.0f;
// Rounding handed on: more than this would be heard where it does not belong.
constexpr float kMaxCarry_frames = 4.0f;
constexpr float kNaturalPerDb = 0.1151292546f;  // ln(10) / 20

bool is_voiced(float f0_hz) { return f0_hz >= kLowestPitch_hz; }

bool ends_sentence(char32_t symbol) {
  return std::u32string_view(U".!?…").find(symbol) != std::u32string_view::npos;
}

size_t values_per_frame(std::span<const int> frame_counts, size_t values) {
  const int frames = std::accumulate(frame_counts.begin(), frame_counts.end(), 0);
  return values / static_cast<size_t>(std::max(1, frames));
}

// Writes value(phoneme) to every curve value of each phoneme; the padding has its neighbour's.
template <typename Value>
void spread(const Performance& performance, std::span<const int> frame_counts,
            std::span<float> curve, const Value& value) {
  const size_t scale = values_per_frame(frame_counts, curve.size());
  size_t at = 0;
  for (size_t token = 0; token < frame_counts.size(); ++token) {
    const size_t phoneme = std::min(token == 0 ? 0 : token - 1, performance.controls.size() - 1);
    const size_t count = scale * static_cast<size_t>(frame_counts[token]);
    std::fill_n(curve.begin() + static_cast<ptrdiff_t>(at), count,
                value(performance.controls[phoneme]));
    at += count;
  }
}

// A centred moving average; at the ends over what there is.
void smooth(std::span<float> curve, ops::Arena& arena) {
  const ops::Arena::Scope scope(arena);
  const size_t half = kGlideValues / 2;
  const std::span<double> sums(arena.allocate<double>(curve.size() + 1), curve.size() + 1);
  sums[0] = 0;
  for (size_t i = 0; i < curve.size(); ++i) sums[i + 1] = sums[i] + static_cast<double>(curve[i]);
  for (size_t i = 0; i < curve.size(); ++i) {
    const size_t begin = i < half ? 0 : i - half;
    const size_t end = std::min(curve.size(), i + half + 1);
    curve[i] = static_cast<float>((sums[end] - sums[begin]) / static_cast<double>(end - begin));
  }
}

// Adds the drift of each sentence, which is nothing at the sentence's middle.
void add_declination(const Performance& performance, std::span<const int> frame_counts,
                     std::span<float> semitones) {
  const float slope = performance.control.declination_semitones_per_s / kValuesPerSecond;
  const size_t scale = values_per_frame(frame_counts, semitones.size());
  size_t begin = 0;
  size_t end = 0;
  for (size_t token = 0; token < frame_counts.size(); ++token) {
    end += scale * static_cast<size_t>(frame_counts[token]);
    const bool last = token + 1 == frame_counts.size();
    const bool mark = token > 0 && !last && ends_sentence(performance.phonemes[token - 1]);
    if (!mark && !last) continue;
    const float middle = 0.5f * static_cast<float>(begin + end);
    for (size_t i = begin; i < end; ++i) {
      semitones[i] += std::clamp(slope * (static_cast<float>(i) + 0.5f - middle),
                                 -kMaxDrift_semitones, kMaxDrift_semitones);
    }
    begin = end;
  }
}

float mean_log_pitch(std::span<const float> f0_hz) {
  double sum = 0;
  size_t count = 0;
  for (float value : f0_hz) {
    if (!is_voiced(value)) continue;
    sum += std::log(static_cast<double>(value));
    ++count;
  }
  return count == 0 ? 0.0f : static_cast<float>(sum / static_cast<double>(count));
}

}  // namespace

bool Performance::neutral_pitch() const {
  return control.declination_semitones_per_s == 0 &&
         std::all_of(controls.begin(), controls.end(), [](const PhonemeControl& phoneme) {
           return phoneme.pitch_semitones == 0 && phoneme.pitch_range == 1;
         });
}

bool Performance::neutral_effort() const {
  return std::all_of(controls.begin(), controls.end(),
                     [](const PhonemeControl& phoneme) { return phoneme.effort_db == 0; });
}

std::vector<PhonemeControl> with_speed(std::span<const PhonemeControl> controls, size_t phonemes,
                                       float speed) {
  std::vector<PhonemeControl> scaled(controls.begin(), controls.end());
  if (speed == 1) return scaled;
  scaled.resize(phonemes);
  for (PhonemeControl& control : scaled) control.duration /= speed;
  return scaled;
}

void round_durations(std::span<const float> wanted, std::span<const PhonemeControl> controls,
                     std::span<int> frame_counts) {
  float carry = 0.0f;
  for (size_t i = 0; i < wanted.size(); ++i) {
    // nearbyint rounds ties to even, as the reference does.
    const float plain = std::max(1.0f, std::nearbyint(wanted[i]));
    const bool padding = i == 0 || i + 1 == wanted.size();
    const float factor = controls.empty() || padding ? 1.0f : controls[i - 1].duration;
    if (factor == 1.0f && std::abs(carry) < 0.5f) {
      frame_counts[i] = static_cast<int>(plain);
      continue;
    }
    const float target = wanted[i] * factor + carry;
    const float frames = std::max(1.0f, std::nearbyint(target));
    carry = std::clamp(target - frames - (wanted[i] - plain), -kMaxCarry_frames, kMaxCarry_frames);
    frame_counts[i] = static_cast<int>(frames);
  }
}

void shape_pitch(const Performance& performance, std::span<const int> frame_counts,
                 std::span<float> f0_hz, ops::Arena& arena) {
  if (performance.neutral_pitch()) return;
  const ops::Arena::Scope scope(arena);
  const std::span<float> semitones(arena.allocate<float>(f0_hz.size()), f0_hz.size());
  const std::span<float> range(arena.allocate<float>(f0_hz.size()), f0_hz.size());
  std::fill(semitones.begin(), semitones.end(), 0.0f);
  std::fill(range.begin(), range.end(), 1.0f);
  if (!performance.controls.empty()) {
    spread(performance, frame_counts, semitones,
           [](const PhonemeControl& phoneme) { return phoneme.pitch_semitones; });
    spread(performance, frame_counts, range,
           [](const PhonemeControl& phoneme) { return phoneme.pitch_range; });
    smooth(semitones, arena);
    smooth(range, arena);
  }
  if (performance.control.declination_semitones_per_s != 0) {
    add_declination(performance, frame_counts, semitones);
  }
  const float mean = mean_log_pitch(f0_hz);
  for (size_t i = 0; i < f0_hz.size(); ++i) {
    const float before = f0_hz[i];
    if (!is_voiced(before)) continue;
    const float excursion = std::log(before) - mean;
    const float after =
        std::exp(mean + range[i] * excursion + semitones[i] * std::log(2.0f) / 12.0f);
    // What the model itself puts outside of the range may stay there.
    f0_hz[i] = std::clamp(after, kLowestPitch_hz, std::max(kHighestPitch_hz, before));
  }
}

void shape_energy(const Performance& performance, std::span<const int> frame_counts,
                  std::span<float> energy, ops::Arena& arena) {
  if (performance.neutral_effort()) return;
  const ops::Arena::Scope scope(arena);
  const std::span<float> effort(arena.allocate<float>(energy.size()), energy.size());
  spread(performance, frame_counts, effort,
         [](const PhonemeControl& phoneme) { return phoneme.effort_db * kNaturalPerDb; });
  smooth(effort, arena);
  for (size_t i = 0; i < energy.size(); ++i) energy[i] += effort[i];
}

}  // namespace myna::voice
