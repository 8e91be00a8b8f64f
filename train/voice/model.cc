#include "train/voice/model.h"

namespace myna::train {
namespace {

using Sizes = VoiceModelSizes;

// Root of the window's energy: what white noise of deviation 1 has in a bin.
constexpr double kNoiseGain = 12.24744871391589;
constexpr double kLargestLog = 7;
// Of a batch's margin, what no window reaches.
constexpr int64_t kUnreached = VoiceBatch::kMargin - (Sizes::kFft - Sizes::kHop) / 2;

Tensor hann(const Tensor& like) {
  return at::hann_window(Sizes::kFft, like.options().dtype(at::kFloat));
}

// [points, end - begin]: what points at bins 0, kPointStep, … give to the bins [begin, end), linear
// between them and 0 a step behind the last.
Tensor interpolation(int64_t points, int64_t begin, int64_t end, at::Device device) {
  const at::TensorOptions options = at::TensorOptions(at::kFloat).device(device);
  const Tensor bin = at::arange(begin, end, options).unsqueeze(0);
  const Tensor point = at::arange(points, options).unsqueeze(1) * Sizes::kPointStep;
  return (1 - (bin - point).abs() / static_cast<double>(Sizes::kPointStep)).clamp_min(0);
}

Tensor normalized(const Tensor& x) { return at::layer_norm(x, {x.size(-1)}, {}, {}, 1e-5); }

}  // namespace

VoiceModel::VoiceModel(Parameters& p, const VoiceModelSizes& sizes)
    : sizes_(sizes),
      token_table_(p.normal("text.embedding", {Sizes::kTokens, sizes.text_channels}, 1)),
      speaker_table_(p.normal("speakers", {sizes.speakers, sizes.speaker_channels}, 1)),
      speaker_lengths_(p.normal("speaker_lengths", {sizes.speakers, sizes.speaker_channels}, 0)),
      text_(make_blocks(p, "text.blocks",
                        {sizes.text_channels, 2 * sizes.text_channels, sizes.text_kernel,
                         sizes.text_kernel / 2, sizes.condition(), sizes.text_blocks})),
      duration_block_(make_blocks(p, "duration.blocks",
                                  {sizes.text_channels, 2 * sizes.text_channels, sizes.text_kernel,
                                   sizes.text_kernel / 2, sizes.condition(), 1})),
      duration_out_(p, "duration.out", sizes.text_channels, 1, 0.1),
      prosody_in_(p, "prosody.in", sizes.text_channels + 2, sizes.prosody_channels),
      prosody_(
          make_blocks(p, "prosody.blocks",
                      {sizes.prosody_channels, 2 * sizes.prosody_channels, sizes.prosody_kernel,
                       sizes.prosody_kernel / 2, sizes.condition(), sizes.prosody_blocks})),
      prosody_out_(p, "prosody.out", sizes.prosody_channels, 3, 0.1),
      decoder_in_(p, "decoder.in", sizes.text_channels + 2 + VoiceBatch::kCurves,
                  sizes.decoder_channels),
      decoder_(make_blocks(p, "decoder.blocks",
                           {sizes.decoder_channels, sizes.decoder_hidden, sizes.decoder_kernel,
                            sizes.decoder_kernel - 1 - Sizes::kLookAheadFrames, sizes.condition(),
                            sizes.decoder_blocks})),
      head_(p, "decoder.head", sizes.decoder_channels, Sizes::kParts * Sizes::kHead, 0.3) {
  at::NoGradGuard no_grad;
  const Tensor bias = head_.bias().reshape({Sizes::kParts, Sizes::kHead});
  bias.narrow(1, 0, Sizes::kHarmonics).fill_(-5);
  bias.narrow(1, 2 * Sizes::kHarmonics, Sizes::kNoiseBands).fill_(-7);
  duration_out_.bias().fill_(2.5);
  noise_interpolation_ = interpolation(Sizes::kNoiseBands, 0, Sizes::kBins, p.device());
}

Tensor VoiceModel::condition(const Tensor& speaker, const Tensor& length,
                             const Tensor& controls) const {
  const Tensor row =
      speaker_table_.index_select(0, speaker) + length * speaker_lengths_.index_select(0, speaker);
  return at::cat({row, controls}, 1);
}

Tensor VoiceModel::encode(const Tensor& tokens, const Tensor& mask, const Tensor& condition) const {
  Tensor x = token_table_.index_select(0, tokens.reshape({-1}))
                 .reshape({tokens.size(0), tokens.size(1), sizes_.text_channels}) *
             mask;
  for (const ConvNextBlock& block : text_) x = block(x, condition, mask);
  return x;
}

Tensor VoiceModel::durations(const Tensor& text, const Tensor& mask,
                             const Tensor& condition) const {
  Tensor x = text;
  for (const ConvNextBlock& block : duration_block_) x = block(x, condition, mask);
  return duration_out_(normalized(x)).squeeze(2);
}

Prosody VoiceModel::prosody(const Tensor& text, const Tensor& position,
                            const Tensor& condition) const {
  Tensor x = prosody_in_(at::cat({text, position}, 2));
  for (const ConvNextBlock& block : prosody_) x = block(x, condition);
  const Tensor y = prosody_out_(normalized(x)).to(at::kFloat);
  return {y.select(2, 0), y.select(2, 1), y.select(2, 2)};
}

SpectralParts VoiceModel::decode(const Tensor& text, const Tensor& position, const Tensor& curves,
                                 const Tensor& condition) const {
  Tensor x = decoder_in_(at::cat({text, position, curves}, 2));
  for (const ConvNextBlock& block : decoder_) x = block(x, condition);
  const Tensor y = head_(normalized(x))
                       .to(at::kFloat)
                       .reshape({text.size(0), text.size(1) * Sizes::kParts, Sizes::kHead});
  const Tensor bands = y.narrow(2, 2 * Sizes::kHarmonics, Sizes::kNoiseBands);
  return {y.narrow(2, 0, Sizes::kHarmonics).clamp_max(kLargestLog),
          y.narrow(2, Sizes::kHarmonics, Sizes::kHarmonics),
          at::matmul(bands, noise_interpolation_).clamp_max(kLargestLog)};
}

Tensor spread(const Tensor& text, const Tensor& frame_token) {
  const int64_t items = text.size(0), length = text.size(1);
  const Tensor offset = at::arange(items, frame_token.options()).unsqueeze(1) * length;
  return text.reshape({items * length, text.size(2)})
      .index_select(0, (frame_token + offset).reshape({-1}))
      .reshape({items, frame_token.size(1), text.size(2)});
}

Tensor framed_spectrum(const Tensor& signal) {
  const Tensor reached = signal.narrow(1, kUnreached, signal.size(1) - 2 * kUnreached);
  return at::fft_rfft(reached.unfold(1, Sizes::kFft, Sizes::kHop) * hann(signal));
}

Tensor harmonic_spectrum(const SpectralParts& parts, const Tensor& excitation) {
  const Tensor gain =
      at::view_as_real(at::polar(at::exp(parts.harmonic_log), parts.harmonic_phase));
  // From the last bin of its own on; behind the last point it falls to 0.
  constexpr int64_t kPoints = Sizes::kHarmonicPoints + 1;
  const Tensor points = gain.narrow(2, Sizes::kHarmonicBins - 1, kPoints).transpose(2, 3);
  const Tensor weights = interpolation(kPoints, 1, kPoints * Sizes::kPointStep, gain.device());
  const Tensor between = at::matmul(points, weights).transpose(2, 3);
  const Tensor filter = at::view_as_complex(
      at::cat({gain.narrow(2, 0, Sizes::kHarmonicBins), between}, 2).contiguous());
  const int64_t bins = filter.size(2);
  return at::constant_pad_nd(filter * excitation.narrow(2, 0, bins), {0, Sizes::kBins - bins});
}

Tensor noise_spectrum(const SpectralParts& parts, const Tensor& z) {
  return at::exp(parts.noise_log) * kNoiseGain * z;
}

Tensor overlap_add(const Tensor& spectrum) {
  constexpr int64_t kOverlapping = Sizes::kFft / Sizes::kHop;
  const int64_t items = spectrum.size(0), windows = spectrum.size(1);
  const Tensor pieces = (at::fft_irfft(spectrum, Sizes::kFft) * (hann(at::real(spectrum)) / 1.5))
                            .reshape({items, windows, kOverlapping, Sizes::kHop});
  Tensor sum;
  for (int64_t j = 0; j < kOverlapping; ++j) {
    const Tensor part = at::constant_pad_nd(pieces.select(2, j), {0, 0, j, kOverlapping - 1 - j});
    sum = sum.defined() ? sum + part : part;
  }
  return at::constant_pad_nd(sum.reshape({items, (windows + kOverlapping - 1) * Sizes::kHop}),
                             {kUnreached, kUnreached});
}

}  // namespace myna::train
