#include "tensor/tensor_view.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "base/error.h"

namespace myna {
namespace {

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    return error.message();
  }
  return "no error";
}

TEST(TensorViewTest, GivesTheElementsInPlace) {
  const std::vector<float> values{1, 2, 3, 4, 5, 6};
  const TensorView view = TensorView::of(std::span(values), {2, 3});
  EXPECT_EQ(view.dtype(), DType::kF32);
  EXPECT_EQ(view.element_count(), 6u);
  EXPECT_EQ(view.as<float>().data(), values.data());
  EXPECT_EQ(view.as<float>()[5], 6.0f);
}

TEST(TensorViewTest, RefusesAnotherType) {
  const std::vector<int8_t> values{1, 2};
  const TensorView view = TensorView::of(std::span(values), {2});
  EXPECT_EQ(message_of([&] { view.as<float>(); }), "a tensor of I8 was read as F32");
  EXPECT_EQ(message_of([&] { view.as<uint8_t>(); }), "a tensor of I8 was read as U8");
}

TEST(TensorViewTest, RefusesBytesThatDoNotFitTheShape) {
  const std::vector<std::byte> bytes(24);
  EXPECT_EQ(message_of([&] { TensorView(DType::kF32, {7}, bytes); }),
            "F32 [7] does not take 24 bytes");
  // 2^62 elements of 8 bytes wrap around to zero bytes.
  EXPECT_THROW(TensorView(DType::kI64, Shape({size_t{1} << 62}), {}), Error);
}

TEST(TensorViewTest, RefusesMisalignedMemory) {
  alignas(8) const std::byte bytes[12]{};
  const TensorView view(DType::kF32, {2}, std::span(bytes).subspan(1, 8));
  EXPECT_EQ(message_of([&] { view.as<float>(); }),
            "the memory of a tensor of F32 is not aligned for it");
  EXPECT_EQ(view.bytes().size(), 8u) << "the bytes themselves can be had";
}

TEST(TensorViewTest, DefaultIsEmpty) { EXPECT_TRUE(TensorView().as<float>().empty()); }

TEST(DTypeTest, NamesAreThoseOfSafetensors) {
  for (const char* name : {"F32", "F16", "BF16", "I8", "U8", "I32", "I64", "F64"}) {
    ASSERT_TRUE(parse_dtype(name)) << name;
    EXPECT_EQ(dtype_name(*parse_dtype(name)), name);
  }
  EXPECT_FALSE(parse_dtype("f32"));
  EXPECT_FALSE(parse_dtype("F80"));
  EXPECT_EQ(dtype_size(DType::kBF16), 2u);
  EXPECT_EQ(dtype_size(DType::kI64), 8u);
}

}  // namespace
}  // namespace myna
