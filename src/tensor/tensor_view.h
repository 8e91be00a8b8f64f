// A read-only tensor in memory that somebody else owns: a memory-mapped file, a vector, an arena.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace myna {

// Dense, row-major, little-endian. Cheap to copy; valid as long as the memory behind it. Safe to
// read from many threads.
class TensorView {
 public:
  TensorView() = default;
  // Throws Error kInvalidArgument unless bytes.size() is shape.element_count() elements.
  TensorView(DType dtype, const Shape& shape, std::span<const std::byte> bytes);
  template <typename T>
  static TensorView of(std::span<const T> values, const Shape& shape) {
    return TensorView(kDTypeOf<T>, shape, std::as_bytes(values));
  }

  DType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  std::span<const std::byte> bytes() const { return bytes_; }
  size_t element_count() const { return bytes_.size() / dtype_size(dtype_); }

  // The elements as T: float, double, Float16, BFloat16, int8_t, uint8_t, int32_t or int64_t.
  // Throws Error kInvalidArgument when T is not the tensor's dtype or the memory is not aligned for
  // it (views from SafetensorsFile are always aligned).
  template <typename T>
  std::span<const T> as() const {
    check_access(kDTypeOf<T>);
    return {reinterpret_cast<const T*>(bytes_.data()), element_count()};
  }

 private:
  void check_access(DType wanted) const;

  DType dtype_ = DType::kF32;
  Shape shape_{0};
  std::span<const std::byte> bytes_;
};

}  // namespace myna
