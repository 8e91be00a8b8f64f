#include "language/answer_text.h"

#include <gtest/gtest.h>

namespace myna::language {
namespace {

TEST(AnswerText, ShowsWholeCharactersOnly) {
  AnswerText text({});
  EXPECT_EQ(text.append("a\xE2\x82"), "a");
  EXPECT_EQ(text.append("\xAC"), "\xE2\x82\xAC");
  EXPECT_EQ(text.append("\xF0\x9F"), "");
  EXPECT_EQ(text.append("\x98\x80!"), "\xF0\x9F\x98\x80!");
  EXPECT_EQ(text.finish(), "");
}

TEST(AnswerText, ReplacesBrokenBytes) {
  AnswerText text({});
  EXPECT_EQ(text.append("a\xFF"
                        "b"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(text.append("\xE2\x82"), "");
  EXPECT_EQ(text.finish(), "\xEF\xBF\xBD");
}

TEST(AnswerText, StopsBeforeAStopText) {
  AnswerText text({"###", "\nUser:"});
  EXPECT_EQ(text.append("Yes. #"), "Yes. ");
  EXPECT_EQ(text.append("1\nUs"), "#1");
  EXPECT_EQ(text.append("ual"), "\nUsual");
  EXPECT_EQ(text.append("\nUser: more ###"), "");
  EXPECT_TRUE(text.stopped());
  EXPECT_EQ(text.append("x"), "");
  EXPECT_EQ(text.finish(), "");
}

TEST(AnswerText, TheFirstStopTextCounts) {
  AnswerText text({"bb", "a", ""});
  EXPECT_EQ(text.append("xab"), "x");
  EXPECT_TRUE(text.stopped());
}

TEST(AnswerText, GivesBackWhatWasNoStopTextInTheEnd) {
  AnswerText text({"STOP"});
  EXPECT_EQ(text.append("STO"), "");
  EXPECT_EQ(text.finish(), "STO");
}

}  // namespace
}  // namespace myna::language
