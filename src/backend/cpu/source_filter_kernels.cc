#include "backend/cpu/source_filter_kernels.h"

#include "ops/signal_math.h"

// clang-format off
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/source_filter_kernels.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include "backend/cpu/vector_math-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace myna::backend::cpu {
namespace HWY_NAMESPACE {

using LaneTag = hn::CappedTag<float, kMaximumGroup>;
using LaneVector = hn::Vec<LaneTag>;
constexpr size_t kGroup = hn::MaxLanes(LaneTag());
// A window begins so many samples before its hop.
constexpr size_t kWindowMargin = (kFourierSize - kFourierHop) / 2;

HWY_INLINE LaneVector set(float value) { return hn::Set(LaneTag(), value); }

struct Complex {
  LaneVector real, imaginary;
};
HWY_INLINE Complex operator+(Complex a, Complex b) {
  return {hn::Add(a.real, b.real), hn::Add(a.imaginary, b.imaginary)};
}
HWY_INLINE Complex operator-(Complex a, Complex b) {
  return {hn::Sub(a.real, b.real), hn::Sub(a.imaginary, b.imaginary)};
}
HWY_INLINE Complex operator*(Complex a, Complex b) {
  return {hn::MulSub(a.real, b.real, hn::Mul(a.imaginary, b.imaginary)),
          hn::MulAdd(a.real, b.imaginary, hn::Mul(a.imaginary, b.real))};
}
HWY_INLINE Complex scaled(Complex a, LaneVector factor) {
  return {hn::Mul(a.real, factor), hn::Mul(a.imaginary, factor)};
}
// sum + a * factor
HWY_INLINE Complex add_scaled(Complex sum, Complex a, LaneVector factor) {
  return {hn::MulAdd(a.real, factor, sum.real), hn::MulAdd(a.imaginary, factor, sum.imaginary)};
}
HWY_INLINE Complex conjugate(Complex a) { return {a.real, hn::Neg(a.imaginary)}; }
// -i a
HWY_INLINE Complex turned_back(Complex a) { return {a.imaginary, hn::Neg(a.real)}; }
HWY_INLINE Complex swapped(Complex a) { return {a.imaginary, a.real}; }

template <size_t kRadix>
HWY_INLINE void transform(Complex (&x)[kRadix]);

template <>
HWY_INLINE void transform<4>(Complex (&x)[4]) {
  const Complex a = x[0] + x[2], b = x[0] - x[2];
  const Complex c = x[1] + x[3], d = turned_back(x[1] - x[3]);
  x[0] = a + c;
  x[1] = b + d;
  x[2] = a - c;
  x[3] = b - d;
}
template <>
HWY_INLINE void transform<5>(Complex (&x)[5]) {
  const LaneVector cos1 = set(0.30901699437f), cos2 = set(-0.80901699437f);
  const LaneVector sin1 = set(0.95105651629f), sin2 = set(0.58778525229f);
  const Complex sum1 = x[1] + x[4], sum2 = x[2] + x[3];
  const Complex difference1 = turned_back(x[1] - x[4]), difference2 = turned_back(x[2] - x[3]);
  const Complex middle1 = add_scaled(add_scaled(x[0], sum1, cos1), sum2, cos2);
  const Complex middle2 = add_scaled(add_scaled(x[0], sum1, cos2), sum2, cos1);
  const Complex side1 = add_scaled(scaled(difference1, sin1), difference2, sin2);
  const Complex side2 = add_scaled(scaled(difference1, sin2), difference2, hn::Neg(sin1));
  x[0] = x[0] + sum1 + sum2;
  x[1] = middle1 + side1;
  x[4] = middle1 - side1;
  x[2] = middle2 + side2;
  x[3] = middle2 - side2;
}
template <>
HWY_INLINE void transform<8>(Complex (&x)[8]) {
  Complex even[4] = {x[0], x[2], x[4], x[6]}, odd[4] = {x[1], x[3], x[5], x[7]};
  transform<4>(even);
  transform<4>(odd);
  // exp(-2 pi i / 8) and its powers.
  const LaneVector half = set(0.70710678119f);
  odd[1] = scaled(odd[1] + turned_back(odd[1]), half);
  odd[2] = turned_back(odd[2]);
  odd[3] = scaled(turned_back(odd[3]) - odd[3], half);
  for (size_t k = 0; k < 4; ++k) {
    x[k] = even[k] + odd[k];
    x[k + 4] = even[k] - odd[k];
  }
}

// One pass of Stockham's transform of size kRadix * count, which is one of `stride` side by side.
// Returns where the twiddles of the next pass begin; the last pass has none.
template <size_t kRadix, bool kLast = false, class Load, class Store>
HWY_INLINE const float* run_pass(size_t count, size_t stride, const float* twiddles,
                                 const Load& load, const Store& store) {
  for (size_t k = 0; k < count; ++k) {
    Complex twiddle[kRadix];
    for (size_t j = 1; !kLast && j < kRadix; ++j, twiddles += 2) {
      twiddle[j] = {set(twiddles[0]), set(twiddles[1])};
    }
    for (size_t q = 0; q < stride; ++q) {
      Complex x[kRadix];
      for (size_t j = 0; j < kRadix; ++j) x[j] = load(q + stride * (k + count * j));
      transform<kRadix>(x);
      store(q + stride * kRadix * k, x[0]);
      for (size_t j = 1; j < kRadix; ++j) {
        store(q + stride * (kRadix * k + j), kLast ? x[j] : x[j] * twiddle[j]);
      }
    }
  }
  return twiddles;
}

struct Buffer {
  float* data;  // [kHalfSize][2][kGroup]
  HWY_INLINE Complex get(size_t index) const {
    const float* at = data + index * 2 * kGroup;
    return {hn::Load(LaneTag(), at), hn::Load(LaneTag(), at + kGroup)};
  }
  HWY_INLINE void put(size_t index, Complex value) const {
    float* at = data + index * 2 * kGroup;
    hn::Store(value.real, LaneTag(), at);
    hn::Store(value.imaginary, LaneTag(), at + kGroup);
  }
};

// 200 = 5 * 5 * 8 points; a and b are scratch, and the last pass may store where it has read.
template <class Load, class Store>
HWY_INLINE void transform_half(const float* twiddles, Buffer a, Buffer b, const Load& load,
                               const Store& store) {
  const auto from_a = [&](size_t i) HWY_ATTR { return a.get(i); };
  const auto from_b = [&](size_t i) HWY_ATTR { return b.get(i); };
  const auto to_a = [&](size_t i, Complex value) HWY_ATTR { a.put(i, value); };
  const auto to_b = [&](size_t i, Complex value) HWY_ATTR { b.put(i, value); };
  twiddles = run_pass<5>(40, 1, twiddles, load, to_a);
  twiddles = run_pass<5>(8, 5, twiddles, from_a, to_b);
  run_pass<8, true>(1, 25, twiddles, from_b, store);
}

// Dirichlet's kernel: the sum of cos(2 pi h phase) over h = 1 ... harmonics.
HWY_INLINE LaneVector harmonic_sum(LaneVector phase, LaneVector harmonics) {
  const LaneTag d;
  const LaneVector multiple = hn::Add(harmonics, set(0.5f));
  // The product's whole turns go before its last bits do.
  const LaneVector product = hn::Mul(multiple, phase);
  const LaneVector rest = hn::MulSub(multiple, phase, product);
  const LaneVector turns = hn::Add(hn::Sub(product, hn::Round(product)), rest);
  LaneVector above, below, ignored;
  sincos_turns(d, turns, above, ignored);
  sincos_turns(d, hn::Mul(phase, set(0.5f)), below, ignored);
  const auto small = hn::Lt(hn::Abs(below), set(1e-6f));
  const LaneVector ratio = hn::Div(above, hn::IfThenElse(small, set(1.0f), below));
  const LaneVector value = hn::Mul(set(0.5f), hn::Sub(ratio, set(1.0f)));
  return hn::IfThenElse(small, harmonics, value);
}

void pulses(const PulseFrames& frames, size_t first, float* out, size_t stride) {
  const LaneTag d;
  const LaneVector harmonics = hn::LoadU(d, frames.harmonics + first);
  const auto voiced = hn::Gt(harmonics, hn::Zero(d));
  if (hn::AllFalse(d, voiced)) {
    for (size_t r = 0; r < kFrameSamples; ++r) hn::StoreU(hn::Zero(d), d, out + r * stride);
    return;
  }
  const auto half = [&](size_t begin, size_t end, const float* start, const float* slope,
                        const float* slope_rest, int numerator) HWY_ATTR {
    const LaneVector from = hn::LoadU(d, start + first);
    const LaneVector high = hn::LoadU(d, slope + first), low = hn::LoadU(d, slope_rest + first);
    for (size_t r = begin; r < end; ++r, numerator += 2) {
      const LaneVector steps = set(static_cast<float>(numerator));
      const LaneVector product = hn::Mul(steps, high);
      LaneVector rest = hn::MulSub(steps, high, product);
      rest = hn::MulAdd(steps, low, rest);
      LaneVector phase = hn::Add(hn::Sub(product, hn::Round(product)), from);
      phase = hn::Sub(phase, hn::Round(phase));
      const LaneVector value = harmonic_sum(hn::Add(phase, rest), harmonics);
      hn::StoreU(hn::IfThenElseZero(voiced, value), d, out + r * stride);
    }
  };
  constexpr size_t kMiddle = kFrameSamples / 2;
  half(0, kMiddle, frames.before, frames.slope_before, frames.slope_before_rest, kFrameSamples + 1);
  half(kMiddle, kFrameSamples, frames.here, frames.slope_after, frames.slope_after_rest, 1);
}

// ops::spectral_noise in vectors.
HWY_INLINE hn::Vec<hn::RebindToUnsigned<LaneTag>> mixed(
    hn::Vec<hn::RebindToUnsigned<LaneTag>> value) {
  const hn::RebindToUnsigned<LaneTag> du;
  value = hn::Mul(hn::Xor(value, hn::ShiftRight<16>(value)), hn::Set(du, 0x7FEB352Du));
  value = hn::Mul(hn::Xor(value, hn::ShiftRight<15>(value)), hn::Set(du, 0x846CA68Bu));
  return hn::Xor(value, hn::ShiftRight<16>(value));
}
HWY_INLINE Complex normal(hn::Vec<hn::RebindToUnsigned<LaneTag>> keys, size_t bin) {
  const LaneTag d;
  const hn::RebindToUnsigned<LaneTag> du;
  const hn::RebindToSigned<LaneTag> di;
  const auto state = hn::Add(keys, hn::Set(du, static_cast<uint32_t>(bin) * ops::kBinStep));
  const auto unit = [&](auto bits) HWY_ATTR {
    return hn::ConvertTo(d, hn::BitCast(di, hn::ShiftRight<8>(bits)));
  };
  const LaneVector u = hn::Mul(hn::Add(unit(mixed(state)), set(0.5f)), set(1.0f / 16777216.0f));
  const LaneVector v =
      hn::Mul(unit(mixed(hn::Xor(state, hn::Set(du, ops::kAngleKey)))), set(1.0f / 16777216.0f));
  const LaneVector radius = hn::Sqrt(hn::Neg(log_fast(d, u)));
  Complex z;
  sincos_turns(d, v, z.imaginary, z.real);
  return scaled(z, radius);
}

constexpr float kLog2E = 1.44269504089f;
constexpr float kTurnsOfRadian = 0.15915494309f;

// Head rows to [channel][frame]. Lanes behind the last row are 0.
HWY_INLINE void turn_head(const VocoderFrames& task, size_t channels, float* out) {
  size_t c = 0;
#if HWY_TARGET != HWY_SCALAR
  const LaneTag d;
  if (task.rows >= kGroup) {
    for (; c + 4 <= channels; c += 4) {
      LaneVector v[4];
      for (size_t j = 0; j < 4; ++j) {
        v[j] = load_blocks(d, task.head + j * task.head_stride + c, task.head_stride);
      }
      transpose_blocks(d, v[0], v[1], v[2], v[3]);
      for (size_t j = 0; j < 4; ++j) hn::Store(v[j], d, out + (c + j) * kGroup);
    }
  }
#endif
  for (; c < channels; ++c) {
    for (size_t i = 0; i < kGroup; ++i) {
      out[c * kGroup + i] = i < task.rows ? task.head[i * task.head_stride + c] : 0.0f;
    }
  }
}

class Spectrum {
 public:
  HWY_INLINE Spectrum(const VocoderFrames& task, const float* head, Buffer points)
      : task_(task), head_(head), points_(points) {
    keys_ = hn::LoadU(hn::RebindToUnsigned<LaneTag>(), task.noise_keys);
    harmonics_ = task.harmonic_bins + task.harmonic_points;
    if (task.harmonic_points == 0) return;
    for (size_t i = 0; i <= task.harmonic_points; ++i) {
      points_.put(i, filter(task.harmonic_bins - 1 + i));
    }
    points_.put(task.harmonic_points + 1, {hn::Zero(LaneTag()), hn::Zero(LaneTag())});
  }

  // Of bins 0 to kHalfSize - 1 to `noise`; returns that of bin kHalfSize. Apart from the rest of a
  // bin's work, as the long chains of one bin then overlap with those of the next.
  HWY_INLINE Complex make_noise(const Buffer& noise) const {
    const LaneTag d;
    const LaneVector gain = hn::LoadU(d, task_.noise_gain);
    const LaneVector most = exponential(set(task_.largest_log));
    const size_t bands = task_.noise_points - 1, step = kHalfSize / bands;
    LaneVector last = hn::Zero(d);
    for (size_t band = 0; band < bands; ++band) {
      const LaneVector left = noise_point(band), right = noise_point(band + 1);
      // Linear in the logarithm: a constant factor from bin to bin.
      const LaneVector factor =
          exponential(hn::Mul(hn::Sub(right, left), set(1.0f / static_cast<float>(step))));
      LaneVector magnitude = exponential(left);
      for (size_t j = 0; j < step; ++j) {
        const size_t k = band * step + j;
        noise.put(k, scaled(normal(keys_, k), hn::Mul(hn::Min(magnitude, most), gain)));
        magnitude = hn::Mul(magnitude, factor);
      }
      last = magnitude;
    }
    return scaled(normal(keys_, kHalfSize), hn::Mul(hn::Min(last, most), gain));
  }

  // What becomes of the excitation's bin k, with its noise.
  HWY_INLINE Complex filtered(size_t k, Complex e, Complex noise) const {
    if (k >= task_.harmonic_end) return noise;
    if (task_.whisper > 0) e = whispered(k, e);
    return noise + (k < task_.harmonic_bins ? filter(k) : between_points(k)) * e;
  }

 private:
  HWY_INLINE LaneVector head(size_t channel) const {
    return hn::Load(LaneTag(), head_ + channel * kGroup);
  }
  HWY_INLINE LaneVector noise_point(size_t point) const { return head(2 * harmonics_ + point); }
  // Of the head's harmonic i.
  HWY_INLINE Complex filter(size_t i) const {
    const LaneTag d;
    const LaneVector magnitude = exponential(hn::Min(head(i), set(task_.largest_log)));
    Complex turn;
    sincos_turns(d, hn::Mul(head(harmonics_ + i), set(kTurnsOfRadian)), turn.imaginary, turn.real);
    return scaled(turn, magnitude);
  }
  HWY_INLINE Complex between_points(size_t k) const {
    const size_t behind = k + 1 - task_.harmonic_bins, left = behind / task_.harmonic_step;
    const float right =
        static_cast<float>(behind % task_.harmonic_step) / static_cast<float>(task_.harmonic_step);
    const Complex from = points_.get(left);
    return add_scaled(from, points_.get(left + 1) - from, set(right));
  }
  static HWY_INLINE LaneVector exponential(LaneVector x) {
    return exp2_fast(LaneTag(), hn::Mul(x, set(kLog2E)));
  }
  HWY_INLINE Complex whispered(size_t k, Complex e) const {
    const hn::RebindToUnsigned<LaneTag> du;
    const auto keys = hn::Xor(keys_, hn::Set(du, ops::kWhisperKey));
    const LaneVector gain = hn::Mul(hn::LoadU(LaneTag(), task_.whisper_gain), set(task_.whisper));
    return add_scaled(scaled(e, set(1 - task_.whisper)), normal(keys, k), gain);
  }

  const VocoderFrames& task_;
  const float* head_;
  Buffer points_;  // the harmonic filter from its last bin on, point by point, then 0
  size_t harmonics_;
  hn::Vec<hn::RebindToUnsigned<LaneTag>> keys_;
};

void frames(const VocoderFrames& task) {
  const LaneTag d;
  const FourierTables& tables = *task.tables;
  const Buffer a{task.scratch}, b{task.scratch + 2 * kHalfSize * kGroup};
  // Sample n of the frame's first window is sample n - 150 of the frame: of the frame before, the
  // frame itself, or the next.
  const size_t shift = kFrameSamples - kWindowMargin + task.window * kFourierHop;
  const auto windowed = [&](size_t n) HWY_ATTR {
    const size_t place = n + shift;
    const float* at =
        task.pulses + place % kFrameSamples * task.pulse_stride + place / kFrameSamples - 1;
    return hn::Mul(hn::LoadU(d, at), set(tables.window[n]));
  };
  // Two real samples are one complex one.
  transform_half(
      tables.twiddles, a, b,
      [&](size_t i) HWY_ATTR {
        return Complex{windowed(2 * i), windowed(2 * i + 1)};
      },
      [&](size_t i, Complex value) HWY_ATTR { b.put(i, value); });
  // b is the transform of even + i odd samples. Bins k and half - k of the real transform come from
  // the same two values of it, and go back into their place.
  float* head = task.scratch + 4 * kHalfSize * kGroup;
  turn_head(task, task.channels, head);
  const Spectrum spectrum(task, head, Buffer{head + task.channels * kGroup});
  // The first transform has left a free.
  const Complex nothing = {hn::Zero(d), hn::Zero(d)};
  const Complex last_noise = task.has_noise ? spectrum.make_noise(a) : nothing;
  const auto noise = [&](size_t k) HWY_ATTR { return task.has_noise ? a.get(k) : nothing; };
  const LaneVector half = set(0.5f);
  for (size_t k = 0; k <= kHalfSize / 2; ++k) {
    const size_t mirror = kHalfSize - k;
    const size_t mirror_place = k == 0 ? 0 : mirror;
    const Complex here = b.get(k), there = conjugate(b.get(mirror_place));
    const Complex turn = {set(tables.turn[2 * k]), set(tables.turn[2 * k + 1])};
    const Complex even = scaled(here + there, half);
    const Complex odd = turn * turned_back(scaled(here - there, half));
    Complex low = spectrum.filtered(k, even + odd, noise(k));
    Complex high =
        spectrum.filtered(mirror, conjugate(even - odd), k == 0 ? last_noise : noise(mirror));
    if (k == 0) {
      // Real by definition.
      low.imaginary = hn::Zero(d);
      high.imaginary = hn::Zero(d);
    }
    const Complex other = conjugate(high);
    const Complex new_even = scaled(low + other, half);
    const Complex new_odd = scaled(low - other, half) * conjugate(turn);
    // even + i odd, and the same of the mirrored bin.
    b.put(k, new_even - turned_back(new_odd));
    if (k > 0) b.put(mirror, conjugate(new_even) - turned_back(conjugate(new_odd)));
  }
  const hn::RebindToSigned<LaneTag> di;
  const auto active =
      hn::RebindMask(d, hn::Lt(hn::Iota(di, 0), hn::Set(di, static_cast<int32_t>(task.rows))));
  // The window's overlap is 1.5. An inverse transform is a forward one with its parts swapped.
  const LaneVector scale =
      hn::IfThenElseZero(active, set(1.0f / (1.5f * static_cast<float>(kHalfSize))));
  transform_half(
      tables.twiddles, a, b, [&](size_t i) HWY_ATTR { return swapped(b.get(i)); },
      [&](size_t i, Complex value) HWY_ATTR {
        float* at = task.out + 2 * i * task.out_stride;
        const auto put = [&](LaneVector sample, size_t n, float* to) HWY_ATTR {
          const LaneVector gain = hn::Mul(scale, set(tables.window[n]));
          hn::StoreU(hn::IfThenElseZero(active, hn::Mul(sample, gain)), d, to);
        };
        put(value.imaginary, 2 * i, at);
        put(value.real, 2 * i + 1, at + task.out_stride);
      });
}

void overlap(const float* windowed, size_t stride, size_t count, float* samples) {
  const LaneTag d;
  const auto sample = [&](size_t r) HWY_ATTR {
    // Windows are counted from the first one of the frame before; `last` is the last with the
    // sample.
    const size_t place = r + kWindowMargin;
    const size_t last = place / kFourierHop + kWindows;
    LaneVector sum = hn::Zero(d);
    for (size_t q = last - 3; q <= last; ++q) {
      const size_t n = place + kWindows * kFourierHop - q * kFourierHop;
      const float* at = windowed + (q % kWindows * kFourierSize + n) * stride + q / kWindows - 1;
      sum = hn::Add(sum, hn::LoadU(d, at));
    }
    return sum;
  };
  size_t r = 0;
#if HWY_TARGET != HWY_SCALAR
  for (; count == kGroup && r + 4 <= kFrameSamples; r += 4) {
    LaneVector v[4];
    for (size_t j = 0; j < 4; ++j) v[j] = sample(r + j);
    transpose_blocks(d, v[0], v[1], v[2], v[3]);
    for (size_t j = 0; j < 4; ++j) {
      store_blocks(d, v[j], samples + j * kFrameSamples + r, kFrameSamples);
    }
  }
#endif
  for (; r < kFrameSamples; ++r) {
    alignas(64) float lanes[kGroup];
    hn::Store(sample(r), d, lanes);
    for (size_t i = 0; i < count; ++i) samples[i * kFrameSamples + r] = lanes[i];
  }
}

extern const SourceFilterKernels kSourceFilterKernels;
const SourceFilterKernels kSourceFilterKernels = {kGroup, pulses, frames, overlap};

}  // namespace HWY_NAMESPACE
}  // namespace myna::backend::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace myna::backend::cpu {

const SourceFilterKernels& source_filter_kernels(Isa isa) {
  if (has_avx512(isa)) return N_AVX3::kSourceFilterKernels;
  if (isa != Isa::kPortable) return N_AVX2::kSourceFilterKernels;
  return HWY_STATIC_DISPATCH(kSourceFilterKernels);
}

}  // namespace myna::backend::cpu
#endif
