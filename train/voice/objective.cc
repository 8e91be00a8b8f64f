#include "train/voice/objective.h"

#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>

#include "train/core/autocast.h"
#include "train/core/draw.h"

namespace myna::train {
namespace {

// Of spectra: what a harmonic of amplitude 1 has.
constexpr double kSpectrumScale = VoiceModelSizes::kFft / 4.0;
constexpr double kCompressionFloor = 0.003;

// By the root of a magnitude: what a difference or an angle weighs there.
Tensor pressed(const Tensor& size) { return (size + kCompressionFloor).rsqrt(); }

// Mean absolute difference of the harmonic part and the audio's spectrum, relative to the root of
// the latter. Where the sound is noise its mean is 0, and so is what this wants: the noise branch
// has the rest.
Tensor complex_loss(const Tensor& harmonic, const Tensor& target) {
  const Tensor difference = at::view_as_real((harmonic - target) / kSpectrumScale);
  const Tensor size = (difference.square().sum(-1) + 1e-12).sqrt();
  const Tensor weight = pressed(target.abs() / kSpectrumScale);
  return (size * weight).mean();
}

// One minus the cosine of the angle between them, weighed as above: it leaves magnitudes alone, and
// unlike the distance above it has a slope where the harmonic part is small.
Tensor phase_loss(const Tensor& harmonic, const Tensor& target) {
  const Tensor a = at::view_as_real(harmonic), b = at::view_as_real(target) / kSpectrumScale;
  const Tensor size = (b.square().sum(-1) + 1e-12).sqrt();
  const Tensor cosine = (a * b).sum(-1) / ((a.square().sum(-1) + 1e-9).sqrt() * size);
  return (size * pressed(size) * (1 - cosine)).mean();
}

// Sums over the last axis divided by `count`, averaged over items.
Tensor masked_mean(const Tensor& values, const Tensor& mask) {
  return ((values * mask).sum(1) / mask.sum(1).clamp_min(1)).mean();
}

}  // namespace

Tensor draw_noise(uint64_t seed, int64_t step, int64_t first, int64_t items, int64_t frames) {
  std::vector<Tensor> draws;
  for (int64_t i = first; i < first + items; ++i) {
    Draw draw(seed, static_cast<uint64_t>(step), static_cast<uint64_t>(i) + 1000);
    auto generator = at::make_generator<at::CPUGeneratorImpl>(draw.bits());
    draws.push_back(at::randn({2, frames * VoiceModelSizes::kParts, VoiceModelSizes::kBins, 2},
                              generator, at::TensorOptions(at::kFloat)));
  }
  return at::view_as_complex((at::stack(draws, 1) * 0.70710678).contiguous());
}

void Losses::add(const char* name, double weight, const Tensor& value) {
  parts.push_back({name, value.detach()});
  const Tensor weighted = value * weight;
  total = total.defined() ? total + weighted : weighted;
}

VoiceObjective::VoiceObjective(const VoiceModel& model, const LossWeights& weights,
                               Arithmetic arithmetic, at::Device device)
    : model_(model),
      weights_(weights),
      arithmetic_(arithmetic),
      views_({.fft_sizes = {2048, 1024, 512, 256}, .erb_weights = weights.erb_weights}, device) {}

Losses VoiceObjective::operator()(const VoiceBatch& batch, const Tensor& noise) const {
  SpectralParts parts;
  Prosody prosody;
  Tensor durations;
  {
    const Autocast autocast(batch.audio.device(), arithmetic_ == Arithmetic::kBfloat16
                                                      ? Autocast::Wanted::kYes
                                                      : Autocast::Wanted::kNo);
    const Tensor condition = model_.condition(batch.speaker, batch.length, batch.controls);
    const Tensor text = model_.encode(batch.tokens, batch.token_mask, condition);
    durations = model_.durations(text, batch.token_mask, condition).to(at::kFloat);
    const Tensor frames = spread(text, batch.frame_token);
    prosody = model_.prosody(frames, batch.position, condition);
    const auto heard = [&](const Tensor& of_all) {
      return of_all.narrow(0, 0, batch.items_with_audio());
    };
    parts = model_.decode(heard(frames), heard(batch.position), heard(batch.curves()),
                          heard(condition));
  }
  const Tensor harmonic = harmonic_spectrum(parts, framed_spectrum(batch.pulses));
  // Only where all windows overlap; the ends of an utterance are heard, too, so no more is left
  // out.
  constexpr int64_t kOverlap = VoiceModelSizes::kFft - VoiceModelSizes::kHop;
  const int64_t begin = VoiceBatch::kMargin + kOverlap / 2;
  const int64_t length = batch.frames() * 300 - kOverlap;
  const int64_t all = batch.items_with_audio();
  const int64_t items = weights_.spectral_items > 0 ? std::min(weights_.spectral_items, all) : all;
  const auto inner = [&](const Tensor& sound) {
    return sound.narrow(0, 0, items).narrow(1, begin, length);
  };
  const auto sound = [&](int64_t draw) {
    return inner(overlap_add((harmonic + noise_spectrum(parts, noise[draw])).narrow(0, 0, items)));
  };
  Losses losses;
  losses.audio = inner(batch.audio);
  losses.made = sound(0);
  const std::vector<Tensor> wanted = views_(losses.audio), first = views_(losses.made);
  std::vector<Tensor> spread;
  if (weights_.voiced_spread != 1) {
    spread = views_.spread(batch.voiced.narrow(0, 0, items), 300, kOverlap / 2, length,
                           weights_.voiced_spread, static_cast<double>(weights_.spread_top_hz));
  }
  losses.add("spectral", weights_.spectral,
             energy_distance(wanted, first, views_(sound(1)), spread));
  const Tensor spectrum = framed_spectrum(batch.audio);
  losses.add("complex", weights_.complex, complex_loss(harmonic, spectrum));
  const int64_t angled = weights_.phase_top_hz * VoiceModelSizes::kFft / 24000 + 1;
  losses.add("phase", weights_.phase,
             phase_loss(harmonic.narrow(2, 0, angled), spectrum.narrow(2, 0, angled)));
  const Tensor mask = batch.token_mask.squeeze(2);
  losses.add("duration", weights_.duration,
             masked_mean((durations - at::log2(batch.durations.clamp_min(1))).abs(), mask));
  losses.add("log_f0", weights_.log_f0,
             ((prosody.log_f0 - batch.log_f0).abs() * batch.voiced).mean());
  losses.add("voiced", weights_.voiced,
             at::binary_cross_entropy_with_logits(prosody.voiced_logit, batch.voiced));
  losses.add("energy", weights_.energy, (prosody.energy - batch.energy).abs().mean());
  losses.parts.push_back({"distance", distance(wanted, first).detach()});
  losses.parts.push_back({"mel", (first[2] - wanted[2]).detach().abs().mean()});
  return losses;
}

}  // namespace myna::train
