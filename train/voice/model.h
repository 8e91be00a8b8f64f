// myna-voice-1 for training: docs/models/myna-voice-1.md is the specification, src/voice/flash the
// engine that runs it.
#pragma once

#include <vector>

#include "train/core/layers.h"
#include "train/core/parameters.h"
#include "train/voice/batch.h"

namespace myna::train {

struct VoiceModelSizes {
  int64_t speakers = 28;
  int64_t speaker_channels = 64;
  int64_t text_channels = 192, text_blocks = 6, text_kernel = 9;
  int64_t prosody_channels = 128, prosody_blocks = 3, prosody_kernel = 9;
  int64_t decoder_channels = 256, decoder_blocks = 6, decoder_kernel = 7;
  int64_t decoder_hidden = 384;  // of a block's two layers

  static constexpr int64_t kTokens = 178, kControls = 4;
  static constexpr int64_t kLookAheadFrames = 1;  // of each decoder block
  // A frame's sound is made of kParts windows.
  static constexpr int64_t kParts = 3, kFft = 400, kHop = 100, kBins = kFft / 2 + 1;
  static constexpr int64_t kHarmonicBins = 67;    // below 4 kHz, each
  static constexpr int64_t kHarmonicPoints = 16;  // and every fourth bin above, 0 behind the last
  static constexpr int64_t kHarmonics = kHarmonicBins + kHarmonicPoints;
  static constexpr int64_t kNoiseBands = 51;                      // every fourth bin
  static constexpr int64_t kPointStep = 4;                        // of both
  static constexpr int64_t kHead = 2 * kHarmonics + kNoiseBands;  // of one window

  int64_t condition() const { return speaker_channels + kControls; }
};

struct Prosody {
  Tensor log_f0, voiced_logit, energy;  // [B, F]
};

// What the spectra of an utterance are made of; W = F kParts windows.
struct SpectralParts {
  Tensor harmonic_log, harmonic_phase;  // [B, W, kHarmonics]
  Tensor noise_log;                     // [B, W, kBins]
};

class VoiceModel {
 public:
  VoiceModel(Parameters& parameters, const VoiceModelSizes& sizes);

  // speaker [B], length [B, 1], controls [B, 4] -> [B, condition]
  Tensor condition(const Tensor& speaker, const Tensor& length, const Tensor& controls) const;
  // -> [B, L, text_channels]
  Tensor encode(const Tensor& tokens, const Tensor& mask, const Tensor& condition) const;
  // -> [B, L]: log2 of the frames of each token
  Tensor durations(const Tensor& text, const Tensor& mask, const Tensor& condition) const;
  // text of each frame [B, F, text_channels], position [B, F, 2], curves [B, F, kCurves]
  Prosody prosody(const Tensor& text, const Tensor& position, const Tensor& condition) const;
  SpectralParts decode(const Tensor& text, const Tensor& position, const Tensor& curves,
                       const Tensor& condition) const;

  const VoiceModelSizes& sizes() const { return sizes_; }

 private:
  VoiceModelSizes sizes_;
  Tensor token_table_, speaker_table_, speaker_lengths_;
  std::vector<ConvNextBlock> text_;
  std::vector<ConvNextBlock> duration_block_;
  Linear duration_out_;
  Linear prosody_in_;
  std::vector<ConvNextBlock> prosody_;
  Linear prosody_out_;
  Linear decoder_in_;
  std::vector<ConvNextBlock> decoder_;
  Linear head_;
  Tensor noise_interpolation_;  // [kNoiseBands, kBins]
};

// Rows of text for each frame: [B, L, C], [B, F] -> [B, F, C].
Tensor spread(const Tensor& text, const Tensor& frame_token);

// Sound with its margins [B, 300 F + 900] -> its spectra over kFft [B, W, kBins], complex.
Tensor framed_spectrum(const Tensor& signal);

// exp(harmonic_log + i harmonic_phase), linear between the points above 4 kHz, * excitation: [B, W,
// kBins] complex, zero above 8 kHz.
Tensor harmonic_spectrum(const SpectralParts& parts, const Tensor& excitation);
// 12.2 exp(noise_log) z with z complex normal, [B, W, kBins].
Tensor noise_spectrum(const SpectralParts& parts, const Tensor& z);
// Inverse of framed_spectrum: windowed overlap-add divided by 1.5, with its margins.
Tensor overlap_add(const Tensor& spectrum);

}  // namespace myna::train
