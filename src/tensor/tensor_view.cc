#include "tensor/tensor_view.h"

#include <cstdint>
#include <string>

#include "base/error.h"

namespace myna {

TensorView::TensorView(DType dtype, const Shape& shape, std::span<const std::byte> bytes)
    : dtype_(dtype), shape_(shape), bytes_(bytes) {
  size_t expected = 0;
  if (__builtin_mul_overflow(shape.element_count(), dtype_size(dtype), &expected) ||
      bytes.size() != expected) {
    throw Error(ErrorCode::kInvalidArgument, std::string(dtype_name(dtype)) + " " +
                                                 shape.to_string() + " does not take " +
                                                 std::to_string(bytes.size()) + " bytes");
  }
}

void TensorView::check_access(DType wanted) const {
  if (wanted != dtype_) {
    throw Error(ErrorCode::kInvalidArgument, "a tensor of " + std::string(dtype_name(dtype_)) +
                                                 " was read as " + std::string(dtype_name(wanted)));
  }
  // Reading through a misaligned pointer is undefined behaviour even where the CPU allows it.
  if (reinterpret_cast<uintptr_t>(bytes_.data()) % dtype_size(dtype_) != 0) {
    throw Error(
        ErrorCode::kInvalidArgument,
        "the memory of a tensor of " + std::string(dtype_name(dtype_)) + " is not aligned for it");
  }
}

}  // namespace myna
