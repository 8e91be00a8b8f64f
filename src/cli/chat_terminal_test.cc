#include "cli/chat_terminal.h"

#include <gtest/gtest.h>

namespace myna::cli {
namespace {

TEST(ChatTerminal, ShowsNothingThatSteersATerminal) {
  EXPECT_EQ(without_controls("a\x1b[31mb\r\n\tc\x07"), "a[31mb\n\tc");
  EXPECT_EQ(without_controls("\xC2\x9B"
                             "31m\xC2\xA9 \xE2\x80\xA6 \x7F"),
            "31m\xC2\xA9 \xE2\x80\xA6 ");
}

}  // namespace
}  // namespace myna::cli
