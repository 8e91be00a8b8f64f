#include "backend/cpu/vector_kernels.h"

#include <cmath>
#include <limits>

#include "backend/cpu/micro_kernels.h"
#include "backend/cpu/minimal_filter.h"
#include "ops/signal_math.h"

// clang-format off
// Three builds of this file: the emulated baseline, AVX2 and AVX-512 (Highway's AVX3). The ones in
// between would only cost compile time. foreach_target.h has to come first.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/vector_kernels.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include <hwy/contrib/math/math-inl.h>
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace myna::backend::cpu {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using FullTag = hn::ScalableTag<float>;
using OneTag = hn::CappedTag<float, 1>;  // the tail: the same code on one lane

// Calls body(tag, first) for whole vectors, then lane by lane for the rest.
template <class Body>
HWY_INLINE void for_each_vector(size_t count, const Body& body) {
  const FullTag full;
  const size_t lanes = hn::Lanes(full);
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) body(full, i);
  for (; i < count; ++i) body(OneTag(), i);
}

// sin(x)^2 for moderate x: reduced to a quarter turn around a multiple of pi, odd polynomial of
// degree 11 (Taylor terms; the next one is below 6e-8 at pi/2).
template <class D, class V>
HWY_INLINE V sine_squared(D d, V x) {
  const V turns = hn::Round(hn::Mul(x, hn::Set(d, 0.31830988618f)));
  V r = hn::NegMulAdd(turns, hn::Set(d, 3.140625f), x);
  r = hn::NegMulAdd(turns, hn::Set(d, 9.67653589793e-4f), r);
  const V r2 = hn::Mul(r, r);
  V p = hn::Set(d, -2.50521083854e-8f);
  p = hn::MulAdd(p, r2, hn::Set(d, 2.75573192240e-6f));
  p = hn::MulAdd(p, r2, hn::Set(d, -1.98412698413e-4f));
  p = hn::MulAdd(p, r2, hn::Set(d, 8.33333333333e-3f));
  p = hn::MulAdd(p, r2, hn::Set(d, -1.66666666667e-1f));
  const V sine = hn::MulAdd(hn::Mul(p, r2), r, r);
  return hn::Mul(sine, sine);
}

template <class D, class V>
HWY_INLINE V gelu_tanh(D d, V x) {
  const V cubic = hn::MulAdd(hn::Mul(hn::Mul(x, x), x), hn::Set(d, 0.044715f), x);
  const V t = hn::Tanh(d, hn::Mul(cubic, hn::Set(d, 0.7978845608f)));
  const V half = hn::Mul(x, hn::Set(d, 0.5f));
  return hn::MulAdd(half, t, half);
}

template <class D, class V>
HWY_INLINE V leaky_relu(D d, V x, float slope) {
  return hn::IfThenElse(hn::Ge(x, hn::Zero(d)), x, hn::Mul(x, hn::Set(d, slope)));
}

template <class D, class V>
HWY_INLINE V finish_activation(D d, V x, ops::Activation activation, float slope) {
  if (activation == ops::Activation::kLeakyRelu) return leaky_relu(d, x, slope);
  if (activation == ops::Activation::kGeluTanh) return gelu_tanh(d, x);
  return x;
}

// One vector of channels over `rows` rows; the widest range seen goes into low and high.
template <ops::Activation kActivation, class D, class V>
HWY_INLINE void transform_channels(D d, const ops::InputTransform& transform, const float* in,
                                   size_t stride, size_t rows, float* out, size_t out_stride,
                                   size_t c, V& low, V& high) {
  const bool affine = transform.affine.scale != nullptr;
  const auto scale = affine ? hn::LoadU(d, transform.affine.scale + c) : hn::Zero(d);
  const auto shift = affine ? hn::LoadU(d, transform.affine.shift + c) : hn::Zero(d);
  auto alpha = hn::Zero(d), inverse_alpha = hn::Zero(d);
  if constexpr (kActivation == ops::Activation::kSnake) {
    alpha = hn::LoadU(d, transform.alpha + c);
    inverse_alpha = hn::Div(hn::Set(d, 1.0f), alpha);
  }
  for (size_t t = 0; t < rows; ++t) {
    auto x = hn::LoadU(d, in + t * stride + c);
    if (affine) x = hn::MulAdd(x, scale, shift);
    if constexpr (kActivation == ops::Activation::kLeakyRelu) {
      x = leaky_relu(d, x, transform.slope);
    } else if constexpr (kActivation == ops::Activation::kSnake) {
      x = hn::MulAdd(sine_squared(d, hn::Mul(alpha, x)), inverse_alpha, x);
    } else if constexpr (kActivation == ops::Activation::kGeluTanh) {
      x = gelu_tanh(d, x);
    }
    hn::StoreU(x, d, out + t * out_stride + c);
    low = hn::Min(low, x);
    high = hn::Max(high, x);
  }
}

template <ops::Activation kActivation>
MinMax transform_rows_with(const ops::InputTransform& transform, ops::ConstRows x, float* out,
                           size_t out_stride) {
  const FullTag full;
  const OneTag one;
  auto low = hn::Zero(full), high = hn::Zero(full);
  auto tail_low = hn::Zero(one), tail_high = hn::Zero(one);
  const size_t lanes = hn::Lanes(full);
  // A few rows at a time: the channels' parameters are read once for them, and memory is still
  // walked nearly front to back.
  constexpr size_t kRows = 8;
  for (size_t t = 0; t < x.rows; t += kRows) {
    const size_t rows = x.rows - t < kRows ? x.rows - t : kRows;
    float* to = out + t * out_stride;
    size_t c = 0;
    for (; c + lanes <= x.channels; c += lanes) {
      transform_channels<kActivation>(full, transform, x.row(t), x.stride, rows, to, out_stride, c,
                                      low, high);
    }
    for (; c < x.channels; ++c) {
      transform_channels<kActivation>(one, transform, x.row(t), x.stride, rows, to, out_stride, c,
                                      tail_low, tail_high);
    }
  }
  const float lowest = hn::GetLane(hn::MinOfLanes(full, low));
  const float highest = hn::GetLane(hn::MaxOfLanes(full, high));
  const float last_low = hn::GetLane(tail_low), last_high = hn::GetLane(tail_high);
  return {lowest < last_low ? lowest : last_low, highest > last_high ? highest : last_high};
}

MinMax transform_rows(const ops::InputTransform& transform, ops::ConstRows x, float* out,
                      size_t out_stride) {
  using ops::Activation;
  switch (transform.activation) {
    case Activation::kNone:
      return transform_rows_with<Activation::kNone>(transform, x, out, out_stride);
    case Activation::kLeakyRelu:
      return transform_rows_with<Activation::kLeakyRelu>(transform, x, out, out_stride);
    case Activation::kSnake:
      return transform_rows_with<Activation::kSnake>(transform, x, out, out_stride);
    case Activation::kGeluTanh:
      return transform_rows_with<Activation::kGeluTanh>(transform, x, out, out_stride);
  }
  return {0.0f, 0.0f};
}

void quantize(const float* HWY_RESTRICT in, size_t count, float inverse_scale, int32_t zero_point,
              uint8_t* HWY_RESTRICT out) {
  for_each_vector(count, [&](auto d, size_t i) HWY_ATTR {
    using D = decltype(d);
    const hn::Rebind<int32_t, D> di;
    const hn::Rebind<uint8_t, D> du;
    auto q = hn::NearestInt(hn::Mul(hn::LoadU(d, in + i), hn::Set(d, inverse_scale)));
    q = hn::Add(q, hn::Set(di, zero_point));
    hn::StoreU(hn::DemoteTo(du, q), du, out + i);  // saturates
  });
}

void round_to_bfloat16(const float* HWY_RESTRICT in, size_t count, uint16_t* HWY_RESTRICT out) {
  for_each_vector(count, [&](auto d, size_t i) HWY_ATTR {
    using D = decltype(d);
    const hn::RebindToUnsigned<D> du;
    const hn::RebindToSigned<D> di;
    const hn::Rebind<uint16_t, D> dh;
    const auto bits = hn::BitCast(du, hn::LoadU(d, in + i));
    const auto tie = hn::And(hn::ShiftRight<16>(bits), hn::Set(du, 1u));
    const auto rounded = hn::ShiftRight<16>(hn::Add(bits, hn::Add(tie, hn::Set(du, 0x7FFFu))));
    hn::StoreU(hn::DemoteTo(dh, hn::BitCast(di, rounded)), dh, out + i);
  });
}

// Columns [n, n + lanes) of a block's rows; value(m) is what the sums of row m are worth.
template <class D, class Value>
HWY_INLINE void finish_columns(D d, size_t n, size_t rows, const BlockEnd& end,
                               const ops::OutputTransform& output, float* out, size_t stride,
                               const Value& value) {
  const auto scale = hn::Set(d, output.scale);
  for (size_t m = 0; m < rows; ++m) {
    auto sum = value(m);
    if (end.residual != nullptr) {
      sum = hn::Add(sum, hn::LoadU(d, end.residual + m * end.residual_stride + n));
    }
    if (end.addend != nullptr) {
      sum = hn::Add(sum, hn::LoadU(d, end.addend + m * end.addend_stride + n));
    }
    sum = hn::Mul(sum, scale);
    hn::StoreU(finish_activation(d, sum, output.activation, output.slope), d, out + m * stride + n);
  }
}

void finish_float(const float* sums, size_t rows, const BlockEnd& end,
                  const ops::OutputTransform& output, size_t columns, float* out, size_t stride) {
  for_each_vector(columns, [&](auto d, size_t n) HWY_ATTR {
    const auto bias = hn::LoadU(d, end.bias + n);
    finish_columns(d, n, rows, end, output, out, stride, [&](size_t m) HWY_ATTR {
      return hn::Add(hn::LoadU(d, sums + m * kBlockColumns + n), bias);
    });
  });
}

void finish_int8(const int32_t* sums, const Int8Scaling& scaling, size_t rows, const BlockEnd& end,
                 const ops::OutputTransform& output, size_t columns, float* out, size_t stride) {
  for_each_vector(columns, [&](auto d, size_t n) HWY_ATTR {
    using D = decltype(d);
    const hn::Rebind<int32_t, D> di;
    const auto correction =
        hn::Mul(hn::LoadU(di, scaling.column_sums + n), hn::Set(di, scaling.zero_point));
    const auto scale =
        hn::Mul(hn::LoadU(d, scaling.weight_scales + n), hn::Set(d, scaling.input_scale));
    const auto bias = hn::LoadU(d, end.bias + n);
    finish_columns(d, n, rows, end, output, out, stride, [&](size_t m) HWY_ATTR {
      const auto sum = hn::Sub(hn::LoadU(di, sums + m * kBlockColumns + n), correction);
      return hn::MulAdd(hn::ConvertTo(d, sum), scale, bias);
    });
  });
}

// sum of row[i] * values[i], the entries known when it is compiled: zeros cost nothing.
template <class Matrix, size_t kRow, size_t kColumn, class D, class V>
HWY_INLINE V input_entry(D d, const V* values, V sum) {
  constexpr Matrix kMatrix{};
  constexpr auto kEntry = static_cast<float>(kMatrix.input[kRow][kColumn]);
  if constexpr (kEntry != 0.0f) sum = hn::MulAdd(values[kColumn], hn::Set(d, kEntry), sum);
  if constexpr (kColumn + 1 < Matrix::kPoints) {
    return input_entry<Matrix, kRow, kColumn + 1>(d, values, sum);
  }
  return sum;
}
template <class Matrix, size_t kRow, class D, class V>
HWY_INLINE void input_rows(D d, const V* values, float* out, size_t point_stride) {
  const V sum = input_entry<Matrix, kRow, 0>(d, values, hn::Zero(d));
  hn::StoreU(sum, d, out + kRow * point_stride);
  if constexpr (kRow + 1 < Matrix::kPoints) {
    input_rows<Matrix, kRow + 1>(d, values, out, point_stride);
  }
}

template <size_t kTaps>
void filter_input(const float* x, size_t row_stride, size_t tiles, size_t channels, float* out,
                  size_t point_stride) {
  using Matrix = MinimalFilter<kTaps>;
  for (size_t tile = 0; tile < tiles; ++tile) {
    const float* rows = x + tile * kFilterOutputs * row_stride;
    float* to = out + tile * channels;
    for_each_vector(channels, [&](auto d, size_t c) HWY_ATTR {
      hn::Vec<decltype(d)> values[Matrix::kPoints];
      for (size_t i = 0; i < Matrix::kPoints; ++i)
        values[i] = hn::LoadU(d, rows + i * row_stride + c);
      input_rows<Matrix, 0>(d, values, to + c, point_stride);
    });
  }
}

template <class Matrix, size_t kRow, size_t kColumn, class D, class V>
HWY_INLINE V output_entry(D d, const V* values, V sum) {
  constexpr Matrix kMatrix{};
  constexpr auto kEntry = static_cast<float>(kMatrix.output[kRow][kColumn]);
  if constexpr (kEntry == 1.0f) {
    sum = hn::Add(sum, values[kColumn]);
  } else if constexpr (kEntry != 0.0f) {
    sum = hn::MulAdd(values[kColumn], hn::Set(d, kEntry), sum);
  }
  if constexpr (kColumn + 1 < Matrix::kPoints) {
    return output_entry<Matrix, kRow, kColumn + 1>(d, values, sum);
  }
  return sum;
}
template <class Matrix, size_t kRow, class D, class V>
HWY_INLINE void output_rows(D d, const V* values, float* out) {
  const V sum = output_entry<Matrix, kRow, 0>(d, values, hn::Zero(d));
  hn::StoreU(sum, d, out + kRow * kBlockColumns);
  if constexpr (kRow + 1 < kFilterOutputs) output_rows<Matrix, kRow + 1>(d, values, out);
}

template <size_t kTaps>
void filter_output(const float* sums, size_t point_stride, size_t tiles, float* out) {
  using Matrix = MinimalFilter<kTaps>;
  const hn::CappedTag<float, kBlockColumns> d;
  const size_t lanes = hn::Lanes(d);
  for (size_t tile = 0; tile < tiles; ++tile) {
    for (size_t n = 0; n < kBlockColumns; n += lanes) {
      hn::Vec<decltype(d)> values[Matrix::kPoints];
      for (size_t j = 0; j < Matrix::kPoints; ++j) {
        values[j] = hn::LoadU(d, sums + j * point_stride + tile * kBlockColumns + n);
      }
      output_rows<Matrix, 0>(d, values, out + tile * kFilterOutputs * kBlockColumns + n);
    }
  }
}

void tile_moments(ops::ConstRows x, float* mean, float* squares) {
  const float inverse = 1.0f / static_cast<float>(x.rows);
  for_each_vector(x.channels, [&](auto d, size_t c) HWY_ATTR {
    // Relative to the first row, so that a channel far from zero keeps its digits.
    const auto origin = hn::LoadU(d, x.row(0) + c);
    auto sum = hn::Zero(d);
    for (size_t t = 1; t < x.rows; ++t) {
      sum = hn::Add(sum, hn::Sub(hn::LoadU(d, x.row(t) + c), origin));
    }
    const auto center = hn::MulAdd(sum, hn::Set(d, inverse), origin);
    auto total = hn::Zero(d);
    for (size_t t = 0; t < x.rows; ++t) {
      const auto deviation = hn::Sub(hn::LoadU(d, x.row(t) + c), center);
      total = hn::MulAdd(deviation, deviation, total);
    }
    hn::StoreU(center, d, mean + c);
    hn::StoreU(total, d, squares + c);
  });
}

template <class Value>
HWY_INLINE float row_sum(size_t count, const Value& value) {
  const FullTag full;
  auto sum = hn::Zero(full);
  float tail = 0.0f;
  const size_t lanes = hn::Lanes(full);
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) sum = hn::Add(sum, value(full, i));
  for (; i < count; ++i) tail += hn::GetLane(value(OneTag(), i));
  return hn::GetLane(hn::SumOfLanes(full, sum)) + tail;
}

void layer_norm_row(const float* in, const float* scale, const float* shift, size_t channels,
                    float epsilon, ops::Activation activation, float slope, float* out) {
  const auto count = static_cast<float>(channels);
  const float mean =
      row_sum(channels, [&](auto d, size_t c) HWY_ATTR { return hn::LoadU(d, in + c); }) / count;
  const float variance = row_sum(channels,
                                 [&](auto d, size_t c) HWY_ATTR {
                                   const auto v = hn::Sub(hn::LoadU(d, in + c), hn::Set(d, mean));
                                   return hn::Mul(v, v);
                                 }) /
                         count;
  const float inverse = 1.0f / std::sqrt(variance + epsilon);
  for_each_vector(channels, [&](auto d, size_t c) HWY_ATTR {
    auto v = hn::Mul(hn::Sub(hn::LoadU(d, in + c), hn::Set(d, mean)), hn::Set(d, inverse));
    v = hn::MulAdd(v, hn::LoadU(d, scale + c), hn::LoadU(d, shift + c));
    hn::StoreU(finish_activation(d, v, activation, slope), d, out + c);
  });
}

void softmax_row(float* values, size_t count, float scale) {
  float highest = -std::numeric_limits<float>::infinity();
  for (size_t i = 0; i < count; ++i) highest = values[i] > highest ? values[i] : highest;
  const float shift = highest * scale;
  const float total = row_sum(count, [&](auto d, size_t i) HWY_ATTR {
    const auto x = hn::MulSub(hn::LoadU(d, values + i), hn::Set(d, scale), hn::Set(d, shift));
    const auto e = hn::Exp(d, x);
    hn::StoreU(e, d, values + i);
    return e;
  });
  const float inverse = 1.0f / total;
  for_each_vector(count, [&](auto d, size_t i) HWY_ATTR {
    hn::StoreU(hn::Mul(hn::LoadU(d, values + i), hn::Set(d, inverse)), d, values + i);
  });
}

void lstm_recurrence(const float* HWY_RESTRICT weight, const float* HWY_RESTRICT state,
                     size_t hidden, float* HWY_RESTRICT gates) {
  constexpr size_t kGroup = 64;
  const hn::CappedTag<float, 16> d;
  const size_t lanes = hn::Lanes(d);
  for (size_t group = 0; group < 4 * hidden; group += kGroup) {
    const float* w = weight + group * hidden;
    // Four vectors at a time: enough independent sums to hide the latency of the additions.
    for (size_t first = 0; first < kGroup; first += 4 * lanes) {
      float* out = gates + group + first;
      auto s0 = hn::LoadU(d, out), s1 = hn::LoadU(d, out + lanes);
      auto s2 = hn::LoadU(d, out + 2 * lanes), s3 = hn::LoadU(d, out + 3 * lanes);
      for (size_t k = 0; k < hidden; ++k) {
        const auto value = hn::Set(d, state[k]);
        const float* row = w + k * kGroup + first;
        s0 = hn::MulAdd(value, hn::LoadU(d, row), s0);
        s1 = hn::MulAdd(value, hn::LoadU(d, row + lanes), s1);
        s2 = hn::MulAdd(value, hn::LoadU(d, row + 2 * lanes), s2);
        s3 = hn::MulAdd(value, hn::LoadU(d, row + 3 * lanes), s3);
      }
      hn::StoreU(s0, d, out);
      hn::StoreU(s1, d, out + lanes);
      hn::StoreU(s2, d, out + 2 * lanes);
      hn::StoreU(s3, d, out + 3 * lanes);
    }
  }
}

template <class D, class V>
HWY_INLINE V sigmoid(D d, V x) {
  const V one = hn::Set(d, 1.0f);
  return hn::Div(one, hn::Add(one, hn::Exp(d, hn::Neg(x))));
}

void lstm_activate(const float* gates, size_t hidden, float* cell, float* state) {
  for_each_vector(hidden, [&](auto d, size_t i) HWY_ATTR {
    const auto input = sigmoid(d, hn::LoadU(d, gates + i));
    const auto forget = sigmoid(d, hn::LoadU(d, gates + hidden + i));
    const auto candidate = hn::Tanh(d, hn::LoadU(d, gates + 2 * hidden + i));
    const auto output = sigmoid(d, hn::LoadU(d, gates + 3 * hidden + i));
    const auto next = hn::MulAdd(forget, hn::LoadU(d, cell + i), hn::Mul(input, candidate));
    hn::StoreU(next, d, cell + i);
    hn::StoreU(hn::Mul(output, hn::Tanh(d, next)), d, state + i);
  });
}

// Phases reach a million radians, where float has no bits left for a float reduction: the whole
// turns are taken off in double first.
void sine(float* angles, size_t count) {
  const hn::ScalableTag<double> dd;
  const hn::Rebind<float, decltype(dd)> df;
  const size_t lanes = hn::Lanes(dd);
  const auto turns_of = hn::Set(dd, 0.15915494309189535);
  const auto turn = hn::Set(dd, 6.283185307179586);
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto angle = hn::PromoteTo(dd, hn::LoadU(df, angles + i));
    const auto whole = hn::Round(hn::Mul(angle, turns_of));
    const auto rest = hn::DemoteTo(df, hn::NegMulAdd(whole, turn, angle));
    hn::StoreU(hn::Sin(df, rest), df, angles + i);
  }
  for (; i < count; ++i) angles[i] = std::sin(angles[i]);
}

void tanh(float* values, size_t count) {
  for_each_vector(count, [&](auto d, size_t i) HWY_ATTR {
    hn::StoreU(hn::Tanh(d, hn::LoadU(d, values + i)), d, values + i);
  });
}

void polar(const float* spectrum, size_t bins, float* out) {
  for_each_vector(bins, [&](auto d, size_t k) HWY_ATTR {
    const auto zero = hn::Zero(d);
    const auto real = hn::LoadU(d, spectrum + k);
    const auto imaginary = hn::LoadU(d, spectrum + bins + k);
    hn::StoreU(hn::Sqrt(hn::MulAdd(real, real, hn::Mul(imaginary, imaginary))), d, out + k);
    // ops::reference_angle in vectors.
    auto angle = hn::Atan(d, hn::Div(imaginary, real));
    const auto pi =
        hn::IfThenElse(hn::Lt(imaginary, zero), hn::Set(d, -ops::kPi), hn::Set(d, ops::kPi));
    angle = hn::IfThenElse(hn::Lt(real, zero), hn::Add(angle, pi), angle);
    const auto origin = hn::And(hn::Eq(real, zero), hn::Eq(imaginary, zero));
    hn::StoreU(hn::IfThenElse(origin, zero, angle), d, out + bins + k);
  });
}

void spectral_head(const float* in, size_t bins, float* out) {
  for_each_vector(bins, [&](auto d, size_t k) HWY_ATTR {
    const auto magnitude = hn::Exp(d, hn::LoadU(d, in + k));
    const auto phase = hn::Sin(d, hn::LoadU(d, in + bins + k));
    hn::StoreU(hn::Mul(magnitude, hn::Cos(d, phase)), d, out + k);
    hn::StoreU(hn::Mul(magnitude, hn::Sin(d, phase)), d, out + bins + k);
  });
}

extern const VectorKernels kKernels;
const VectorKernels kKernels = {
    transform_rows,
    quantize,
    round_to_bfloat16,
    finish_float,
    finish_int8,
    {filter_input<3>, filter_input<4>},
    {filter_output<3>, filter_output<4>},
    tile_moments,
    layer_norm_row,
    softmax_row,
    lstm_recurrence,
    lstm_activate,
    sine,
    tanh,
    polar,
    spectral_head,
};

}  // namespace HWY_NAMESPACE
}  // namespace myna::backend::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace myna::backend::cpu {

const VectorKernels& vector_kernels(Isa isa) {
  if (has_avx512(isa)) return N_AVX3::kKernels;
  if (isa != Isa::kPortable) return N_AVX2::kKernels;
  return HWY_STATIC_DISPATCH(kKernels);
}

}  // namespace myna::backend::cpu
#endif
