// Float functions that Highway's own are too careful, and so too slow, for. Included once a target.
// Errors are those of float arithmetic, a few 1e-7, relative to the result or to 1.
#if defined(MYNA_BACKEND_CPU_VECTOR_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MYNA_BACKEND_CPU_VECTOR_MATH_INL_H_
#undef MYNA_BACKEND_CPU_VECTOR_MATH_INL_H_
#else
#define MYNA_BACKEND_CPU_VECTOR_MATH_INL_H_
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace myna::backend::cpu {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// 2^x, x held within -126 and 126. (The polynomial is that of Cephes' exp2f.)
template <class D, class V>
HWY_INLINE V exp2_fast(D d, V x) {
  const hn::RebindToSigned<D> di;
  x = hn::Min(hn::Max(x, hn::Set(d, -126.0f)), hn::Set(d, 126.0f));
  const auto whole = hn::NearestInt(x);
  const V f = hn::Sub(x, hn::ConvertTo(d, whole));
  V p = hn::Set(d, 1.535336188319500e-4f);
  p = hn::MulAdd(p, f, hn::Set(d, 1.339887440266574e-3f));
  p = hn::MulAdd(p, f, hn::Set(d, 9.618437357674640e-3f));
  p = hn::MulAdd(p, f, hn::Set(d, 5.550332471162809e-2f));
  p = hn::MulAdd(p, f, hn::Set(d, 2.402264791363012e-1f));
  p = hn::MulAdd(p, f, hn::Set(d, 6.931472028550421e-1f));
  p = hn::MulAdd(p, f, hn::Set(d, 1.0f));
  // The product with 2^whole, in the exponent: p is within 0.7 and 1.42.
  return hn::BitCast(d, hn::Add(hn::BitCast(di, p), hn::ShiftLeft<23>(whole)));
}

// x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2 = x / (1 + exp(-2 sqrt(2/pi) (...))).
template <class D, class V>
HWY_INLINE V gelu_fast(D d, V x) {
  constexpr float kLinear = -2.302208198f;  // -2 sqrt(2/pi) log2(e)
  constexpr float kCubic = -0.1029432397f;  // 0.044715 of it
  const V x2 = hn::Mul(x, x);
  const V z = hn::Mul(x, hn::MulAdd(x2, hn::Set(d, kCubic), hn::Set(d, kLinear)));
  return hn::Div(x, hn::Add(hn::Set(d, 1.0f), exp2_fast(d, z)));
}

// The same within 3e-4, for what is rounded to fewer bits than that: x (1/2 + an odd polynomial).
template <class D, class V>
HWY_INLINE V gelu_rough(D d, V x) {
  constexpr float kEnd = 3.5f;
  const V held = hn::Min(hn::Max(x, hn::Set(d, -kEnd)), hn::Set(d, kEnd));
  const V x2 = hn::Mul(held, held);
  V p = hn::Set(d, -7.18892444e-7f);
  p = hn::MulAdd(p, x2, hn::Set(d, 3.49188334e-5f));
  p = hn::MulAdd(p, x2, hn::Set(d, -7.20771882e-4f));
  p = hn::MulAdd(p, x2, hn::Set(d, 8.43496318e-3f));
  p = hn::MulAdd(p, x2, hn::Set(d, -6.39501374e-2f));
  p = hn::MulAdd(p, x2, hn::Set(d, 3.97353257e-1f));
  return hn::Mul(x, hn::MulAdd(p, held, hn::Set(d, 0.5f)));
}

// ln(x) of positive normal numbers, with the mantissa around 1. (Cephes' logf.)
template <class D, class V>
HWY_INLINE V log_fast(D d, V x) {
  const hn::RebindToSigned<D> di;
  constexpr int32_t kRootOfHalf = 0x3F3504F3, kOne = 0x3F800000;
  const auto bits = hn::Add(hn::BitCast(di, x), hn::Set(di, kOne - kRootOfHalf));
  const V exponent = hn::ConvertTo(d, hn::Sub(hn::ShiftRight<23>(bits), hn::Set(di, 127)));
  const auto mantissa = hn::Add(hn::And(bits, hn::Set(di, 0x007FFFFF)), hn::Set(di, kRootOfHalf));
  const V f = hn::Sub(hn::BitCast(d, mantissa), hn::Set(d, 1.0f));
  const V f2 = hn::Mul(f, f);
  V p = hn::Set(d, 7.0376836292e-2f);
  p = hn::MulAdd(p, f, hn::Set(d, -1.1514610310e-1f));
  p = hn::MulAdd(p, f, hn::Set(d, 1.1676998740e-1f));
  p = hn::MulAdd(p, f, hn::Set(d, -1.2420140846e-1f));
  p = hn::MulAdd(p, f, hn::Set(d, 1.4249322787e-1f));
  p = hn::MulAdd(p, f, hn::Set(d, -1.6668057665e-1f));
  p = hn::MulAdd(p, f, hn::Set(d, 2.0000714765e-1f));
  p = hn::MulAdd(p, f, hn::Set(d, -2.4999993993e-1f));
  p = hn::MulAdd(p, f, hn::Set(d, 3.3333331174e-1f));
  p = hn::MulAdd(hn::Mul(p, f), f2, hn::Mul(f2, hn::Set(d, -0.5f)));
  return hn::MulAdd(exponent, hn::Set(d, 0.69314718056f), hn::Add(f, p));
}

// sin and cos of 2 pi turns, for turns up to some thousands: by the half angle, whose Taylor series
// are good for a whole turn. The sine keeps its relative precision around 0.
template <class D, class V>
HWY_INLINE void sincos_turns(D d, V turns, V& sine, V& cosine) {
  const V r = hn::Sub(turns, hn::Round(turns));
  const V r2 = hn::Mul(r, r);
  // sin(pi r) / r and cos(pi r) in powers of r^2.
  V s = hn::Set(d, -7.370430946e-3f);
  s = hn::MulAdd(s, r2, hn::Set(d, 8.214588661e-2f));
  s = hn::MulAdd(s, r2, hn::Set(d, -5.992645293e-1f));
  s = hn::MulAdd(s, r2, hn::Set(d, 2.550164040f));
  s = hn::MulAdd(s, r2, hn::Set(d, -5.167712780f));
  s = hn::MulAdd(s, r2, hn::Set(d, 3.141592654f));
  s = hn::Mul(s, r);
  V c = hn::Set(d, 1.929574309e-3f);
  c = hn::MulAdd(c, r2, hn::Set(d, -2.580689139e-2f));
  c = hn::MulAdd(c, r2, hn::Set(d, 2.353306304e-1f));
  c = hn::MulAdd(c, r2, hn::Set(d, -1.335262769f));
  c = hn::MulAdd(c, r2, hn::Set(d, 4.058712126f));
  c = hn::MulAdd(c, r2, hn::Set(d, -4.934802201f));
  c = hn::MulAdd(c, r2, hn::Set(d, 1.0f));
  sine = hn::Mul(hn::Add(s, s), c);
  cosine = hn::NegMulAdd(hn::Add(s, s), s, hn::Set(d, 1.0f));
}

#if HWY_TARGET != HWY_SCALAR
// Transposes the 4 by 4 floats in each 128-bit block of the four vectors.
template <class D, class V>
HWY_INLINE void transpose_blocks(D d, V& a, V& b, V& c, V& e) {
  const hn::Repartition<double, D> d64;
  const auto low = [&](V x, V y) HWY_ATTR {
    return hn::BitCast(d, hn::InterleaveLower(d64, hn::BitCast(d64, x), hn::BitCast(d64, y)));
  };
  const auto high = [&](V x, V y) HWY_ATTR {
    return hn::BitCast(d, hn::InterleaveUpper(d64, hn::BitCast(d64, x), hn::BitCast(d64, y)));
  };
  const V ab_low = hn::InterleaveLower(d, a, b), ab_high = hn::InterleaveUpper(d, a, b);
  const V ce_low = hn::InterleaveLower(d, c, e), ce_high = hn::InterleaveUpper(d, c, e);
  a = low(ab_low, ce_low);
  b = high(ab_low, ce_low);
  c = low(ab_high, ce_high);
  e = high(ab_high, ce_high);
}

// Block k of v to and from memory at 4 k rows.
template <class D, class V>
HWY_INLINE void store_blocks(D d, V v, float* rows, size_t row_stride) {
  if constexpr (hn::MaxLanes(D()) == 4) {
    hn::StoreU(v, d, rows);
  } else {
    const hn::Half<D> half;
    store_blocks(half, hn::LowerHalf(half, v), rows, row_stride);
    store_blocks(half, hn::UpperHalf(half, v), rows + hn::MaxLanes(half) * row_stride, row_stride);
  }
}
template <class D>
HWY_INLINE hn::Vec<D> load_blocks(D d, const float* rows, size_t row_stride) {
  if constexpr (hn::MaxLanes(D()) == 4) {
    return hn::LoadU(d, rows);
  } else {
    const hn::Half<D> half;
    return hn::Combine(d, load_blocks(half, rows + hn::MaxLanes(half) * row_stride, row_stride),
                       load_blocks(half, rows, row_stride));
  }
}
#endif

}  // namespace HWY_NAMESPACE
}  // namespace myna::backend::cpu
HWY_AFTER_NAMESPACE();

#endif
