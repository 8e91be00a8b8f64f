// The dimensions of a dense row-major tensor, outermost first.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>

namespace myna {

// A value type without heap memory. Its element count always fits in size_t: a Shape that would
// overflow cannot be made. Rank 0 is a scalar with one element.
class Shape {
 public:
  static constexpr size_t kMaxRank = 8;

  Shape() = default;
  // Throws Error kInvalidArgument for a rank above kMaxRank or an element count that overflows.
  Shape(std::initializer_list<size_t> dims);
  explicit Shape(std::span<const size_t> dims);
  // The same for dimensions that come from a file: nothing instead of an exception. A zero among
  // the dimensions does not hide an overflow of the others.
  static std::optional<Shape> from_dims(std::span<const size_t> dims);

  size_t rank() const { return rank_; }
  // axis < rank().
  size_t operator[](size_t axis) const { return dims_[axis]; }
  std::span<const size_t> dims() const { return {dims_.data(), rank_}; }
  size_t element_count() const { return element_count_; }

  // "[510, 256]"; a scalar is "[]".
  std::string to_string() const;
  bool operator==(const Shape& other) const;

 private:
  std::array<size_t, kMaxRank> dims_{};
  size_t rank_ = 0;
  size_t element_count_ = 1;
};

}  // namespace myna
