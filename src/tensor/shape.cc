#include "tensor/shape.h"

#include <algorithm>

#include "base/error.h"

namespace myna {
namespace {

std::string join(std::span<const size_t> dims) {
  std::string text = "[";
  for (size_t i = 0; i < dims.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(dims[i]);
  }
  return text + "]";
}

}  // namespace

std::optional<Shape> Shape::from_dims(std::span<const size_t> dims) {
  if (dims.size() > kMaxRank) return std::nullopt;
  Shape shape;
  shape.rank_ = dims.size();
  // Zeros are left out of the product that is checked: strides are computed from the other
  // dimensions, and they must not overflow either.
  size_t product = 1;
  bool empty = false;
  for (size_t axis = 0; axis < dims.size(); ++axis) {
    shape.dims_[axis] = dims[axis];
    if (dims[axis] == 0) {
      empty = true;
    } else if (__builtin_mul_overflow(product, dims[axis], &product)) {
      return std::nullopt;
    }
  }
  shape.element_count_ = empty ? 0 : product;
  return shape;
}

Shape::Shape(std::span<const size_t> dims) {
  const std::optional<Shape> shape = from_dims(dims);
  if (!shape) {
    throw Error(ErrorCode::kInvalidArgument,
                dims.size() > kMaxRank
                    ? "a shape of " + std::to_string(dims.size()) + " dimensions, at most " +
                          std::to_string(kMaxRank) + " are possible"
                    : "the element count of the shape " + join(dims) + " overflows");
  }
  *this = *shape;
}

Shape::Shape(std::initializer_list<size_t> dims)
    : Shape(std::span<const size_t>(dims.begin(), dims.size())) {}

std::string Shape::to_string() const { return join(dims()); }

bool Shape::operator==(const Shape& other) const {
  const auto a = dims(), b = other.dims();
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

}  // namespace myna
