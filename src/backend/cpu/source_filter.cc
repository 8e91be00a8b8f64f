#include "backend/cpu/source_filter.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "base/error.h"
#include "ops/signal_math.h"

namespace myna::backend::cpu {
namespace {

// Frames around a window's own that it reaches, and that reach a frame.
constexpr size_t kReach = 1;

size_t round_up(size_t value, size_t step) { return (value + step - 1) / step * step; }

// An odd number of cache lines, so that rows do not fall upon each other.
size_t row_stride(size_t columns) { return round_up(columns, 16) | 16; }

void split(double value, float& high, float& low) {
  high = static_cast<float>(value);
  low = static_cast<float>(value - static_cast<double>(high));
}

// For the frames [first, first + count) of the utterance, which may lie outside of it.
PulseFrames make_pulse_frames(const ops::SourceFilterSpec& spec, std::span<const float> f0_hz,
                              ptrdiff_t first, size_t count, ops::Arena& arena) {
  PulseFrames frames{};
  for (float** curve :
       {&frames.before, &frames.slope_before, &frames.slope_before_rest, &frames.here,
        &frames.slope_after, &frames.slope_after_rest, &frames.harmonics}) {
    *curve = arena.allocate<float>(count);
    std::fill_n(*curve, count, 0.0f);
  }
  const double frames_a_second =
      static_cast<double>(spec.sample_rate) / static_cast<double>(kFrameSamples);
  const auto turns_of = [&](size_t t) { return static_cast<double>(f0_hz[t]) / frames_a_second; };
  double turns = 0;
  const auto end =
      std::min(f0_hz.size(), static_cast<size_t>(first + static_cast<ptrdiff_t>(count)));
  for (size_t t = 0; t < end; ++t) {
    const double before = turns;
    turns += turns_of(t);
    turns -= std::floor(turns);
    if (static_cast<ptrdiff_t>(t) < first) continue;
    const auto i = static_cast<size_t>(static_cast<ptrdiff_t>(t) - first);
    // Before the first middle and behind the last the phase stays.
    frames.here[i] = static_cast<float>(turns);
    frames.before[i] = static_cast<float>(t == 0 ? turns : before);
    constexpr double kSteps = 2 * kFrameSamples;
    if (t > 0) split(turns_of(t) / kSteps, frames.slope_before[i], frames.slope_before_rest[i]);
    if (t + 1 < f0_hz.size()) {
      split(turns_of(t + 1) / kSteps, frames.slope_after[i], frames.slope_after_rest[i]);
    }
    if (f0_hz[t] >= spec.voiced_threshold_hz) {
      frames.harmonics[i] = std::floor(spec.top_harmonic_hz / f0_hz[t]);
    }
  }
  return frames;
}

}  // namespace

const FourierTables& fourier_tables() {
  static const FourierTables kTables = [] {
    FourierTables tables{};
    for (size_t n = 0; n < kFourierSize; ++n) {
      tables.window[n] = static_cast<float>(
          0.5 - 0.5 * std::cos(2 * M_PI * static_cast<double>(n) / kFourierSize));
    }
    const auto put = [](float*& at, size_t k, size_t size) {
      const double angle = -2 * M_PI * static_cast<double>(k) / static_cast<double>(size);
      *at++ = static_cast<float>(std::cos(angle));
      *at++ = static_cast<float>(std::sin(angle));
    };
    float* at = tables.twiddles;
    size_t size = kHalfSize;
    for (const size_t radix : {5, 5, 8}) {
      for (size_t k = 0; k < size / radix; ++k) {
        for (size_t j = 1; j < radix; ++j) put(at, j * k, size);
      }
      size /= radix;
    }
    at = tables.turn;
    for (size_t k = 0; k <= kHalfSize / 2; ++k) put(at, k, kFourierSize);
    return tables;
  }();
  return kTables;
}

void run_source_filter(const Context& context, const ops::SourceFilterSpec& spec,
                       const ops::SourceFilterVariation& variation, ops::ConstRows head,
                       std::span<const float> f0_hz, std::span<float> samples, ops::Arena& arena) {
  if (spec.fft_size != kFourierSize || spec.hop != kFrameSamples || spec.windows != kWindows) {
    throw Error(ErrorCode::kUnavailable, "the CPU backend has windows of 400 samples only");
  }
  assert(head.channels == spec.channels() && samples.size() == head.rows * spec.hop);
  assert(variation.first_frame + head.rows <= f0_hz.size());
  if (head.rows == 0) return;
  const ops::Arena::Scope scope(arena);
  const SourceFilterKernels& kernels = context.source_filter;
  const FourierTables& tables = fourier_tables();
  const size_t group = kernels.group;
  const size_t columns = round_up(head.rows, group);
  const size_t groups = columns / group;

  const size_t pulse_columns = round_up(columns + 2 * kReach, group);
  const auto first = static_cast<ptrdiff_t>(variation.first_frame) - static_cast<ptrdiff_t>(kReach);
  const PulseFrames pulse_frames = make_pulse_frames(spec, f0_hz, first, pulse_columns, arena);
  const size_t pulse_stride = row_stride(pulse_columns);
  float* pulses = arena.allocate<float>(kFrameSamples * pulse_stride);
  context.pool.parallel_for(pulse_columns / group, [&](size_t task, unsigned) {
    kernels.pulses(pulse_frames, task * group, pulses + task * group, pulse_stride);
  });

  const size_t window_stride = row_stride(columns + 2 * 16);
  constexpr size_t kWindowRows = kWindows * kFourierSize;
  float* windowed = arena.allocate<float>(kWindowRows * window_stride) + 16;
  for (size_t n = 0; n < kWindowRows; ++n) {
    std::fill_n(windowed + n * window_stride - kReach, kReach, 0.0f);
    std::fill_n(windowed + n * window_stride + columns, kReach, 0.0f);
  }
  float energy = 0;  // of the window: what white noise of deviation 1 has in a bin, squared
  for (const float value : tables.window) energy += value * value;
  const float gain = std::sqrt(energy);
  const size_t scratch_floats = round_up((4 * kHalfSize + spec.window_channels()) * group, 16);
  float* scratch = arena.allocate<float>(context.pool.size() * scratch_floats);
  context.pool.parallel_for(groups, [&](size_t task, unsigned thread) {
    const size_t row = task * group;
    std::array<std::array<uint32_t, kMaximumGroup>, kWindows> keys{};
    std::array<float, kMaximumGroup> whisper_gain{}, noise_gain{};
    for (size_t i = 0; i < std::min(group, head.rows - row); ++i) {
      const size_t frame = variation.first_frame + row + i;
      for (size_t w = 0; w < kWindows; ++w) {
        keys[w][i] = ops::spectral_noise_key(variation.seed, frame * kWindows + w);
      }
      const bool voiced = f0_hz[frame] >= spec.voiced_threshold_hz;
      noise_gain[i] = gain * (voiced ? variation.voiced_noise_level : variation.noise_level);
      if (voiced) {
        whisper_gain[i] = gain * std::sqrt(spec.sample_rate / (4.0f * f0_hz[frame]));
      }
    }
    VocoderFrames frames{};
    frames.tables = &tables;
    frames.pulses = pulses + row + kReach;
    frames.pulse_stride = pulse_stride;
    frames.head_stride = head.stride;
    frames.rows = std::min(group, head.rows - row);
    frames.harmonic_bins = spec.harmonic_bins;
    frames.noise_points = spec.noise_points;
    frames.largest_log = spec.largest_log;
    frames.has_noise = variation.noise_level > 0 || variation.voiced_noise_level > 0;
    frames.noise_gain = noise_gain.data();
    frames.whisper = variation.whisper;
    frames.whisper_gain = whisper_gain.data();
    frames.scratch = scratch + thread * scratch_floats;
    frames.out_stride = window_stride;
    for (size_t w = 0; w < kWindows; ++w) {
      frames.window = w;
      frames.head = head.row(row) + w * spec.window_channels();
      frames.noise_keys = keys[w].data();
      frames.out = windowed + w * kFourierSize * window_stride + row;
      kernels.frames(frames);
    }
  });
  context.pool.parallel_for(groups, [&](size_t task, unsigned) {
    const size_t row = task * group;
    kernels.overlap(windowed + row, window_stride, std::min(group, head.rows - row),
                    samples.data() + row * kFrameSamples);
  });
}

}  // namespace myna::backend::cpu
