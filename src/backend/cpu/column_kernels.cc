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

void to_columns(const float* rows, size_t row_stride, size_t row_count, size_t channels,
                float* out) {
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
        for (size_t j = 0; j < 4; ++j) hn::StoreU(v[j], d, out + (c + j) * kTileColumns + t);
      }
    }
#endif
    for (; c < channels; ++c) {
      float* to = out + c * kTileColumns + t;
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

constexpr size_t kVectors = kTileColumns / kWidth;

// A vector for each part of a tile.
struct TileVectors {
  ColumnVector v[kVectors];
};

template <class Body>
HWY_INLINE TileVectors make_tile(const Body& body) {
  TileVectors tile;
  for (size_t i = 0; i < kVectors; ++i) tile.v[i] = body(i);
  return tile;
}

// Mean over the channels, and one over the deviation, of out [channels][32] whose sums are known.
struct Normaliser {
  HWY_INLINE Normaliser(const float* out, size_t channels, float epsilon, const TileVectors& sums) {
    const ColumnTag d;
    const ColumnVector count = hn::Set(d, static_cast<float>(channels));
    mean = make_tile([&](size_t i) HWY_ATTR { return hn::Div(sums.v[i], count); });
    TileVectors squares = make_tile([&](size_t) HWY_ATTR { return hn::Zero(d); });
    for (size_t c = 0; c < channels; ++c, out += kTileColumns) {
      for (size_t i = 0; i < kVectors; ++i) {
        const ColumnVector a = hn::Sub(hn::Load(d, out + i * kWidth), mean.v[i]);
        squares.v[i] = hn::MulAdd(a, a, squares.v[i]);
      }
    }
    inverse = make_tile([&](size_t i) HWY_ATTR {
      const ColumnVector variance = hn::Div(squares.v[i], count);
      return hn::Div(hn::Set(d, 1.0f), hn::Sqrt(hn::Add(variance, hn::Set(d, epsilon))));
    });
  }
  HWY_INLINE ColumnVector operator()(ColumnVector x, size_t i) const {
    return hn::Mul(hn::Sub(x, mean.v[i]), inverse.v[i]);
  }

  TileVectors mean, inverse;
};

// The least and the largest values so far.
struct Extremes {
  HWY_INLINE Extremes() {
    const ColumnTag d;
    low = make_tile([&](size_t) HWY_ATTR { return hn::Set(d, 3e38f); });
    high = make_tile([&](size_t) HWY_ATTR { return hn::Set(d, -3e38f); });
  }
  HWY_INLINE void add(ColumnVector x, size_t i) {
    low.v[i] = hn::Min(low.v[i], x);
    high.v[i] = hn::Max(high.v[i], x);
  }
  HWY_INLINE void save(LaneRange& range) const {
    const ColumnTag d;
    for (size_t i = 0; i < kVectors; ++i) {
      hn::Store(low.v[i], d, range.low + i * kWidth);
      hn::Store(high.v[i], d, range.high + i * kWidth);
    }
  }

  TileVectors low, high;
};

void range(const float* x, size_t channels, LaneRange& result) {
  const ColumnTag d;
  Extremes extremes;
  for (size_t c = 0; c < channels; ++c, x += kTileColumns) {
    for (size_t i = 0; i < kVectors; ++i) extremes.add(hn::Load(d, x + i * kWidth), i);
  }
  extremes.save(result);
}

// A tile's frames between those of its neighbours that the kernel reaches.
using ReachedRow = float[2 * kMostReach + kTileColumns];

HWY_INLINE void reach(const DepthwiseNorm& task, size_t c, ReachedRow& row) {
  const ColumnTag d;
  const size_t at = c * kTileColumns;
  float* middle = row + kMostReach;
  const auto load = [&](const float* tile, size_t t) HWY_ATTR {
    return tile == nullptr ? hn::Zero(d) : hn::Load(d, tile + at + t);
  };
  for (size_t i = kWidth; i < task.left + kWidth; i += kWidth) {
    hn::Store(load(task.before, kTileColumns - i), d, middle - i);
  }
  for (size_t i = 0; i < kTileColumns; i += kWidth) {
    hn::Store(hn::Load(d, task.x + at + i), d, middle + i);
  }
  for (size_t i = 0; i + task.left + 1 < task.kernel; i += kWidth) {
    hn::Store(load(task.behind, i), d, middle + kTileColumns + i);
  }
}

void depthwise_norm(const DepthwiseNorm& task, float* out, LaneRange& result) {
  const ColumnTag d;
  const size_t channels = task.channels, kernel = task.kernel;
  TileVectors sums = make_tile([&](size_t) HWY_ATTR { return hn::Zero(d); });
  float* to = out;
  // Some rows at once: what has just been stored is not yet there to be loaded at another place.
  constexpr size_t kRows = 8;
  alignas(64) ReachedRow rows[kRows];
  for (size_t first = 0; first < channels; first += kRows) {
    const size_t end = first + kRows < channels ? first + kRows : channels;
    for (size_t c = first; c < end; ++c) reach(task, c, rows[c - first]);
    for (size_t c = first; c < end; ++c, to += kTileColumns) {
      const float* x = rows[c - first] + kMostReach - task.left;
      const float* w = task.weight + c * kernel;
      TileVectors even = make_tile([&](size_t) HWY_ATTR { return hn::Set(d, task.bias[c]); });
      TileVectors odd = make_tile([&](size_t) HWY_ATTR { return hn::Zero(d); });
      const auto add = [&](size_t j, TileVectors& values) HWY_ATTR {
        const ColumnVector weight = hn::Set(d, w[j]);
        for (size_t i = 0; i < kVectors; ++i) {
          values.v[i] = hn::MulAdd(weight, hn::LoadU(d, x + j + i * kWidth), values.v[i]);
        }
      };
      size_t j = 0;
      for (; j + 2 <= kernel; j += 2) {
        add(j, even);
        add(j + 1, odd);
      }
      if (j < kernel) add(j, even);
      for (size_t i = 0; i < kVectors; ++i) {
        const ColumnVector value = hn::Add(even.v[i], odd.v[i]);
        sums.v[i] = hn::Add(sums.v[i], value);
        hn::Store(value, d, to + i * kWidth);
      }
    }
  }
  const Normaliser normalise(out, channels, task.epsilon, sums);
  Extremes extremes;
  to = out;
  for (size_t c = 0; c < channels; ++c, to += kTileColumns) {
    const ColumnVector scale = hn::Set(d, task.scale[c]), shift = hn::Set(d, task.shift[c]);
    for (size_t i = 0; i < kVectors; ++i) {
      const ColumnVector n = normalise(hn::Load(d, to + i * kWidth), i);
      const ColumnVector y = hn::MulAdd(n, scale, shift);
      extremes.add(y, i);
      hn::Store(y, d, to + i * kWidth);
    }
  }
  extremes.save(result);
}

void norm(const float* x, size_t channels, float epsilon, float* out, LaneRange& result) {
  const ColumnTag d;
  TileVectors sums = make_tile([&](size_t) HWY_ATTR { return hn::Zero(d); });
  for (size_t at = 0; at < channels * kTileColumns; at += kTileColumns) {
    for (size_t i = 0; i < kVectors; ++i) {
      sums.v[i] = hn::Add(sums.v[i], hn::Load(d, x + at + i * kWidth));
    }
  }
  const Normaliser normalise(x, channels, epsilon, sums);
  Extremes extremes;
  for (size_t at = 0; at < channels * kTileColumns; at += kTileColumns) {
    for (size_t i = 0; i < kVectors; ++i) {
      const ColumnVector y = normalise(hn::Load(d, x + at + i * kWidth), i);
      extremes.add(y, i);
      hn::Store(y, d, out + at + i * kWidth);
    }
  }
  extremes.save(result);
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

// Frames by their own ranges: value = scale * q + offset, q within [kLow, kHigh].
template <int kLow, int kHigh>
struct Quantiser {
  HWY_INLINE Quantiser(const LaneRange& range, size_t t) {
    const ColumnTag d;
    const ColumnVector low = hn::Load(d, range.low + t), high = hn::Load(d, range.high + t);
    // A frame of equal values needs no steps, only ones that are not zero.
    scale =
        hn::Max(hn::Mul(hn::Sub(high, low), hn::Set(d, 1.0f / (kHigh - kLow))), hn::Set(d, 1e-20f));
    inverse = hn::Div(hn::Set(d, 1.0f), scale);
    zero = hn::NegMulAdd(low, inverse, hn::Set(d, static_cast<float>(kLow)));
    offset = hn::MulAdd(scale, hn::Set(d, static_cast<float>(-kLow)), low);
  }
  HWY_INLINE auto operator()(ColumnVector x) const {
    const hn::RebindToSigned<ColumnTag> di;
    return hn::Min(hn::NearestInt(hn::MulAdd(x, inverse, zero)), hn::Set(di, kHigh));
  }
  HWY_INLINE void save(LaneScaling& scaling, size_t t) const {
    const ColumnTag d;
    hn::Store(scale, d, scaling.scale + t);
    hn::Store(offset, d, scaling.offset + t);
    hn::Store(hn::Zero(d), d, scaling.correction + t);
  }

  ColumnVector scale, inverse, zero, offset;
};

// Bytes of four channels in one lane; returns the sum of q over the channels.
template <int kLow, int kHigh>
HWY_INLINE ColumnVector pack_bytes(const Quantiser<kLow, kHigh>& quantise, const float* in,
                                   size_t depth, uint8_t* panel, size_t t) {
  const ColumnTag d;
  const hn::RebindToSigned<ColumnTag> di;
  auto sums = hn::Zero(di);
  const size_t padded = (depth + 7) / 8 * 8;
  for (size_t k = 0; k < padded; k += 4) {
    auto packed = hn::Zero(di);
    const auto put = [&](size_t j, auto shift) HWY_ATTR {
      if (k + j >= depth) return;
      const auto q = quantise(hn::Load(d, in + (k + j) * kTileColumns + t));
      if constexpr (kLow < 0) sums = hn::Add(sums, q);
      packed = hn::Or(packed, hn::ShiftLeft<decltype(shift)::value>(hn::And(q, hn::Set(di, 0xFF))));
    };
    put(0, std::integral_constant<int, 0>());
    put(1, std::integral_constant<int, 8>());
    put(2, std::integral_constant<int, 16>());
    put(3, std::integral_constant<int, 24>());
    hn::StoreU(packed, di, reinterpret_cast<int32_t*>(panel + k * kTileColumns + 4 * t));
  }
  return hn::ConvertTo(d, sums);
}

void pack_int8(const float* in, size_t depth, const LaneRange& range, float weight_offset,
               int8_t* panel, LaneScaling& scaling) {
  const ColumnTag d;
  for_each_column_vector([&](size_t t) HWY_ATTR {
    const Quantiser<-128, 127> quantise(range, t);
    quantise.save(scaling, t);
    const ColumnVector sums = pack_bytes(quantise, in, depth, reinterpret_cast<uint8_t*>(panel), t);
    hn::Store(hn::Mul(sums, hn::Set(d, -weight_offset)), d, scaling.correction + t);
  });
}

void pack_uint8(const float* in, size_t depth, const LaneRange& range, uint8_t* panel,
                LaneScaling& scaling) {
  for_each_column_vector([&](size_t t) HWY_ATTR {
    const Quantiser<0, 255> quantise(range, t);
    quantise.save(scaling, t);
    pack_bytes(quantise, in, depth, panel, t);
  });
}

void pack_int16(const float* in, size_t depth, const LaneRange& range, int16_t* panel,
                LaneScaling& scaling) {
  const ColumnTag d;
  const hn::RebindToSigned<ColumnTag> di;
  for_each_column_vector([&](size_t t) HWY_ATTR {
    const Quantiser<-kInt16Levels, kInt16Levels> quantise(range, t);
    quantise.save(scaling, t);
    for (size_t k = 0; k < depth; k += 2) {
      const float* from = in + k * kTileColumns + t;
      auto pair = hn::And(quantise(hn::Load(d, from)), hn::Set(di, 0xFFFF));
      if (k + 1 < depth) {
        pair = hn::Or(pair, hn::ShiftLeft<16>(quantise(hn::Load(d, from + kTileColumns))));
      }
      hn::StoreU(pair, di, reinterpret_cast<int32_t*>(panel + k * kTileColumns + 2 * t));
    }
  });
}

template <Gelu kGelu>
HWY_INLINE void finish_vector(const ColumnEnd& end, size_t at, ColumnVector value) {
  const ColumnTag d;
  if constexpr (kGelu == Gelu::kExact) value = gelu_fast(d, value);
  if constexpr (kGelu == Gelu::kRough) value = gelu_rough(d, value);
  if (end.residual != nullptr) value = hn::Add(value, hn::Load(d, end.residual + at));
  hn::Store(value, d, end.out + at);
}

template <Gelu kGelu>
void finish_float_with(const float* sums, size_t rows, const ColumnEnd& end) {
  const ColumnTag d;
  for (size_t m = 0; m < rows; ++m) {
    const ColumnVector bias = hn::Set(d, end.bias[m]);
    for_each_column_vector([&](size_t t) HWY_ATTR {
      const size_t at = m * kTileColumns + t;
      finish_vector<kGelu>(end, at, hn::Add(hn::Load(d, sums + at), bias));
    });
  }
}

template <Gelu kGelu>
void finish_integers_with(const int32_t* sums, size_t rows, const float* weight_scales,
                          const float* weight_sums, const LaneScaling& scaling,
                          const ColumnEnd& end) {
  const ColumnTag d;
  const hn::RebindToSigned<ColumnTag> di;
  for_each_column_vector([&](size_t t) HWY_ATTR {
    const ColumnVector scale = hn::Load(d, scaling.scale + t);
    const ColumnVector offset = hn::Load(d, scaling.offset + t);
    const ColumnVector correction = hn::Load(d, scaling.correction + t);
    for (size_t m = 0; m < rows; ++m) {
      const size_t at = m * kTileColumns + t;
      const ColumnVector sum = hn::Add(hn::ConvertTo(d, hn::Load(di, sums + at)), correction);
      const ColumnVector rest =
          hn::MulAdd(offset, hn::Set(d, weight_sums[m]), hn::Set(d, end.bias[m]));
      finish_vector<kGelu>(end, at,
                           hn::MulAdd(hn::Mul(sum, scale), hn::Set(d, weight_scales[m]), rest));
    }
  });
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

void finish_integers(const int32_t* sums, size_t rows, const float* weight_scales,
                     const float* weight_sums, const LaneScaling& scaling, const ColumnEnd& end) {
  const auto finish = [&](const auto& with) {
    with(sums, rows, weight_scales, weight_sums, scaling, end);
  };
  switch (end.gelu) {
    case Gelu::kNone:
      return finish(finish_integers_with<Gelu::kNone>);
    case Gelu::kExact:
      return finish(finish_integers_with<Gelu::kExact>);
    case Gelu::kRough:
      return finish(finish_integers_with<Gelu::kRough>);
  }
}

extern const ColumnKernels kColumnKernels;
const ColumnKernels kColumnKernels = {
    to_columns, to_rows,    depthwise_norm, norm,         range,           pack_bfloat16,
    pack_int8,  pack_uint8, pack_int16,     finish_float, finish_integers,
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
