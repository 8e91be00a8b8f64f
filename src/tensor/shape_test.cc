#include "tensor/shape.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "base/error.h"

namespace myna {
namespace {

constexpr size_t kHuge = size_t{1} << 40;

TEST(ShapeTest, CountsElements) {
  EXPECT_EQ(Shape().element_count(), 1u) << "a scalar";
  EXPECT_EQ(Shape({510, 1, 256}).element_count(), 130560u);
  EXPECT_EQ(Shape({3, 0, 5}).element_count(), 0u);
  EXPECT_EQ(Shape({std::numeric_limits<size_t>::max()}).element_count(),
            std::numeric_limits<size_t>::max());
}

TEST(ShapeTest, ReadsAsPeopleWriteIt) {
  EXPECT_EQ(Shape().to_string(), "[]");
  EXPECT_EQ(Shape({510, 256}).to_string(), "[510, 256]");
}

TEST(ShapeTest, EqualityIsRankAndDimensions) {
  EXPECT_EQ(Shape({2, 3}), Shape({2, 3}));
  EXPECT_NE(Shape({2, 3}), Shape({3, 2}));
  EXPECT_NE(Shape({2, 3}), Shape({2, 3, 1}));
  EXPECT_NE(Shape({0}), Shape({0, 0}));
}

TEST(ShapeTest, OverflowIsNeverAShape) {
  EXPECT_FALSE(Shape::from_dims(std::vector<size_t>{kHuge, kHuge}));
  EXPECT_THROW(Shape({kHuge, kHuge}), Error);
  EXPECT_FALSE(Shape::from_dims(std::vector<size_t>{0, kHuge, kHuge}))
      << "a zero does not hide strides that overflow";
}

TEST(ShapeTest, RankIsLimited) {
  EXPECT_TRUE(Shape::from_dims(std::vector<size_t>(Shape::kMaxRank, 1)));
  EXPECT_FALSE(Shape::from_dims(std::vector<size_t>(Shape::kMaxRank + 1, 1)));
}

}  // namespace
}  // namespace myna
