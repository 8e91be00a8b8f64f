#include <cmath>

#include "backend/cuda/flash_kernels.h"
#include "ops/signal_math.h"

namespace myna::backend::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kWarps = kThreads / static_cast<int>(kLanes);

// A warp a row; a lane keeps its channels in registers.
__global__ void film_norm_kernel(FilmNormTask p) {
  const int row = static_cast<int>(blockIdx.x) * kWarps + static_cast<int>(threadIdx.x / kLanes);
  if (row >= p.rows) return;
  const int lane = static_cast<int>(threadIdx.x % kLanes);
  const int item = item_of_row(p.items, p.item_count, row);
  const int begin = p.items.begin(item), end = begin + p.items.size(item);
  constexpr int kOfLane = kMaximumFilmChannels / static_cast<int>(kLanes);
  float values[kOfLane];
  float sum = 0.0f;
  MYNA_UNROLL
  for (int i = 0; i < kOfLane; ++i) {
    const int c = lane + i * static_cast<int>(kLanes);
    values[i] = 0.0f;
    if (c < p.channels) {
      float value = p.bias[c];
      for (int j = 0; j < p.kernel; ++j) {
        const int from = row + j - p.left;
        if (from < begin || from >= end) continue;
        value += p.weight[j * p.channels + c] * p.x[static_cast<size_t>(from) * p.x_stride + c];
      }
      values[i] = value;
      sum += value;
    }
  }
  const float mean = warp_sum(sum) / static_cast<float>(p.channels);
  float squares = 0.0f;
  MYNA_UNROLL
  for (int i = 0; i < kOfLane; ++i) {
    const float deviation = values[i] - mean;
    if (lane + i * static_cast<int>(kLanes) < p.channels) squares += deviation * deviation;
  }
  const float variance = warp_sum(squares) / static_cast<float>(p.channels);
  const float inverse = 1.0f / sqrtf(variance + p.epsilon);
  const float* film = p.film + static_cast<size_t>(item) * p.film_stride;
  float* y = p.y + static_cast<size_t>(row) * p.y_stride;
  MYNA_UNROLL
  for (int i = 0; i < kOfLane; ++i) {
    const int c = lane + i * static_cast<int>(kLanes);
    if (c < p.channels) y[c] = (values[i] - mean) * inverse * film[c] + film[p.channels + c];
  }
}

constexpr int kWindowHop = kVocoderHop / kVocoderWindows;
// A frame's first window begins so many samples before the frame.
constexpr int kMargin = (kVocoderFft - kWindowHop) / 2;
constexpr int kBins = kVocoderFft / 2 + 1;
constexpr int kHalf = kVocoderFft / 2;

MYNA_DEVICE int pulses_of_item(const VocoderTask& p, int item) {
  return p.head_items.begin(item) * kVocoderHop + item * 2 * kMargin;
}

// Turns at the middle of each frame: a running sum, one thread an item.
__global__ void turns_kernel(VocoderTask p) {
  if (threadIdx.x != 0) return;
  const int item = static_cast<int>(blockIdx.x);
  const int begin = p.f0_items.begin(item), frames = p.f0_items.size(item);
  const double frames_a_second = static_cast<double>(p.sample_rate) / kVocoderHop;
  double sum = 0;
  for (int t = begin; t < begin + frames; ++t) {
    sum += static_cast<double>(p.f0_hz[t]) / frames_a_second;
    sum -= floor(sum);
    p.turns[t] = sum;
  }
}

// The excitation of an item's head, from the first window's first sample on; a thread a sample.
__global__ void pulses_kernel(VocoderTask p) {
  const int item = static_cast<int>(blockIdx.y);
  const int index = static_cast<int>(blockIdx.x) * kThreads + static_cast<int>(threadIdx.x);
  const int count = p.head_items.size(item) * kVocoderHop + 2 * kMargin;
  if (index >= count) return;
  const int begin = p.f0_items.begin(item), frames = p.f0_items.size(item);
  const int n = static_cast<int>(p.variations[item].first_frame) * kVocoderHop - kMargin + index;
  float value = 0.0f;
  if (n >= 0 && n < frames * kVocoderHop) {
    const float f0 = p.f0_hz[begin + n / kVocoderHop];
    if (f0 >= p.voiced_threshold_hz) {
      double place = (n + 0.5) / kVocoderHop - 0.5;
      const double last = frames - 1;
      place = place < 0 ? 0 : place > last ? last : place;
      const int left = static_cast<int>(place);
      double phase = p.turns[begin + left];
      if (left + 1 < frames) {
        phase += (place - left) * static_cast<double>(p.f0_hz[begin + left + 1]) * kVocoderHop /
                 static_cast<double>(p.sample_rate);
      }
      phase -= rint(phase);
      const int harmonics = static_cast<int>(p.top_harmonic_hz / f0);
      const float below = sinf(ops::kPi * static_cast<float>(phase));
      double turns = (2 * harmonics + 1) * phase * 0.5;
      turns -= rint(turns);
      const float above = sinf(2.0f * ops::kPi * static_cast<float>(turns));
      value = fabsf(below) < 1e-6f ? static_cast<float>(harmonics) : 0.5f * (above / below - 1.0f);
    }
  }
  p.pulses[pulses_of_item(p, item) + index] = value;
}

struct Complex {
  float real, imaginary;
};
MYNA_DEVICE Complex multiply(Complex a, Complex b) {
  return {a.real * b.real - a.imaginary * b.imaginary, a.real * b.imaginary + a.imaginary * b.real};
}
MYNA_DEVICE Complex conjugate(Complex a) { return {a.real, -a.imaginary}; }

enum class Direction : uint8_t { kForward, kInverse };

// exp(-2 pi i k / kVocoderFft), or its conjugate.
template <Direction kDirection>
MYNA_DEVICE Complex turn(const Complex* circle, int k) {
  return kDirection == Direction::kForward ? circle[k] : conjugate(circle[k]);
}

// One pass of Stockham's transform of kHalf points: what is left of it has `length`, `stride` are
// done.
template <int kRadix, Direction kDirection>
MYNA_DEVICE void pass(const Complex* x, Complex* y, int length, int stride, const Complex* circle) {
  for (int i = static_cast<int>(threadIdx.x); i < kHalf / kRadix;
       i += static_cast<int>(blockDim.x)) {
    const int p = i / stride, q = i % stride;
    Complex a[kRadix];
    MYNA_UNROLL
    for (int k = 0; k < kRadix; ++k) a[k] = x[q + stride * (p + k * (length / kRadix))];
    MYNA_UNROLL
    for (int j = 0; j < kRadix; ++j) {
      Complex sum = a[0];
      MYNA_UNROLL
      for (int k = 1; k < kRadix; ++k) {
        const Complex product =
            multiply(a[k], turn<kDirection>(circle, j * k % kRadix * (kVocoderFft / kRadix)));
        sum.real += product.real;
        sum.imaginary += product.imaginary;
      }
      const int angle = j * p * (kHalf / length) % kHalf * 2;
      y[q + stride * (kRadix * p + j)] = multiply(sum, turn<kDirection>(circle, angle));
    }
  }
  block_barrier();
}

// a in, a out.
template <Direction kDirection>
MYNA_DEVICE void transform(Complex* a, Complex* b, const Complex* circle) {
  pass<5, kDirection>(a, b, 200, 1, circle);
  pass<5, kDirection>(b, a, 40, 5, circle);
  pass<4, kDirection>(a, b, 8, 25, circle);
  pass<2, kDirection>(b, a, 2, 100, circle);
}

// Of the head's harmonic i; 0 behind the last one.
MYNA_DEVICE Complex filter_point(const VocoderTask& p, const float* head, int i) {
  const int harmonics = kVocoderHarmonicBins + p.harmonic_points;
  if (i >= harmonics) return {0.0f, 0.0f};
  const float magnitude = expf(fminf(head[i], p.largest_log));
  const float angle = head[harmonics + i];
  return {magnitude * cosf(angle), magnitude * sinf(angle)};
}

// The harmonic filter at bin k: linear between its points.
MYNA_DEVICE Complex filter_bin(const VocoderTask& p, const float* head, int k) {
  if (k < kVocoderHarmonicBins) return filter_point(p, head, k);
  const int behind = k + 1 - kVocoderHarmonicBins;
  const int left = kVocoderHarmonicBins - 1 + behind / kVocoderHarmonicStep;
  const Complex from = filter_point(p, head, left), to = filter_point(p, head, left + 1);
  const float right =
      static_cast<float>(behind % kVocoderHarmonicStep) / static_cast<float>(kVocoderHarmonicStep);
  return {from.real + right * (to.real - from.real),
          from.imaginary + right * (to.imaginary - from.imaginary)};
}

// Bin k of the excitation with its share of whisper, through the harmonic filter.
MYNA_DEVICE Complex harmonic_bin(const VocoderTask& p, const ops::SourceFilterVariation& variation,
                                 uint32_t key, float f0, float noise_gain, const float* head,
                                 Complex e, int k) {
  if (variation.whisper > 0.0f) {
    e.real *= 1.0f - variation.whisper;
    e.imaginary *= 1.0f - variation.whisper;
    if (f0 >= p.voiced_threshold_hz) {
      const ops::ComplexNormal z =
          ops::spectral_noise(key ^ ops::kWhisperKey, static_cast<uint32_t>(k));
      const float gain = variation.whisper * sqrtf(p.sample_rate / (4.0f * f0)) * noise_gain;
      e.real += gain * z.real;
      e.imaginary += gain * z.imaginary;
    }
  }
  return multiply(filter_bin(p, head, k), e);
}

// A block a window: its piece of the excitation, the filters, the noise, and back.
constexpr int kFrameThreads = 128;

__global__ void frame_kernel(VocoderTask p) {
  auto* a = reinterpret_cast<Complex*>(shared_storage());  // [kHalf]
  Complex* b = a + kHalf;                                  // [kHalf]
  Complex* spectrum = b + kHalf;                           // [kBins]
  const auto* circle = reinterpret_cast<const Complex*>(p.tables);
  const float* window = p.tables + 2 * kVocoderFft;
  const int row = static_cast<int>(blockIdx.x) / kVocoderWindows;
  const int own_window = static_cast<int>(blockIdx.x) % kVocoderWindows;
  const int item = item_of_row(p.head_items, p.item_count, row);
  const int own_row = row - p.head_items.begin(item);
  const ops::SourceFilterVariation variation = p.variations[item];
  const size_t frame = variation.first_frame + static_cast<size_t>(own_row);
  const int first = static_cast<int>(threadIdx.x);
  const float* pulses =
      p.pulses + pulses_of_item(p, item) + own_row * kVocoderHop + own_window * kWindowHop;
  for (int n = first; n < kHalf; n += kFrameThreads) {
    a[n] = {pulses[2 * n] * window[2 * n], pulses[2 * n + 1] * window[2 * n + 1]};
  }
  block_barrier();
  transform<Direction::kForward>(a, b, circle);

  const int harmonics = kVocoderHarmonicBins + p.harmonic_points;
  const int window_channels = 2 * harmonics + kVocoderNoisePoints;
  const float* head =
      p.head + static_cast<size_t>(row) * p.head_stride + own_window * window_channels;
  const float* noise = head + 2 * harmonics;
  const float f0 = p.f0_hz[p.f0_items.begin(item) + static_cast<int>(frame)];
  const uint32_t key = ops::spectral_noise_key(
      variation.seed, frame * kVocoderWindows + static_cast<size_t>(own_window));
  constexpr float kNoiseGain = 12.24744871391589f;  // root of the window's energy
  const float noise_level =
      f0 >= p.voiced_threshold_hz ? variation.voiced_noise_level : variation.noise_level;
  constexpr int kStep = (kBins - 1) / (kVocoderNoisePoints - 1);
  for (int k = first; k < kBins; k += kFrameThreads) {
    Complex value = {0.0f, 0.0f};
    if (k < p.harmonic_end) {
      // Two real transforms in one complex one: even and odd samples.
      const Complex here = a[k % kHalf], mirror = conjugate(a[(kHalf - k) % kHalf]);
      const Complex even = {0.5f * (here.real + mirror.real),
                            0.5f * (here.imaginary + mirror.imaginary)};
      const Complex odd = {0.5f * (here.real - mirror.real),
                           0.5f * (here.imaginary - mirror.imaginary)};
      const Complex turned = multiply(odd, circle[k]);
      const Complex e = {even.real + turned.imaginary, even.imaginary - turned.real};
      value = harmonic_bin(p, variation, key, f0, kNoiseGain, head, e, k);
    }
    if (noise_level > 0.0f) {
      const int band = min(k / kStep, kVocoderNoisePoints - 2);
      const float right = static_cast<float>(k - band * kStep) / static_cast<float>(kStep);
      const float log_magnitude = (1.0f - right) * noise[band] + right * noise[band + 1];
      const float gain = noise_level * kNoiseGain * expf(fminf(log_magnitude, p.largest_log));
      const ops::ComplexNormal z = ops::spectral_noise(key, static_cast<uint32_t>(k));
      value.real += gain * z.real;
      value.imaginary += gain * z.imaginary;
    }
    // A real signal has no imaginary part there.
    if (k == 0 || k == kHalf) value.imaginary = 0.0f;
    spectrum[k] = value;
  }
  block_barrier();

  for (int k = first; k < kHalf; k += kFrameThreads) {
    const Complex here = spectrum[k], mirror = conjugate(spectrum[kHalf - k]);
    const Complex even = {0.5f * (here.real + mirror.real),
                          0.5f * (here.imaginary + mirror.imaginary)};
    const Complex odd =
        multiply({0.5f * (here.real - mirror.real), 0.5f * (here.imaginary - mirror.imaginary)},
                 conjugate(circle[k]));
    a[k] = {even.real - odd.imaginary, even.imaginary + odd.real};
  }
  block_barrier();
  transform<Direction::kInverse>(a, b, circle);
  // Windows overlap by four hops, whose squares add up to 1.5.
  constexpr float kLevel = 1.0f / (1.5f * static_cast<float>(kHalf));
  float* y = p.windows + static_cast<size_t>(blockIdx.x) * kVocoderFft;
  for (int n = first; n < kHalf; n += kFrameThreads) {
    y[2 * n] = a[n].real * window[2 * n] * kLevel;
    y[2 * n + 1] = a[n].imaginary * window[2 * n + 1] * kLevel;
  }
}

// Overlap-add in a fixed order; a thread a sample.
__global__ void overlap_kernel(VocoderTask p) {
  const int item = static_cast<int>(blockIdx.y);
  const int sample = static_cast<int>(blockIdx.x) * kThreads + static_cast<int>(threadIdx.x);
  if (sample >= p.sample_items.size(item)) return;
  const int windows = p.head_items.size(item) * kVocoderWindows;
  const int index = sample + kMargin;
  const int first = index < kVocoderFft ? 0 : (index - kVocoderFft) / kWindowHop + 1;
  const int last = min(index / kWindowHop, windows - 1);
  float sum = 0.0f;
  for (int t = first; t <= last; ++t) {
    const auto row = static_cast<size_t>(p.head_items.begin(item) * kVocoderWindows + t);
    sum += p.windows[row * kVocoderFft + index - t * kWindowHop];
  }
  p.samples[p.sample_items.begin(item) + sample] = sum;
}

}  // namespace

void run_film_norm(Stream& stream, const FilmNormTask& task) {
  launch(&film_norm_kernel, {static_cast<unsigned>(divide_up(task.rows, kWarps)), 1, 1}, kThreads,
         0, stream, task);
}

std::vector<float> vocoder_tables() {
  std::vector<float> tables;
  for (int k = 0; k < kVocoderFft; ++k) {
    const double angle = 2.0 * 3.14159265358979323846 * k / kVocoderFft;
    tables.push_back(static_cast<float>(std::cos(angle)));
    tables.push_back(static_cast<float>(-std::sin(angle)));
  }
  const std::vector<float> window = ops::hann_window(kVocoderFft);
  tables.insert(tables.end(), window.begin(), window.end());
  return tables;
}

size_t vocoder_pulses(size_t rows, size_t items) {
  return rows * kVocoderHop + items * 2 * static_cast<size_t>(kMargin);
}

void run_vocoder(Stream& stream, const VocoderTask& task) {
  const auto items = static_cast<unsigned>(task.item_count);
  launch(&turns_kernel, {items, 1, 1}, kLanes, 0, stream, task);
  launch(&pulses_kernel,
         {static_cast<unsigned>(divide_up(task.largest_rows * kVocoderHop + 2 * kMargin, kThreads)),
          items, 1},
         kThreads, 0, stream, task);
  launch(&frame_kernel, {static_cast<unsigned>(task.rows * kVocoderWindows), 1, 1}, kFrameThreads,
         sizeof(Complex) * static_cast<size_t>(2 * kHalf + kBins), stream, task);
  launch(&overlap_kernel,
         {static_cast<unsigned>(divide_up(task.largest_samples, kThreads)), items, 1}, kThreads, 0,
         stream, task);
}

}  // namespace myna::backend::cuda
