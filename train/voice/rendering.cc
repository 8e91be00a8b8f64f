#include "train/voice/rendering.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/file.h"
#include "train/voice/batch.h"
#include "train/voice/objective.h"

namespace myna::train {
namespace {

std::vector<float> values_of(const Tensor& tensor) {
  const Tensor plain = tensor.to(at::kCPU).contiguous();
  return {plain.data_ptr<float>(), plain.data_ptr<float>() + plain.numel()};
}

}  // namespace

Rendering render(const VoiceModel& model, const VoiceUtterance& utterance, ProsodyFrom from,
                 double noise_level, uint64_t seed) {
  at::NoGradGuard no_grad;
  Rendering rendering;
  const Segment whole{&utterance, 0, utterance.frames()};
  VoiceBatch batch = make_batch({&whole, 1});
  const Tensor condition = model.condition(batch.speaker, batch.length, batch.controls);
  const Tensor text = model.encode(batch.tokens, batch.token_mask, condition);
  const Tensor log_durations = model.durations(text, batch.token_mask, condition);
  std::vector<int32_t> durations(utterance.durations.begin(), utterance.durations.end());
  std::vector<float> f0_hz(utterance.f0_hz.begin(), utterance.f0_hz.end());
  std::vector<float> energy(utterance.energy.begin(), utterance.energy.end());
  if (from == ProsodyFrom::kModel) {
    const std::vector<float> wanted = values_of(log_durations);
    size_t frames = 0;
    for (size_t i = 0; i < durations.size(); ++i) {
      durations[i] = std::max(1, static_cast<int>(std::nearbyint(std::exp2(wanted[i]))));
      frames += static_cast<size_t>(durations[i]);
    }
    f0_hz.assign(frames, 0);
    energy.assign(frames, 0);
    VoiceUtterance own = utterance;
    own.durations = durations;
    own.f0_hz = f0_hz;
    own.energy = energy;
    const Segment segment{&own, 0, frames};
    const VoiceBatch flat = make_batch({&segment, 1});
    const Prosody prosody = model.prosody(spread(text, flat.frame_token), flat.position, condition);
    const std::vector<float> log_f0 = values_of(prosody.log_f0);
    const std::vector<float> voiced = values_of(prosody.voiced_logit);
    energy = values_of(prosody.energy);
    for (float& value : energy) value *= kEnergyScale;
    for (size_t t = 0; t < frames; ++t) {
      f0_hz[t] = voiced[t] > 0 ? std::clamp(200 * std::exp2(log_f0[t]), 50.0f, 600.0f) : 0.0f;
    }
    rendering.stages = {{"prosody.log_f0", prosody.log_f0},
                        {"prosody.voiced", prosody.voiced_logit},
                        {"prosody.energy", prosody.energy}};
  }
  VoiceUtterance spoken = utterance;
  spoken.durations = durations;
  spoken.f0_hz = f0_hz;
  spoken.energy = energy;
  spoken.audio = {};
  const Segment segment{&spoken, 0, f0_hz.size()};
  batch = make_batch({&segment, 1});
  const SpectralParts parts =
      model.decode(spread(text, batch.frame_token), batch.position, batch.curves(), condition);
  Tensor spectrum = harmonic_spectrum(parts, framed_spectrum(batch.pulses));
  if (noise_level > 0) {
    spectrum = spectrum +
               noise_spectrum(parts, draw_noise(seed, 0, 0, 1, batch.frames())[0]) * noise_level;
  }
  Tensor sound = overlap_add(spectrum).narrow(1, VoiceBatch::kMargin, batch.frames() * 300);
  const int64_t fading = 300 * std::min(3, durations.back());
  sound.narrow(1, sound.size(1) - fading, fading)
      .mul_(at::arange(fading - 1, -1, -1, at::kFloat) / static_cast<double>(fading));
  rendering.samples = values_of(sound);
  rendering.frame_counts.assign(durations.begin(), durations.end());
  rendering.stages["text"] = text;
  rendering.stages["log_durations"] = log_durations;
  rendering.stages["harmonic_log"] = parts.harmonic_log;
  rendering.stages["harmonic_phase"] = parts.harmonic_phase;
  rendering.stages["noise_log"] = parts.noise_log;
  rendering.stages["f0_hz"] =
      at::from_blob(f0_hz.data(), {static_cast<int64_t>(f0_hz.size())}, at::kFloat).clone();
  rendering.stages["energy"] = batch.energy;
  rendering.stages["pulses"] = batch.pulses;
  rendering.stages["samples"] = sound;
  return rendering;
}

void write_wav(const std::string& path, const std::vector<float>& samples) {
  constexpr uint32_t kRate = 24000;
  std::string bytes(44, '\0');
  const auto bytes_of_data = static_cast<uint32_t>(2 * samples.size());
  const auto put32 = [&](size_t at, uint32_t value) { std::memcpy(&bytes[at], &value, 4); };
  const auto put16 = [&](size_t at, uint16_t value) { std::memcpy(&bytes[at], &value, 2); };
  bytes.replace(0, 4, "RIFF").replace(8, 8, "WAVEfmt ").replace(36, 4, "data");
  put32(4, 36 + bytes_of_data);
  put32(16, 16);
  put16(20, 1);
  put16(22, 1);
  put32(24, kRate);
  put32(28, 2 * kRate);
  put16(32, 2);
  put16(34, 16);
  put32(40, bytes_of_data);
  for (const float sample : samples) {
    const auto value = static_cast<int16_t>(std::lround(std::clamp(sample, -1.0f, 1.0f) * 32767));
    bytes.append(reinterpret_cast<const char*>(&value), 2);
  }
  write_file_atomically(path, bytes);
}

}  // namespace myna::train
