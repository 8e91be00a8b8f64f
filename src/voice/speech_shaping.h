// What is done to a voice's samples after synthesis: timbre by a slow filter, breath, volume. Every
// tier uses the same code. Pure functions of their arguments, safe from many threads.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "voice/voice.h"

namespace myna::voice {

// Tilt and breath of `control`; neither changes the length. A tilted utterance keeps its RMS level.
// The breath is noise between 1.5 and 8 kHz whose level follows that of the speech, drawn from
// `seed`.
void shape_timbre(const UtteranceControl& control, uint64_t seed, Speech& speech);

// Scales each symbol's samples by its volume: gains_db has one value a phoneme (without padding,
// which has its neighbour's). Steps become linear ramps of 20 ms around the boundary. -120 dB and
// less is silence.
void shape_volume(std::span<const float> gains_db, Speech& speech);

// Marks at which a voice falls silent, or may.
bool is_pause_mark(char32_t symbol);

// Makes the silences at punctuation marks `factor` times as long (0.25 to 4): whole frames of
// silence come in or go out in the middle of each, and the frame counts say so. `symbols` are those
// of the speech, without padding. A mark that the voice read over without a silence stays as it is.
void stretch_pauses(double factor, std::u32string_view symbols, Speech& speech);

}  // namespace myna::voice
