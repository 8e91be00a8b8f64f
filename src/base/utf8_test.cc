#include "base/utf8.h"

#include <gtest/gtest.h>

namespace myna {
namespace {

TEST(Utf8, RoundTripsEveryLength) {
  const std::u32string points = U"a\u00e9\u20ac\U0001F600";
  EXPECT_EQ(to_utf32(to_utf8(points)), points);
}

TEST(Utf8, RefusesIllFormedSequences) {
  EXPECT_EQ(find_invalid_utf8("plain"), std::nullopt);
  EXPECT_EQ(find_invalid_utf8("ab\xC0\xAF"), 2u) << "overlong";
  EXPECT_EQ(find_invalid_utf8("\xED\xA0\x80"), 0u) << "surrogate";
  EXPECT_EQ(find_invalid_utf8("\xF4\x90\x80\x80"), 0u) << "above U+10FFFF";
  EXPECT_EQ(find_invalid_utf8("x\xE2\x82"), 1u) << "cut off";
  EXPECT_EQ(find_invalid_utf8("\x80"), 0u) << "stray continuation";
}

TEST(Utf8, ReplacesMaximalSubparts) {
  // Unicode 15, table 3-8: one replacement for each maximal subpart.
  EXPECT_EQ(to_utf32("\xF0\x90\x80\x41"), U"\uFFFD\u0041");
  EXPECT_EQ(to_utf32("\xE2\x82"), U"\uFFFD");
}

TEST(Utf8, LineAndColumnCountCodePoints) {
  const std::string text = "one\n\xC3\xA9t\xC3\xA9 x";
  EXPECT_EQ(line_column_at(text, 0).line, 1u);
  const LineColumn at = line_column_at(text, text.find('x'));
  EXPECT_EQ(at.line, 2u);
  EXPECT_EQ(at.column, 5u);
}

}  // namespace
}  // namespace myna
