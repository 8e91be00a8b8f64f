#include "experiences/production/signature_sounds.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>

namespace myna::production {
namespace {

constexpr double kTau = 2 * std::numbers::pi;

// MIDI numbers; A4 is 69.
double frequency_of(double note) { return 440 * std::exp2((note - 69) / 12); }

// A struck string: partials that decay the faster the higher they are.
void add_pluck(std::vector<float>& samples, int sample_rate, double start_s, double note,
               double level, double decay_s) {
  const double frequency = frequency_of(note);
  const auto begin = static_cast<size_t>(start_s * sample_rate);
  for (int partial = 1; partial <= 5; ++partial) {
    const double rate = frequency * partial * (1 + 0.0004 * partial * partial);  // stiff string
    if (rate > 0.45 * sample_rate) break;
    const double amplitude = level / (partial * partial);
    const double decay = decay_s / (0.6 + 0.4 * partial);
    for (size_t i = begin; i < samples.size(); ++i) {
      const double t = static_cast<double>(i - begin) / sample_rate;
      const double envelope = std::min(1.0, t / 0.004) * std::exp(-t / decay);
      if (t > 7 * decay) break;
      samples[i] += static_cast<float>(amplitude * envelope * std::sin(kTau * rate * t));
    }
  }
}

// A sine by turning a vector: its error stays below 1e-11 for the seconds that are asked of it.
class Oscillator {
 public:
  explicit Oscillator(double step) : turn_cosine_(std::cos(step)), turn_sine_(std::sin(step)) {}
  double sine() const { return sine_; }
  double cosine() const { return cosine_; }
  void advance() {
    const double sine = sine_ * turn_cosine_ + cosine_ * turn_sine_;
    cosine_ = cosine_ * turn_cosine_ - sine_ * turn_sine_;
    sine_ = sine;
  }

 private:
  double turn_cosine_;
  double turn_sine_;
  double sine_ = 0;
  double cosine_ = 1;
};

enum class PadEdge : uint8_t { kCut, kWraps };  // what lies behind the end of the samples

// Slow voices, slightly apart, that come and go.
void add_pad(std::vector<float>& samples, int sample_rate, double start_s, double length_s,
             double note, double level, PadEdge edge = PadEdge::kCut) {
  const auto begin = static_cast<size_t>(start_s * sample_rate);
  const auto length = static_cast<size_t>(length_s * sample_rate);
  const double step = kTau * frequency_of(note) / sample_rate;
  Oscillator envelope(std::numbers::pi / (length_s * sample_rate));
  Oscillator voices[] = {Oscillator(step * (1 - 0.0015)), Oscillator(step),
                         Oscillator(step * (1 + 0.0017))};
  for (size_t i = 0; i < length; ++i) {
    double value = 0;
    for (Oscillator& voice : voices) {
      const double s = voice.sine();
      // sin 2x and sin 3x
      value += s + 0.25 * (2 * s * voice.cosine()) + 0.08 * s * (3 - 4 * s * s);
      voice.advance();
    }
    const double swell = envelope.sine() * envelope.sine();
    envelope.advance();
    const size_t at = edge == PadEdge::kWraps ? (begin + i) % samples.size() : begin + i;
    if (at >= samples.size()) return;
    samples[at] += static_cast<float>(level / 3 * swell * value);
  }
}

void fade(std::span<float> samples, int sample_rate, double in_s, double out_s) {
  const auto in = std::min(samples.size(), static_cast<size_t>(in_s * sample_rate));
  const auto out = std::min(samples.size(), static_cast<size_t>(out_s * sample_rate));
  for (size_t i = 0; i < in; ++i) samples[i] *= static_cast<float>(i) / static_cast<float>(in);
  for (size_t i = 0; i < out; ++i)
    samples[samples.size() - 1 - i] *= static_cast<float>(i) / static_cast<float>(out);
}

std::vector<float> silence(int sample_rate, double seconds) {
  return std::vector<float>(static_cast<size_t>(seconds * sample_rate));
}

}  // namespace

std::vector<float> make_ident(int sample_rate) {
  std::vector<float> samples = silence(sample_rate, 3.8);
  const double notes[] = {62, 69, 66, 74, 78, 81};  // D major, rising
  double at = 0.05;
  for (const double note : notes) {
    add_pluck(samples, sample_rate, at, note, 0.22, 0.7);
    at += 0.17;
  }
  for (const double note : {50.0, 57.0, 62.0, 66.0, 69.0})
    add_pad(samples, sample_rate, 0.0, 3.7, note, 0.075);
  fade(samples, sample_rate, 0.01, 1.0);
  return samples;
}

std::vector<float> make_sting(int sample_rate) {
  std::vector<float> samples = silence(sample_rate, 1.1);
  add_pluck(samples, sample_rate, 0.02, 74, 0.16, 0.35);
  add_pluck(samples, sample_rate, 0.16, 81, 0.16, 0.45);
  add_pluck(samples, sample_rate, 0.16, 57, 0.08, 0.45);
  fade(samples, sample_rate, 0.005, 0.35);
  return samples;
}

std::vector<float> make_outro(int sample_rate) {
  std::vector<float> samples = silence(sample_rate, 3.4);
  const double notes[] = {81, 78, 74, 69, 66, 62};
  double at = 0.05;
  for (const double note : notes) {
    add_pluck(samples, sample_rate, at, note, 0.2, 0.8);
    at += 0.19;
  }
  for (const double note : {50.0, 57.0, 62.0, 66.0})
    add_pad(samples, sample_rate, 0.2, 3.1, note, 0.07);
  fade(samples, sample_rate, 0.01, 1.4);
  return samples;
}

std::vector<float> make_bed_loop(int sample_rate) {
  constexpr double kChord_s = 8;
  std::vector<float> samples = silence(sample_rate, 4 * kChord_s);
  const double chords[][4] = {
      {50, 57, 62, 66}, {47, 54, 62, 66}, {43, 50, 59, 66}, {45, 52, 61, 64}};  // D, Bm, G, A
  for (size_t number = 0; number < 8; ++number) {
    for (const double note : chords[number / 2]) {
      add_pad(samples, sample_rate, static_cast<double>(number) * kChord_s / 2, kChord_s, note, 0.1,
              PadEdge::kWraps);
    }
  }
  return samples;
}

}  // namespace myna::production
