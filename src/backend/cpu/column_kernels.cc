#include "backend/cpu/column_kernels.h"

#include <cmath>

// clang-format off
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/column_kernels.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include "backend/cpu/vector_math-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace myna::backend::cpu {
namespace HWY_NAMESPACE {

using ColumnTag = hn::CappedTag<float, 16>;
using ColumnVector = hn::Vec<ColumnTag>;
constexpr size_t kWidth = hn::MaxLanes(ColumnTag());

// body(first column) for each vector of a tile.
template <class Body>
HWY_INLINE void for_each_column_vector(const Body& body) {
  for (size_t t = 0; t < kTileColumns; t += kWidth) body(t);
}

void to_columns(const float* rows, size_t row_stride, size_t row_count, size_t channels, float* out,
                size_t out_stride) {
  for_each_column_vector([&](size_t t) HWY_ATTR {
    const size_t there = row_count > t ? row_count - t : 0;
    const float* from = rows + t * row_stride;
    size_t c = 0;
#if HWY_TARGET != HWY_SCALAR
    const ColumnTag d;
    if (there >= kWidth) {
      for (; c + 4 <= channels; c += 4) {
        ColumnVector v[4];
        for (size_t j = 0; j < 4; ++j) v[j] = load_blocks(d, from + j * row_stride + c, row_stride);
        transpose_blocks(d, v[0], v[1], v[2], v[3]);
        for (size_t j = 0; j < 4; ++j) hn::StoreU(v[j], d, out + (c + j) * out_stride + t);
      }
    }
#endif
    for (; c < channels; ++c) {
      float* to = out + c * out_stride + t;
      for (size_t i = 0; i < kWidth; ++i) to[i] = i < there ? from[i * row_stride + c] : 0.0f;
    }
  });
}

void to_rows(const float* columns, size_t channels, size_t row_count, float* rows,
             size_t row_stride) {
  for_each_column_vector([&](size_t t) HWY_ATTR {
    const size_t there = row_count > t ? row_count - t : 0;
    float* to = rows + t * row_stride;
    size_t c = 0;
#if HWY_TARGET != HWY_SCALAR
    const ColumnTag d;
    if (there >= kWidth) {
      for (; c + 4 <= channels; c += 4) {
        const float* from = columns + c * kTileColumns + t;
        ColumnVector v[4];
        for (size_t j = 0; j < 4; ++j) v[j] = hn::Load(d, from + j * kTileColumns);
        transpose_blocks(d, v[0], v[1], v[2], v[3]);
        for (size_t j = 0; j < 4; ++j) store_blocks(d, v[j], to + j * row_stride + c, row_stride);
      }
    }
#endif
    for (; c < channels; ++c) {
      for (size_t i = 0; i < kWidth && i < there; ++i) {
        to[i * row_stride + c] = columns[c * kTileColumns + t + i];
      }
    }
  });
}

// Over the channels of out [channels][32]; the sum of them is known.
HWY_INLINE ColumnVector inverse_deviation(const float* out, size_t channels, float epsilon,
                                          ColumnVector mean, size_t t) {
  const ColumnTag d;
  ColumnVector squares = hn::Zero(d), more = hn::Zero(d);
  size_t c = 0;
  for (; c + 2 <= channels; c += 2) {
    const ColumnVector a = hn::Sub(hn::Load(d, out + c * kTileColumns + t), mean);
    const ColumnVector b = hn::Sub(hn::Load(d, out + (c + 1) * kTileColumns + t), mean);
    squares = hn::MulAdd(a, a, squares);
    more = hn::MulAdd(b, b, more);
  }
  for (; c < channels; ++c) {
    const ColumnVector a = hn::Sub(hn::Load(d, out + c * kTileColumns + t), mean);
    squares = hn::MulAdd(a, a, squares);
  }
  const float count = static_cast<float>(channels);
  const ColumnVector variance = hn::Div(hn::Add(squares, more), hn::Set(d, count));
  return hn::Div(hn::Set(d, 1.0f), hn::Sqrt(hn::Add(variance, hn::Set(d, epsilon))));
}

void depthwise_norm(const DepthwiseNorm& task, float* out) {
  const ColumnTag d;
  const size_t channels = task.channels, kernel = task.kernel;
  for_each_column_vector([&](size_t t) HWY_ATTR {
    ColumnVector sum = hn::Zero(d);
    const float* x = task.x + t - task.left;
    const float* w = task.weight;
    for (size_t c = 0; c < channels; ++c, x += task.stride, w += kernel) {
      ColumnVector even = hn::Set(d, task.bias[c]), odd = hn::Zero(d);
      size_t j = 0;
      for (; j + 2 <= kernel; j += 2) {
        even = hn::MulAdd(hn::Set(d, w[j]), hn::LoadU(d, x + j), even);
        odd = hn::MulAdd(hn::Set(d, w[j + 1]), hn::LoadU(d, x + j + 1), odd);
      }
      if (j < kernel) even = hn::MulAdd(hn::Set(d, w[j]), hn::LoadU(d, x + j), even);
      const ColumnVector a = hn::Add(even, odd);
      sum = hn::Add(sum, a);
      hn::Store(a, d, out + c * kTileColumns + t);
    }
    const ColumnVector mean = hn::Div(sum, hn::Set(d, static_cast<float>(channels)));
    const ColumnVector inverse = inverse_deviation(out, channels, task.epsilon, mean, t);
    for (size_t c = 0; c < channels; ++c) {
      float* at = out + c * kTileColumns + t;
      const ColumnVector n = hn::Mul(hn::Sub(hn::Load(d, at), mean), inverse);
      hn::Store(hn::MulAdd(n, hn::Set(d, task.scale[c]), hn::Set(d, task.shift[c])), d, at);
    }
  });
}

void norm(const float* x, size_t stride, size_t channels, float epsilon, float* out) {
  const ColumnTag d;
  for_each_column_vector([&](size_t t) HWY_ATTR {
    ColumnVector sum = hn::Zero(d);
    for (size_t c = 0; c < channels; ++c) {
      const ColumnVector a = hn::LoadU(d, x + c * stride + t);
      sum = hn::Add(sum, a);
      hn::Store(a, d, out + c * kTileColumns + t);
    }
    const ColumnVector mean = hn::Div(sum, hn::Set(d, static_cast<float>(channels)));
    const ColumnVector inverse = inverse_deviation(out, channels, epsilon, mean, t);
    for (size_t c = 0; c < channels; ++c) {
      float* at = out + c * kTileColumns + t;
      hn::Store(hn::Mul(hn::Sub(hn::Load(d, at), mean), inverse), d, at);
    }
  });
}

template <class V>
HWY_INLINE auto bfloat16_bits(V x) {
  const hn::RebindToUnsigned<ColumnTag> du;
  const auto bits = hn::BitCast(du, x);
  const auto tie = hn::And(hn::ShiftRight<16>(bits), hn::Set(du, 1u));
  return hn::Add(bits, hn::Add(tie, hn::Set(du, 0x7FFFu)));
}

void pack_bfloat16(const float* in, size_t depth, uint16_t* panel) {
  const ColumnTag d;
  const hn::RebindToUnsigned<ColumnTag> du;
  for (size_t k = 0; k < depth; k += 2) {
    const float* from = in + k * kTileColumns;
    uint16_t* to = panel + k * kTileColumns;
    for_each_column_vector([&](size_t t) HWY_ATTR {
      const auto low = hn::ShiftRight<16>(bfloat16_bits(hn::Load(d, from + t)));
      auto pair = low;
      if (k + 1 < depth) {
        const auto high = bfloat16_bits(hn::Load(d, from + kTileColumns + t));
        pair = hn::Or(low, hn::And(high, hn::Set(du, 0xFFFF0000u)));
      }
      hn::StoreU(pair, du, reinterpret_cast<uint32_t*>(to + 2 * t));
    });
  }
}

void pack_int8(const float* in, size_t depth, int8_t* panel, LaneScaling& scaling) {
  const ColumnTag d;
  const hn::RebindToSigned<ColumnTag> di;
  for_each_column_vector([&](size_t t) HWY_ATTR {
    ColumnVector low = hn::Load(d, in + t), high = low;
    for (size_t k = 1; k < depth; ++k) {
      const ColumnVector x = hn::Load(d, in + k * kTileColumns + t);
      low = hn::Min(low, x);
      high = hn::Max(high, x);
    }
    // A frame of equal values needs no steps, only ones that are not zero.
    const ColumnVector scale =
        hn::Max(hn::Mul(hn::Sub(high, low), hn::Set(d, 1.0f / 255.0f)), hn::Set(d, 1e-20f));
    const ColumnVector inverse = hn::Div(hn::Set(d, 1.0f), scale);
    // q = round((x - low) / scale) - 128
    const ColumnVector zero = hn::NegMulAdd(low, inverse, hn::Set(d, -128.0f));
    auto sums = hn::Zero(di);
    for (size_t k = 0; k < depth; k += 4) {
      auto packed = hn::Zero(di);
      const auto put = [&](size_t j, auto shift) HWY_ATTR {
        if (k + j >= depth) return;
        const ColumnVector x = hn::Load(d, in + (k + j) * kTileColumns + t);
        const auto q = hn::Min(hn::NearestInt(hn::MulAdd(x, inverse, zero)), hn::Set(di, 127));
        sums = hn::Add(sums, q);
        packed =
            hn::Or(packed, hn::ShiftLeft<decltype(shift)::value>(hn::And(q, hn::Set(di, 0xFF))));
      };
      put(0, std::integral_constant<int, 0>());
      put(1, std::integral_constant<int, 8>());
      put(2, std::integral_constant<int, 16>());
      put(3, std::integral_constant<int, 24>());
      hn::StoreU(packed, di, reinterpret_cast<int32_t*>(panel + k * kTileColumns + 4 * t));
    }
    hn::Store(scale, d, scaling.scale + t);
    hn::Store(hn::MulAdd(scale, hn::Set(d, 128.0f), low), d, scaling.offset + t);
    hn::Store(hn::ConvertTo(d, sums), d, scaling.sums + t);
  });
}

template <Gelu kGelu>
HWY_INLINE void finish_vector(const ColumnEnd& end, size_t m, size_t t, ColumnVector value) {
  const ColumnTag d;
  if constexpr (kGelu == Gelu::kExact) value = gelu_fast(d, value);
  if constexpr (kGelu == Gelu::kRough) value = gelu_rough(d, value);
  if (end.residual != nullptr) {
    value = hn::Add(value, hn::LoadU(d, end.residual + m * end.residual_stride + t));
  }
  hn::StoreU(value, d, end.out + m * end.out_stride + t);
}

template <Gelu kGelu>
void finish_float_with(const float* sums, size_t rows, const ColumnEnd& end) {
  const ColumnTag d;
  for (size_t m = 0; m < rows; ++m) {
    const ColumnVector bias = hn::Set(d, end.bias[m]);
    for_each_column_vector([&](size_t t) HWY_ATTR {
      finish_vector<kGelu>(end, m, t, hn::Add(hn::Load(d, sums + m * kTileColumns + t), bias));
    });
  }
}

void finish_float(const float* sums, size_t rows, const ColumnEnd& end) {
  switch (end.gelu) {
    case Gelu::kNone:
      return finish_float_with<Gelu::kNone>(sums, rows, end);
    case Gelu::kExact:
      return finish_float_with<Gelu::kExact>(sums, rows, end);
    case Gelu::kRough:
      return finish_float_with<Gelu::kRough>(sums, rows, end);
  }
}

template <Gelu kGelu>
void finish_int8_with(const int32_t* sums, size_t rows, const float* weight_scales,
                      const float* weight_sums, const LaneScaling& scaling, const ColumnEnd& end) {
  const ColumnTag d;
  const hn::RebindToSigned<ColumnTag> di;
  for_each_column_vector([&](size_t t) HWY_ATTR {
    const ColumnVector scale = hn::Load(d, scaling.scale + t);
    const ColumnVector offset = hn::Load(d, scaling.offset + t);
    const ColumnVector correction =
        hn::Mul(hn::Load(d, scaling.sums + t), hn::Set(d, -scaling.weight_offset));
    for (size_t m = 0; m < rows; ++m) {
      const auto sum = hn::ConvertTo(d, hn::Load(di, sums + m * kTileColumns + t));
      // Integers below 2^24 so far: exact.
      ColumnVector value = hn::Mul(hn::Add(sum, correction), scale);
      value = hn::MulAdd(offset, hn::Set(d, weight_sums[m]), value);
      value = hn::MulAdd(value, hn::Set(d, weight_scales[m]), hn::Set(d, end.bias[m]));
      finish_vector<kGelu>(end, m, t, value);
    }
  });
}

void finish_int8(const int32_t* sums, size_t rows, const float* weight_scales,
                 const float* weight_sums, const LaneScaling& scaling, const ColumnEnd& end) {
  const auto finish = [&](const auto& with) {
    with(sums, rows, weight_scales, weight_sums, scaling, end);
  };
  switch (end.gelu) {
    case Gelu::kNone:
      return finish(finish_int8_with<Gelu::kNone>);
    case Gelu::kExact:
      return finish(finish_int8_with<Gelu::kExact>);
    case Gelu::kRough:
      return finish(finish_int8_with<Gelu::kRough>);
  }
}

extern const ColumnKernels kColumnKernels;
const ColumnKernels kColumnKernels = {
    to_columns, to_rows, depthwise_norm, norm, pack_bfloat16, pack_int8, finish_float, finish_int8,
};

}  // namespace HWY_NAMESPACE
}  // namespace myna::backend::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace myna::backend::cpu {

const ColumnKernels& column_kernels(Isa isa) {
  if (has_avx512(isa)) return N_AVX3::kColumnKernels;
  if (isa != Isa::kPortable) return N_AVX2::kColumnKernels;
  return HWY_STATIC_DISPATCH(kColumnKernels);
}

}  // namespace myna::backend::cpu
#endif
