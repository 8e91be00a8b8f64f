// Element types of stored tensors, with the names and sizes of the safetensors format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace myna {

enum class DType : uint8_t { kF32, kF16, kBF16, kI8, kU8, kI32, kI64, kF64 };

// Half-precision values as stored bits; src/ops converts them.
struct Float16 {
  uint16_t bits;
};
struct BFloat16 {
  uint16_t bits;
};

// "F32", "BF16", ... as in a safetensors header.
std::string_view dtype_name(DType dtype);
// Nothing for a name that is not one of ours.
std::optional<DType> parse_dtype(std::string_view name);
// Bytes of one element, which is also the alignment that it needs.
size_t dtype_size(DType dtype);

// The DType of a C++ element type: kDTypeOf<float> == DType::kF32.
template <typename T>
struct DTypeOf;
template <>
struct DTypeOf<float> {
  static constexpr DType kValue = DType::kF32;
};
template <>
struct DTypeOf<Float16> {
  static constexpr DType kValue = DType::kF16;
};
template <>
struct DTypeOf<BFloat16> {
  static constexpr DType kValue = DType::kBF16;
};
template <>
struct DTypeOf<int8_t> {
  static constexpr DType kValue = DType::kI8;
};
template <>
struct DTypeOf<uint8_t> {
  static constexpr DType kValue = DType::kU8;
};
template <>
struct DTypeOf<int32_t> {
  static constexpr DType kValue = DType::kI32;
};
template <>
struct DTypeOf<int64_t> {
  static constexpr DType kValue = DType::kI64;
};
template <>
struct DTypeOf<double> {
  static constexpr DType kValue = DType::kF64;
};
template <typename T>
inline constexpr DType kDTypeOf = DTypeOf<T>::kValue;

}  // namespace myna
