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

}  // namespace HWY_NAMESPACE
}  // namespace myna::backend::cpu
HWY_AFTER_NAMESPACE();

#endif
