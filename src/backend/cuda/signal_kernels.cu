// Compiled without fused multiply-adds: the float steps of the phase are part of the model
// (docs/models/studio.md, "Source").
#include "backend/cuda/signal_kernels.h"
#include "ops/signal_math.h"

namespace myna::backend::cuda {
namespace {

constexpr int kThreads = 256;

// One addition after another, as the reference does it: a thread a harmonic, a block an item.
__global__ void phase_kernel(SourceTask p) {
  const int harmonic = static_cast<int>(threadIdx.x);
  if (harmonic >= p.harmonics) return;
  const int item = static_cast<int>(blockIdx.x);
  const int begin = p.f0_items.begin(item);
  const int frames = p.f0_items.size(item);
  float* phases = p.phases + static_cast<size_t>(harmonic) * p.frames + begin;
  float turns = 0.0f;
  for (int i = 0; i < frames; ++i) {
    turns += ops::sine_turns_per_sample(p.f0_hz[begin + i], static_cast<float>(harmonic + 1),
                                        p.sample_rate);
    phases[i] = turns * 2.0f * ops::kPi * static_cast<float>(p.upsampling);
  }
}

__global__ void source_kernel(SourceTask p) {
  const int item = static_cast<int>(blockIdx.y);
  const int sample = static_cast<int>(blockIdx.x) * kThreads + static_cast<int>(threadIdx.x);
  if (sample >= p.sample_items.size(item)) return;
  const int begin = p.f0_items.begin(item);
  const int frames = p.f0_items.size(item);
  const bool voiced = p.f0_hz[begin + sample / p.upsampling] > p.voiced_threshold_hz;
  const ops::SourceVariation variation = p.variations[item];
  const float relative =
      voiced ? p.noise_deviation : p.sine_amplitude / 3.0f * p.noise_deviation / 0.003f;
  const float deviation = relative + variation.whisper * p.sine_amplitude / 3.0f;
  const float amplitude = p.sine_amplitude * (1.0f - variation.whisper);
  const auto at = ops::linear_upsample_position(
      static_cast<size_t>(sample), static_cast<float>(p.upsampling), static_cast<size_t>(frames));
  float sum = 0.0f;
  for (int h = 0; h < p.harmonics; ++h) {
    float value = 0.0f;
    if (voiced) {
      const float* phases = p.phases + static_cast<size_t>(h) * p.frames + begin;
      const float angle = at.left_weight * phases[at.left] + at.right_weight * phases[at.right];
      value = sinf(angle) * amplitude;
    }
    if (deviation > 0.0f) {
      const auto index = static_cast<uint64_t>(sample) * static_cast<uint64_t>(p.harmonics) +
                         static_cast<uint64_t>(h);
      value += deviation * ops::gaussian_noise(variation.seed, index);
    }
    sum += value * p.mix_weight[h];
  }
  p.samples[p.sample_items.begin(item) + sample] = tanhf(sum + p.mix_bias);
}

// tables[0 ... size) the cosine of 2 pi n / size, then the sine, then the window.
MYNA_DEVICE void fill_tables(int size, float* tables) {
  for (int n = static_cast<int>(threadIdx.x); n < size; n += static_cast<int>(blockDim.x)) {
    const double angle = 2.0 * 3.14159265358979323846 * n / size;
    tables[n] = static_cast<float>(cos(angle));
    tables[size + n] = static_cast<float>(sin(angle));
    tables[2 * size + n] = static_cast<float>(0.5 - 0.5 * cos(angle));
  }
}

// A thread a bin of a row.
__global__ void stft_kernel(TransformTask p) {
  auto* tables = reinterpret_cast<float*>(shared_storage());  // [3][fft_size]
  fill_tables(p.fft_size, tables);
  block_barrier();
  const int bins = p.fft_size / 2 + 1;
  const int item = static_cast<int>(blockIdx.y);
  const int index = static_cast<int>(blockIdx.x) * kThreads + static_cast<int>(threadIdx.x);
  const int row = index / bins, bin = index % bins;
  if (row >= p.row_items.size(item)) return;
  const float* samples = p.x + p.sample_items.begin(item);
  const auto count = static_cast<size_t>(p.sample_items.size(item));
  float real = 0.0f, imaginary = 0.0f;
  for (int n = 0; n < p.fft_size; ++n) {
    const float value = samples[ops::reflect_index(row * p.hop + n - p.fft_size / 2, count)] *
                        tables[2 * p.fft_size + n];
    const int turn = bin * n % p.fft_size;
    real += value * tables[turn];
    imaginary -= value * tables[p.fft_size + turn];
  }
  // Real by definition; a rounded sine would give it a random sign.
  if (bin == 0 || 2 * bin == p.fft_size) imaginary = 0.0f;
  float* y = p.y + static_cast<size_t>(p.row_items.begin(item) + row) * p.y_stride;
  y[bin] = sqrtf(real * real + imaginary * imaginary);
  y[bins + bin] = ops::reference_angle(real, imaginary);
}

// A block brings the spectra of its rows and of those before that still sound into shared memory
// as real and imaginary parts, then every thread adds up samples.
constexpr int kInverseRows = 128;  // hops of a block

__global__ void inverse_stft_kernel(TransformTask p) {
  const int bins = p.fft_size / 2 + 1;
  auto* tables = reinterpret_cast<float*>(shared_storage());  // [3][fft_size]
  float* spectra = tables + 3 * p.fft_size;                   // [rows][2 * bins]
  fill_tables(p.fft_size, tables);
  const int item = static_cast<int>(blockIdx.y);
  const int rows = p.row_items.size(item);
  const int samples = p.sample_items.size(item);
  const int first_sample = static_cast<int>(blockIdx.x) * kInverseRows * p.hop;
  if (first_sample >= samples) return;
  // Sample n is index n + fft_size / 2 of the untrimmed signal; row t covers the indices from
  // t * hop on.
  const int half = p.fft_size / 2;
  const int last_sample = min(samples, first_sample + kInverseRows * p.hop) - 1;
  const int first_index = first_sample + half;
  const int first_row = first_index < p.fft_size ? 0 : (first_index - p.fft_size) / p.hop + 1;
  const int last_row = min((last_sample + half) / p.hop, rows - 1);
  const int count = (last_row - first_row + 1) * bins;
  for (int i = static_cast<int>(threadIdx.x); i < count; i += kThreads) {
    const int row = first_row + i / bins, bin = i % bins;
    const float* x = p.x + static_cast<size_t>(p.row_items.begin(item) + row) * p.x_stride;
    const float magnitude = expf(x[bin]);
    const float phase = sinf(x[bins + bin]);
    // The first and the last bin have no mirror image.
    const float copies = bin == 0 || 2 * bin == p.fft_size ? 1.0f : 2.0f;
    const float level = copies * magnitude / static_cast<float>(p.fft_size);
    spectra[(row - first_row) * 2 * bins + bin] = level * cosf(phase);
    spectra[(row - first_row) * 2 * bins + bins + bin] = level * sinf(phase);
  }
  block_barrier();
  for (int sample = first_sample + static_cast<int>(threadIdx.x); sample <= last_sample;
       sample += kThreads) {
    const int index = sample + half;
    const int first = index < p.fft_size ? 0 : (index - p.fft_size) / p.hop + 1;
    const int last = min(index / p.hop, rows - 1);
    float sum = 0.0f, weight = 0.0f;
    for (int t = first; t <= last; ++t) {
      const int n = index - t * p.hop;
      const float* spectrum = spectra + (t - first_row) * 2 * bins;
      float value = 0.0f;
      for (int bin = 0; bin < bins; ++bin) {
        const int turn = bin * n % p.fft_size;
        value += spectrum[bin] * tables[turn] - spectrum[bins + bin] * tables[p.fft_size + turn];
      }
      const float window = tables[2 * p.fft_size + n];
      sum += value * window;
      weight += window * window;
    }
    p.y[p.sample_items.begin(item) + sample] = sum / weight;
  }
}

}  // namespace

void run_source(Stream& stream, const SourceTask& task) {
  launch(&phase_kernel, {static_cast<unsigned>(task.item_count), 1, 1}, kLanes, 0, stream, task);
  launch(&source_kernel,
         {static_cast<unsigned>(divide_up(task.largest_samples, kThreads)),
          static_cast<unsigned>(task.item_count), 1},
         kThreads, 0, stream, task);
}

void run_stft(Stream& stream, const TransformTask& task) {
  const int bins = task.fft_size / 2 + 1;
  launch(&stft_kernel,
         {static_cast<unsigned>(divide_up(task.largest_rows * bins, kThreads)),
          static_cast<unsigned>(task.item_count), 1},
         kThreads, 3 * sizeof(float) * static_cast<size_t>(task.fft_size), stream, task);
}

void run_inverse_stft(Stream& stream, const TransformTask& task) {
  const int bins = task.fft_size / 2 + 1;
  const int rows = kInverseRows + divide_up(task.fft_size, task.hop) + 1;
  launch(&inverse_stft_kernel,
         {static_cast<unsigned>(divide_up(task.largest_rows, kInverseRows)),
          static_cast<unsigned>(task.item_count), 1},
         kThreads, sizeof(float) * static_cast<size_t>(3 * task.fft_size + rows * 2 * bins), stream,
         task);
}

}  // namespace myna::backend::cuda
