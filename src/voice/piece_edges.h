// Where the sound of a synthesised piece lies: the narrator cuts the silence that a voice model
// puts around each piece, and word timings use the silences inside it.
//
// Measured on Kokoro-82M: a piece is surrounded by 200-500 ms below -100 dBFS, speech peaks at
// -8 to -17 dBFS RMS, and the sound starts 35-150 ms before the frame that the model's durations
// give for the first phoneme. The padding frames alone would therefore cut into the first sound;
// the level decides.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "audio/pcm.h"

namespace myna::voice {

struct PieceEdges {
  audio::SampleRange sound;  // first to last window with sound; empty when all is silent
  audio::SampleRange keep;   // sound with a margin on both sides: what is rendered
};

inline constexpr double kLeadMargin_ms = 25;  // keeps the onset of soft fricatives
inline constexpr double kTailMargin_ms = 40;  // keeps releases and decays

// Sound is what lies within 50 dB of the loudest 5 ms, and above -80 dBFS.
PieceEdges find_piece_edges(std::span<const float> samples, int sample_rate);

// Silences of at least min_ms between sounds, in order. Leading and trailing ones are included.
std::vector<audio::SampleRange> find_silences(std::span<const float> samples, int sample_rate,
                                              double min_ms);

}  // namespace myna::voice
