// How large the layers of a Flash model are, from its card (docs/models/myna-voice-1.md).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "ops/backend.h"
#include "weights/model_parameters.h"

namespace myna::voice::flash {

struct StackSize {
  size_t channels = 0;
  size_t blocks = 0;
  size_t kernel = 0;
  size_t hidden = 0;  // of a block's two layers
};

struct FlashSizes {
  static constexpr size_t kControls = 4;
  static constexpr size_t kPlaces = 2;  // where in its token a frame is, and how long that is
  static constexpr size_t kCurves = 3;  // pitch, voicing, energy
  static constexpr size_t kPhases = 6;  // cosine and sine of the excitation in its three windows
  // Frames of the future that a block of the decoder sees.
  static constexpr size_t kLookAheadFrames = 1;

  size_t speaker_channels = 0;
  StackSize text, prosody, decoder;
  size_t harmonic_points = 0;  // of the head, above 4 kHz
  std::vector<std::string> speakers;
  // What the noise of unvoiced and of voiced frames is multiplied with (the card's "noise"), and
  // that of voiced ones besides for each speaker; without any: 1.
  float unvoiced_noise = 1.0f, voiced_noise = 1.0f;
  std::vector<float> speaker_voiced_noise;

  ops::SourceFilterSpec vocoder() const {
    ops::SourceFilterSpec spec;
    spec.harmonic_points = harmonic_points;
    return spec;
  }
  size_t condition() const { return speaker_channels + kControls; }
  // What the decoder reads of a frame.
  size_t decoder_inputs() const { return text.channels + kPlaces + kCurves + kPhases; }
  // Frames around a part of an utterance that the decoder needs for it.
  size_t decoder_past() const { return decoder.blocks * (decoder.kernel - 1 - kLookAheadFrames); }
  size_t decoder_future() const { return decoder.blocks * kLookAheadFrames; }
};

// Throws Error kCorruptData for what is missing, mistyped or beyond what the engine takes.
FlashSizes read_flash_sizes(const ModelParameters& parameters, const std::string& package);

}  // namespace myna::voice::flash
