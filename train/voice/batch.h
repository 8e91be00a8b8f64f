// Utterances as tensors. A batch has segments of equal length for everything that runs over frames,
// and the whole utterances' tokens. Its first items have audio, the rest prosody alone.
#pragma once

#include <span>
#include <vector>

#include "train/core/torch.h"
#include "train/voice/shards.h"

namespace myna::train {

// B items, of which A with audio, L tokens (padded with 0), F frames. Audio-rate tensors have a
// margin of kMargin samples at both ends, so that F windows of 1200 with hop 300 fit.
struct VoiceBatch {
  static constexpr int64_t kMargin = 450;

  Tensor tokens;       // [B, L] long
  Tensor token_mask;   // [B, L, 1]
  Tensor durations;    // [B, L] frames
  Tensor speaker;      // [B] long
  Tensor controls;     // [B, 4]: log2 speed, pitch / 4 semitones, log2 range, effort / 6 dB
  Tensor length;       // [B, 1]: log2(phonemes / kUsualPhonemes)
  Tensor frame_token;  // [B, F] long: whose token a frame is
  Tensor position;     // [B, F, 2]: (place in the token + 0.5) / its frames, log2(frames) / 4
  Tensor log_f0;       // [B, F]: log2(f0 / 200 Hz); 0 where unvoiced
  Tensor voiced;       // [B, F]: 1 or 0
  Tensor energy;       // [B, F]: divided by kEnergyScale
  Tensor phase;        // [B, F, 6]: cosine and sine of the excitation at its windows' middles,
                       // 0 where unvoiced
  Tensor pulses;       // [A, 300 F + 900]: the excitation of voiced_pulses()
  Tensor audio;        // [A, 300 F + 900]

  // What the decoder reads beside text and position: log_f0, voiced, energy, phase.
  static constexpr int64_t kCurves = 9;
  Tensor curves() const;  // [B, F, kCurves]

  int64_t items() const { return tokens.size(0); }
  int64_t items_with_audio() const { return audio.size(0); }
  int64_t frames() const { return frame_token.size(1); }
  VoiceBatch to(at::Device device) const;
  std::vector<std::pair<std::string, Tensor>> named() const;
};

inline constexpr float kEnergyScale = 5;
inline constexpr float kUsualPhonemes = 48;

// frames [begin, begin + frames) of an utterance.
struct Segment {
  const VoiceUtterance* utterance;
  size_t begin, frames;
};

// All of the same length; the first `with_audio` become the items with audio.
VoiceBatch make_batch(std::span<const Segment> segments, size_t with_audio);
inline VoiceBatch make_batch(std::span<const Segment> segments) {
  return make_batch(segments, segments.size());
}

// The normalised controls of VoiceBatch::controls.
std::array<float, 4> normalized_controls(std::span<const float> controls);

// sum over h = 1..K of cos(2 pi h phase) with K = floor(8000 / f0), zero where unvoiced; `phase`
// (in turns) is C_t = sum over i <= t of f0_i / 80 at the middle of frame t, and linear between the
// middles (docs/models/myna-voice-1.md, "Excitation"). For samples [begin, end) of the utterance;
// samples outside of it are 0.
std::vector<float> voiced_pulses(std::span<const float> f0_hz, int64_t begin, int64_t end);

}  // namespace myna::train
