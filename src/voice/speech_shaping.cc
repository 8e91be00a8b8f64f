#include "voice/speech_shaping.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "audio/pcm.h"
#include "voice/piece_edges.h"

namespace myna::voice {
namespace {

// A tilt of a constant number of dB per octave, as pairs of a pole and a zero at equal distances on
// the logarithmic frequency axis (J. O. Smith, "Spectral tilt filters"): between a pole and its
// zero the response falls 6 dB an octave, so that the share of the distance that they are apart is
// the share of 6 dB per octave that the cascade has on average. Below the first and above the last
// pair it is flat.
constexpr std::array<double, 5> kTiltPoles_hz = {120, 360, 1080, 3240, 9720};
constexpr double kOctavesBetweenPoles = 1.584962500721156;  // log2(3)
constexpr double kDbPerOctaveOfPole = 6.020599913279624;

constexpr double kMinPause_ms = 60;  // shorter silences are the closures of p, t, k
constexpr size_t kMaxInserted_frames = 200;

constexpr double kVolumeRamp_ms = 20;
constexpr float kSilence_db = -120.0f;

// A breath of 1 lies this far below the speech.
constexpr double kFullBreath_db = -12;
constexpr double kBreathLow_hz = 1500;
constexpr double kBreathHigh_hz = 8000;
constexpr double kEnvelope_ms = 15;

// y[n] = b0 x[n] + b1 x[n-1] - a1 y[n-1]
class FirstOrder {
 public:
  FirstOrder(double b0, double b1, double a1) : b0_(b0), b1_(b1), a1_(a1) {}
  double next(double x) {
    const double y = b0_ * x + b1_ * last_x_ - a1_ * last_y_;
    last_x_ = x;
    last_y_ = y;
    return y;
  }

 private:
  double b0_, b1_, a1_;
  double last_x_ = 0, last_y_ = 0;
};

// s = 2 rate (1 - 1/z) / (1 + 1/z), each corner prewarped.
double warped(double hz, double rate) { return std::tan(M_PI * std::min(hz, 0.48 * rate) / rate); }

FirstOrder pole_and_zero(double pole_hz, double zero_hz, double rate) {
  const double pole = warped(pole_hz, rate);
  const double zero = warped(zero_hz, rate);
  // (1 + s / zero) / (1 + s / pole)
  const double scale = pole / (zero * (1 + pole));
  return {scale * (zero + 1), scale * (zero - 1), (pole - 1) / (pole + 1)};
}

FirstOrder low_pass(double hz, double rate) {
  const double corner = warped(hz, rate);
  const double gain = corner / (1 + corner);
  return {gain, gain, (corner - 1) / (corner + 1)};
}

FirstOrder high_pass(double hz, double rate) {
  const double corner = warped(hz, rate);
  const double gain = 1 / (1 + corner);
  return {gain, -gain, (corner - 1) / (corner + 1)};
}

void tilt(double db_per_octave, Speech& speech) {
  const double before = audio::root_mean_square(speech.samples);
  if (before == 0) return;
  const double octaves = -db_per_octave / kDbPerOctaveOfPole * kOctavesBetweenPoles;
  for (double pole_hz : kTiltPoles_hz) {
    FirstOrder section = pole_and_zero(pole_hz, pole_hz * std::exp2(octaves), speech.sample_rate);
    for (float& sample : speech.samples) {
      sample = static_cast<float>(section.next(static_cast<double>(sample)));
    }
  }
  const auto gain = static_cast<float>(before / audio::root_mean_square(speech.samples));
  for (float& sample : speech.samples) sample *= gain;
}

// White and uniform in [-1, 1): a linear congruential generator (Knuth's MMIX constants).
class Noise {
 public:
  explicit Noise(uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15 + 0x1234567) {}
  double next() {
    state_ = state_ * 6364136223846793005ull + 1442695040888963407ull;
    return static_cast<double>(static_cast<int64_t>(state_) >> 11) / 4503599627370496.0;
  }

 private:
  uint64_t state_;
};

void add_breath(double breath, uint64_t seed, Speech& speech) {
  const double rate = speech.sample_rate;
  Noise noise(seed);
  FirstOrder low = low_pass(kBreathHigh_hz, rate);
  FirstOrder high = high_pass(kBreathLow_hz, rate);
  FirstOrder high_again = high_pass(kBreathLow_hz, rate);
  FirstOrder envelope = low_pass(1000 / (2 * M_PI * kEnvelope_ms), rate);
  // Uniform noise has an RMS of 0.577, the band keeps about half of it.
  const double gain = breath * audio::db_to_amplitude(kFullBreath_db) / 0.577 / 0.5;
  for (float& sample : speech.samples) {
    const double level = envelope.next(std::abs(static_cast<double>(sample)));
    const double band = high_again.next(high.next(low.next(noise.next())));
    sample += static_cast<float>(gain * level * band);
  }
}

// The token that frame `index` belongs to.
size_t token_at(const Speech& speech, size_t index) {
  size_t end = 0;
  for (size_t token = 0; token < speech.frame_counts.size(); ++token) {
    end += static_cast<size_t>(speech.frame_counts[token]);
    if (index < end) return token;
  }
  return speech.frame_counts.size() - 1;
}

void insert_silence(size_t index, size_t count, Speech& speech) {
  const size_t token = token_at(speech, index);
  const auto frame = static_cast<size_t>(speech.samples_per_frame);
  speech.samples.insert(speech.samples.begin() + static_cast<ptrdiff_t>(index * frame),
                        count * frame, 0.0f);
  speech.frame_counts[token] += static_cast<int>(count);
}

void remove_frames(size_t first, size_t count, Speech& speech) {
  const auto frame = static_cast<size_t>(speech.samples_per_frame);
  for (size_t i = 0; i < count; ++i) --speech.frame_counts[token_at(speech, first)];
  const auto begin = speech.samples.begin() + static_cast<ptrdiff_t>(first * frame);
  speech.samples.erase(begin, begin + static_cast<ptrdiff_t>(count * frame));
}

}  // namespace

bool is_pause_mark(char32_t symbol) {
  return std::u32string_view(U".!?…,;:—").find(symbol) != std::u32string_view::npos;
}

void shape_timbre(const UtteranceControl& control, uint64_t seed, Speech& speech) {
  if (control.tilt_db_per_octave != 0) {
    tilt(static_cast<double>(control.tilt_db_per_octave), speech);
  }
  if (control.breath > 0) add_breath(static_cast<double>(control.breath), seed, speech);
}

void shape_volume(std::span<const float> gains_db, Speech& speech) {
  if (speech.samples.empty() || gains_db.empty() ||
      std::all_of(gains_db.begin(), gains_db.end(), [](float db) { return db == 0; })) {
    return;
  }
  const auto amplitude = [&](size_t token) {
    const size_t phoneme = std::min(token == 0 ? 0 : token - 1, gains_db.size() - 1);
    const float db = gains_db[phoneme];
    return db <= kSilence_db ? 0.0f : static_cast<float>(audio::db_to_amplitude(db));
  };
  const size_t half = audio::samples_for_ms(kVolumeRamp_ms / 2, speech.sample_rate);
  size_t begin = 0;
  for (size_t token = 0; token < speech.frame_counts.size(); ++token) {
    const size_t length = static_cast<size_t>(speech.frame_counts[token]) *
                          static_cast<size_t>(speech.samples_per_frame);
    const size_t end = std::min(begin + length, speech.samples.size());
    const float here = amplitude(token);
    const float left = token == 0 ? here : amplitude(token - 1);
    const float right = token + 1 == speech.frame_counts.size() ? here : amplitude(token + 1);
    // Each side of a boundary makes its half of the ramp; a frame is longer than both halves.
    for (size_t i = begin; i < end; ++i) {
      float gain = here;
      if (i - begin < half) {
        const float position = (static_cast<float>(i - begin) + 0.5f) / static_cast<float>(half);
        gain = 0.5f * (left + here) + 0.5f * (here - left) * position;
      } else if (end - i <= half) {
        const float position = (static_cast<float>(end - i) - 0.5f) / static_cast<float>(half);
        gain = 0.5f * (right + here) + 0.5f * (here - right) * position;
      }
      speech.samples[i] *= gain;
    }
    begin = end;
  }
}

void stretch_pauses(double factor, std::u32string_view symbols, Speech& speech) {
  if (factor == 1 || speech.samples.empty()) return;
  const auto silences = find_silences(speech.samples, speech.sample_rate, kMinPause_ms);
  const auto frame = static_cast<size_t>(speech.samples_per_frame);
  // In frames of the speech as it is; edits go from the last to the first, so that these stay true.
  std::vector<size_t> begins = {0};
  for (int count : speech.frame_counts)
    begins.push_back(begins.back() + static_cast<size_t>(count));
  size_t limit = begins.back() * frame;  // silences from here on are dealt with
  for (size_t i = symbols.size(); i-- > 0;) {
    if (!is_pause_mark(symbols[i])) continue;
    // The model counts much of the silence as part of the sound before the mark, and the sound
    // after it may start late. Token i + 1 is symbol i: the padding comes first.
    const size_t from = begins[i] * frame;
    const size_t to = begins[std::min(i + 4, begins.size() - 1)] * frame;
    const audio::SampleRange* longest = nullptr;
    for (const audio::SampleRange& silence : silences) {
      if (silence.end <= from || silence.begin >= to || silence.end > limit) continue;
      if (silence.begin == 0 || silence.end >= speech.samples.size()) continue;
      if (longest == nullptr || silence.end - silence.begin > longest->end - longest->begin) {
        longest = &silence;
      }
    }
    if (longest == nullptr) continue;
    limit = longest->begin;
    const auto length = static_cast<double>(longest->end - longest->begin);
    const double change = length * (factor - 1) / static_cast<double>(frame);
    const size_t middle = (longest->begin + longest->end) / 2 / frame;
    if (change > 0) {
      insert_silence(middle, std::min(static_cast<size_t>(change + 0.5), kMaxInserted_frames),
                     speech);
    } else {
      // Frames that lie wholly inside of the silence, around its middle.
      const size_t first_whole = (longest->begin + frame - 1) / frame;
      const size_t last_whole = longest->end / frame;
      const auto wanted = static_cast<size_t>(0.5 - change);
      const size_t count =
          std::min(wanted, last_whole > first_whole ? last_whole - first_whole : 0);
      const size_t first = std::clamp(middle - std::min(middle, count / 2), first_whole,
                                      std::max(first_whole, last_whole - count));
      remove_frames(first, count, speech);
    }
  }
}

}  // namespace myna::voice
