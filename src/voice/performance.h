// The controls of a request on a model's own prosody: durations before they are rounded, pitch and
// energy curves between the predictor and the decoder. Curves have 80 values a second, the same
// number for every frame. docs/models/studio.md, "Controls".
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "ops/arena.h"
#include "voice/voice.h"

namespace myna::voice {

// What a request asks for, as the model takes it: each part neutral (empty, {}) for a plain
// request.
struct Performance {
  std::u32string_view phonemes;              // without padding
  std::span<const PhonemeControl> controls;  // one a phoneme, or empty
  UtteranceControl control;

  bool neutral_pitch() const;
  bool neutral_effort() const;
};

// Speed as controls of that many phonemes, on top of `controls` (one a phoneme, or none): a speed
// that divides durations before each is rounded is heard by half where most last two to four
// frames.
// A speed of 1 leaves them as they are.
std::vector<PhonemeControl> with_speed(std::span<const PhonemeControl> controls, size_t phonemes,
                                       float speed);

// Frame counts from the durations that the model wants (in frames, unrounded, with
// padding at both ends). Without controls each is rounded by itself, ties to even, at least 1, as
// the reference does. With them, what rounding takes from the scaled durations is handed on to the
// next phoneme, so that a rate of 0.95 is heard although most phonemes last two to four frames;
// only what the reference's own rounding takes stays lost, so that factors of 1 change nothing.
void round_durations(std::span<const float> wanted, std::span<const PhonemeControl> controls,
                     std::span<int> frame_counts);

// Changes f0_hz in place; unvoiced values (below 50 Hz) stay as they are, voiced ones
// stay within 50 to 600 Hz. The mean for the pitch range is that of log F0 over voiced values.
void shape_pitch(const Performance& performance, std::span<const int> frame_counts,
                 std::span<float> f0_hz, ops::Arena& arena);

// Adds the effort to the energy curve, which is the logarithm of a magnitude.
void shape_energy(const Performance& performance, std::span<const int> frame_counts,
                  std::span<float> energy, ops::Arena& arena);

}  // namespace myna::voice
