#include "train/voice/batch.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace myna::train {
namespace {

constexpr double kTopHarmonic_hz = 8000;
constexpr double kPi = 3.14159265358979323846;

float half_to_float(Float16 half) {
  const int exponent = (half.bits >> 10) & 31;
  const auto mantissa = static_cast<float>(half.bits & 1023);
  const float magnitude =
      exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
  return (half.bits & 0x8000) != 0 ? -magnitude : magnitude;
}

bool is_voiced(float f0_hz) { return f0_hz >= kVoicedThreshold_hz; }

// Long tensor from values.
Tensor longs(const std::vector<int64_t>& values, at::IntArrayRef shape) {
  return at::from_blob(const_cast<int64_t*>(values.data()), shape, at::kLong).clone();
}
Tensor floats(const std::vector<float>& values, at::IntArrayRef shape) {
  return at::from_blob(const_cast<float*>(values.data()), shape, at::kFloat).clone();
}

// The excitation's phase in turns, C_t at the middle of frame t.
std::vector<double> turns_of(std::span<const float> f0_hz) {
  std::vector<double> turns(f0_hz.size());
  double sum = 0;
  for (size_t t = 0; t < turns.size(); ++t) {
    sum += static_cast<double>(f0_hz[t]) / 80;
    sum -= std::floor(sum);
    turns[t] = sum;
  }
  return turns;
}

// The same at `place`, in frames from the middle of the first.
double turns_at(std::span<const double> turns, std::span<const float> f0_hz, double place) {
  const double held = std::clamp(place, 0.0, static_cast<double>(turns.size() - 1));
  const auto left = static_cast<size_t>(held);
  const double next = left + 1 < f0_hz.size() ? static_cast<double>(f0_hz[left + 1]) / 80 : 0.0;
  const double phase = turns[left] + (held - static_cast<double>(left)) * next;
  return phase - std::floor(phase);
}

}  // namespace

std::vector<float> voiced_pulses(std::span<const float> f0_hz, int64_t begin, int64_t end) {
  std::vector<float> pulses(static_cast<size_t>(std::max<int64_t>(0, end - begin)));
  const auto frames = static_cast<int64_t>(f0_hz.size());
  const auto samples = static_cast<int64_t>(kFrameSamples);
  if (frames == 0) return pulses;
  const std::vector<double> turns = turns_of(f0_hz);
  for (int64_t n = std::max<int64_t>(0, begin); n < std::min(end, frames * samples); ++n) {
    const float f0 = f0_hz[static_cast<size_t>(n / samples)];
    if (!is_voiced(f0)) continue;
    const double phase = turns_at(turns, f0_hz, (static_cast<double>(n) + 0.5) / 300 - 0.5);
    const double harmonics = std::floor(kTopHarmonic_hz / static_cast<double>(f0));
    const double denominator = std::sin(kPi * phase);
    const double value =
        std::abs(denominator) < 1e-6
            ? harmonics
            : 0.5 * (std::sin((2 * harmonics + 1) * kPi * phase) / denominator - 1);
    pulses[static_cast<size_t>(n - begin)] = static_cast<float>(value);
  }
  return pulses;
}

std::array<float, 4> normalized_controls(std::span<const float> controls) {
  return {std::log2(controls[0]), controls[1] / 4, std::log2(controls[2]), controls[3] / 6};
}

VoiceBatch make_batch(std::span<const Segment> segments, size_t with_audio) {
  const auto items = static_cast<int64_t>(segments.size());
  const auto frames = static_cast<int64_t>(segments.front().frames);
  size_t longest = 0;
  for (const Segment& segment : segments) {
    longest = std::max(longest, segment.utterance->tokens.size());
    if (static_cast<int64_t>(segment.frames) != frames ||
        segment.begin + segment.frames > segment.utterance->frames()) {
      throw Error(ErrorCode::kInternal, "segments of a batch do not fit");
    }
  }
  const auto length = static_cast<int64_t>(longest);
  const int64_t samples = frames * 300 + 2 * VoiceBatch::kMargin;
  std::vector<int64_t> tokens(segments.size() * longest), speakers, frame_token;
  std::vector<float> mask(tokens.size()), durations(tokens.size()), controls, lengths, position,
      log_f0, voiced, energy, phase, pulses, audio;
  for (size_t i = 0; i < segments.size(); ++i) {
    const VoiceUtterance& utterance = *segments[i].utterance;
    for (size_t k = 0; k < utterance.tokens.size(); ++k) {
      tokens[i * longest + k] = utterance.tokens[k];
      mask[i * longest + k] = 1;
      durations[i * longest + k] = static_cast<float>(utterance.durations[k]);
    }
    speakers.push_back(utterance.speaker);
    const size_t phonemes = std::max<size_t>(utterance.tokens.size(), 3) - 2;
    lengths.push_back(std::log2(static_cast<float>(phonemes) / kUsualPhonemes));
    for (const float value : normalized_controls(utterance.controls)) controls.push_back(value);
    const size_t begin = segments[i].begin, end = begin + segments[i].frames;
    size_t frame = 0;
    for (size_t k = 0; k < utterance.durations.size(); ++k) {
      const auto count = static_cast<size_t>(utterance.durations[k]);
      for (size_t j = 0; j < count; ++j, ++frame) {
        if (frame < begin || frame >= end) continue;
        frame_token.push_back(static_cast<int64_t>(k));
        position.push_back((static_cast<float>(j) + 0.5f) / static_cast<float>(count));
        position.push_back(std::log2(static_cast<float>(count)) / 4);
      }
    }
    const std::vector<double> turns = turns_of(utterance.f0_hz);
    for (size_t t = begin; t < end; ++t) {
      const bool is = is_voiced(utterance.f0_hz[t]);
      log_f0.push_back(is ? std::log2(utterance.f0_hz[t] / 200) : 0.0f);
      voiced.push_back(is ? 1.0f : 0.0f);
      energy.push_back(utterance.energy[t] / kEnergyScale);
      for (int window = -1; window <= 1; ++window) {
        const double at = static_cast<double>(t) + window / 3.0;
        const double angle = 2 * kPi * turns_at(turns, utterance.f0_hz, at);
        phase.push_back(is ? static_cast<float>(std::cos(angle)) : 0.0f);
        phase.push_back(is ? static_cast<float>(std::sin(angle)) : 0.0f);
      }
    }
    if (i >= with_audio) continue;
    const int64_t first = static_cast<int64_t>(begin) * 300 - VoiceBatch::kMargin;
    const std::vector<float> own = voiced_pulses(utterance.f0_hz, first, first + samples);
    pulses.insert(pulses.end(), own.begin(), own.end());
    for (int64_t n = first; n < first + samples; ++n) {
      const bool inside = n >= 0 && n < static_cast<int64_t>(utterance.audio.size());
      audio.push_back(inside ? half_to_float(utterance.audio[static_cast<size_t>(n)]) : 0.0f);
    }
  }
  VoiceBatch batch;
  batch.tokens = longs(tokens, {items, length});
  batch.token_mask = floats(mask, {items, length, 1});
  batch.durations = floats(durations, {items, length});
  batch.speaker = longs(speakers, {items});
  batch.controls = floats(controls, {items, 4});
  batch.length = floats(lengths, {items, 1});
  batch.frame_token = longs(frame_token, {items, frames});
  batch.position = floats(position, {items, frames, 2});
  batch.log_f0 = floats(log_f0, {items, frames});
  batch.voiced = floats(voiced, {items, frames});
  batch.energy = floats(energy, {items, frames});
  batch.phase = floats(phase, {items, frames, 6});
  batch.pulses = floats(pulses, {static_cast<int64_t>(with_audio), samples});
  batch.audio = floats(audio, {static_cast<int64_t>(with_audio), samples});
  return batch;
}

std::vector<std::pair<std::string, Tensor>> VoiceBatch::named() const {
  return {{"tokens", tokens},           {"token_mask", token_mask},
          {"durations", durations},     {"speaker", speaker},
          {"controls", controls},       {"length", length},
          {"frame_token", frame_token}, {"position", position},
          {"log_f0", log_f0},           {"voiced", voiced},
          {"energy", energy},           {"phase", phase},
          {"pulses", pulses},           {"audio", audio}};
}

Tensor VoiceBatch::curves() const {
  return at::cat({at::stack({log_f0, voiced, energy}, 2), phase}, 2);
}

VoiceBatch VoiceBatch::to(at::Device device) const {
  VoiceBatch moved = *this;
  for (Tensor* tensor :
       {&moved.tokens, &moved.token_mask, &moved.durations, &moved.speaker, &moved.controls,
        &moved.length, &moved.frame_token, &moved.position, &moved.log_f0, &moved.voiced,
        &moved.energy, &moved.phase, &moved.pulses, &moved.audio}) {
    *tensor = tensor->to(device);
  }
  return moved;
}

}  // namespace myna::train
