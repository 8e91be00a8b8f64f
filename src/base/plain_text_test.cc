#include "base/plain_text.h"

#include <gtest/gtest.h>

namespace myna {
namespace {

TEST(Trimmed, TakesWhiteSpaceFromBothEndsOnly) {
  EXPECT_EQ(trimmed(" \t\r\n\v\fa b\n"), "a b");
  EXPECT_EQ(trimmed("a"), "a");
  EXPECT_EQ(trimmed(" \n"), "");
  EXPECT_EQ(trimmed(""), "");
  EXPECT_EQ(trimmed("\u00A0a\u00A0"), "\u00A0a\u00A0");
}

TEST(AsciiLower, ChangesCapitalsOfAsciiOnly) {
  EXPECT_EQ(ascii_lower("AbZ @[`{ 19"), "abz @[`{ 19");
  EXPECT_EQ(ascii_lower("\u00C9A\xFF"), "\u00C9a\xFF");
  EXPECT_EQ(ascii_lower(""), "");
}

TEST(EscapedMarkup, LeavesNothingThatMarkupMeans) {
  EXPECT_EQ(escaped_markup("a & b < c > \"d\" 'e' é"),
            "a &amp; b &lt; c &gt; &quot;d&quot; &#39;e&#39; é");
  EXPECT_EQ(escaped_markup(""), "");
}

}  // namespace
}  // namespace myna
