#include "backend/cpu/signal.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstring>

#include "ops/signal_math.h"

namespace myna::backend::cpu {
namespace {

// The transforms of this model are tiny (20 points); their tables live on the stack.
constexpr size_t kMaximumFft = 32;
constexpr size_t kMaximumHarmonics = 16;
constexpr size_t kMaximumUpsampling = 512;
constexpr size_t kFramesPerTask = 8 * kBlockRows;

float table_cos(size_t k, size_t n, size_t size) {
  return static_cast<float>(
      std::cos(2.0 * M_PI * static_cast<double>(k * n % size) / static_cast<double>(size)));
}
float table_sin(size_t k, size_t n, size_t size) {
  return static_cast<float>(
      std::sin(2.0 * M_PI * static_cast<double>(k * n % size) / static_cast<double>(size)));
}

using Panel = std::array<float, kMaximumFft * kBlockColumns>;

// panel[n][c]: windowed sample n's share in [real bins, imaginary bins].
Panel forward_panel(size_t size) {
  Panel panel{};
  const size_t bins = size / 2 + 1;
  for (size_t n = 0; n < size; ++n) {
    const float window = 0.5f - 0.5f * table_cos(1, n, size);
    for (size_t k = 0; k < bins; ++k) {
      panel[n * kBlockColumns + k] = window * table_cos(k, n, size);
      // The first and the last bin are real by definition; a rounded sine would give their
      // imaginary parts a random sign, and with it the angle.
      if (k == 0 || 2 * k == size) continue;
      panel[n * kBlockColumns + bins + k] = -window * table_sin(k, n, size);
    }
  }
  return panel;
}

// panel[c][n]: the share of [real bins, imaginary bins] in windowed output sample n.
Panel inverse_panel(size_t size) {
  Panel panel{};
  const size_t bins = size / 2 + 1;
  for (size_t k = 0; k < bins; ++k) {
    const float copies = k == 0 || 2 * k == size ? 1.0f : 2.0f;
    for (size_t n = 0; n < size; ++n) {
      const float weight =
          copies / static_cast<float>(size) * (0.5f - 0.5f * table_cos(1, n, size));
      panel[k * kBlockColumns + n] = weight * table_cos(k, n, size);
      panel[(bins + k) * kBlockColumns + n] = -weight * table_sin(k, n, size);
    }
  }
  return panel;
}

}  // namespace

void run_sine_source(const Context& context, const ops::SineSourceSpec& spec,
                     const ops::SourceVariation& variation, std::span<const float> f0_hz,
                     std::span<float> samples, ops::Arena& arena) {
  assert(samples.size() == f0_hz.size() * spec.upsampling);
  assert(spec.harmonics <= kMaximumHarmonics && spec.upsampling <= kMaximumUpsampling);
  const ops::Arena::Scope scope(arena);
  const size_t frames = f0_hz.size();
  const size_t length = spec.upsampling;
  float* phases = arena.allocate<float>(frames * spec.harmonics);  // [harmonic][frame]
  for (size_t h = 0; h < spec.harmonics; ++h) {
    float turns = 0.0f;
    for (size_t i = 0; i < frames; ++i) {
      turns += ops::sine_turns_per_sample(f0_hz[i], static_cast<float>(h + 1), spec.sample_rate);
      phases[h * frames + i] = turns * 2.0f * ops::kPi * static_cast<float>(length);
    }
  }
  context.pool.parallel_for(frames, [&](size_t frame, unsigned) {
    std::array<float, kMaximumUpsampling> values;
    float* out = samples.data() + frame * length;
    std::fill_n(out, length, 0.0f);
    const bool voiced = f0_hz[frame] > spec.voiced_threshold_hz;
    const float relative =
        voiced ? spec.noise_deviation : spec.sine_amplitude / 3.0f * spec.noise_deviation / 0.003f;
    const float deviation = relative + variation.whisper * spec.sine_amplitude / 3.0f;
    const float amplitude = spec.sine_amplitude * (1.0f - variation.whisper);
    for (size_t h = 0; h < spec.harmonics; ++h) {
      const float* phase = phases + h * frames;
      std::fill_n(values.data(), length, 0.0f);
      if (voiced) {
        for (size_t i = 0; i < length; ++i) {
          const auto at =
              ops::linear_upsample_position(frame * length + i, static_cast<float>(length), frames);
          values[i] = at.left_weight * phase[at.left] + at.right_weight * phase[at.right];
        }
        context.vector.sine(values.data(), length);
        for (size_t i = 0; i < length; ++i) values[i] *= amplitude;
      }
      if (deviation > 0.0f) {
        for (size_t i = 0; i < length; ++i) {
          const size_t index = (frame * length + i) * spec.harmonics + h;
          values[i] += deviation * ops::gaussian_noise(variation.seed, index);
        }
      }
      for (size_t i = 0; i < length; ++i) out[i] += values[i] * spec.mix_weight[h];
    }
    for (size_t i = 0; i < length; ++i) out[i] += spec.mix_bias;
    context.vector.tanh(out, length);
  });
}

void run_stft(const Context& context, std::span<const float> samples, size_t fft_size, size_t hop,
              ops::Rows y) {
  const size_t bins = fft_size / 2 + 1;
  assert(fft_size <= kMaximumFft && 2 * bins <= kBlockColumns);
  const Panel panel = forward_panel(fft_size);
  context.pool.parallel_for(
      (y.rows + kFramesPerTask - 1) / kFramesPerTask, [&](size_t task, unsigned) {
        std::array<float, kBlockRows * kMaximumFft> frames;
        alignas(64) float sums[kBlockRows * kBlockColumns];
        const size_t end = std::min(y.rows, (task + 1) * kFramesPerTask);
        for (size_t t = task * kFramesPerTask; t < end; t += kBlockRows) {
          const size_t rows = std::min(kBlockRows, end - t);
          for (size_t i = 0; i < rows; ++i) {
            for (size_t n = 0; n < fft_size; ++n) {
              const ptrdiff_t index =
                  static_cast<ptrdiff_t>((t + i) * hop + n) - static_cast<ptrdiff_t>(fft_size / 2);
              frames[i * fft_size + n] = samples[ops::reflect_index(index, samples.size())];
            }
          }
          context.micro.float_block({frames.data(), fft_size, 0, 1, fft_size, panel.data(), 0},
                                    rows, sums);
          for (size_t i = 0; i < rows; ++i) {
            context.vector.polar(sums + i * kBlockColumns, bins, y.row(t + i));
          }
        }
      });
}

void run_inverse_stft_head(const Context& context, ops::ConstRows x, size_t fft_size, size_t hop,
                           std::span<float> samples, ops::Arena& arena) {
  const size_t bins = fft_size / 2 + 1;
  assert(fft_size <= kMaximumFft && x.channels == 2 * bins && x.channels <= kMaximumFft);
  assert(samples.size() == (x.rows - 1) * hop);
  const ops::Arena::Scope scope(arena);
  const Panel panel = inverse_panel(fft_size);
  std::array<float, kMaximumFft> squared_window{};
  for (size_t n = 0; n < fft_size; ++n) {
    const float window = 0.5f - 0.5f * table_cos(1, n, fft_size);
    squared_window[n] = window * window;
  }
  float* frames = arena.allocate<float>(x.rows * fft_size);  // windowed, before overlap-add
  const size_t tasks = (x.rows + kFramesPerTask - 1) / kFramesPerTask;
  context.pool.parallel_for(tasks, [&](size_t task, unsigned) {
    std::array<float, kBlockRows * kMaximumFft> spectrum;
    alignas(64) float sums[kBlockRows * kBlockColumns];
    const size_t end = std::min(x.rows, (task + 1) * kFramesPerTask);
    for (size_t t = task * kFramesPerTask; t < end; t += kBlockRows) {
      const size_t rows = std::min(kBlockRows, end - t);
      for (size_t i = 0; i < rows; ++i) {
        context.vector.spectral_head(x.row(t + i), bins, spectrum.data() + i * x.channels);
      }
      context.micro.float_block({spectrum.data(), x.channels, 0, 1, x.channels, panel.data(), 0},
                                rows, sums);
      for (size_t i = 0; i < rows; ++i) {
        std::memcpy(frames + (t + i) * fft_size, sums + i * kBlockColumns,
                    fft_size * sizeof(float));
      }
    }
  });
  context.pool.parallel_for(tasks, [&](size_t task, unsigned) {
    const size_t end = std::min(samples.size(), (task + 1) * kFramesPerTask * hop);
    for (size_t n = task * kFramesPerTask * hop; n < end; ++n) {
      const size_t index = n + fft_size / 2;
      // Frames t with t * hop <= index < t * hop + fft_size.
      const size_t first = index < fft_size ? 0 : (index - fft_size) / hop + 1;
      const size_t last = std::min(index / hop, x.rows - 1);
      float sum = 0.0f, weight = 0.0f;
      for (size_t t = first; t <= last; ++t) {
        const size_t offset = index - t * hop;
        sum += frames[t * fft_size + offset];
        weight += squared_window[offset];
      }
      samples[n] = sum / weight;
    }
  });
}

}  // namespace myna::backend::cpu
