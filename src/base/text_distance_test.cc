#include "base/text_distance.h"

#include <gmock/gmock.h>

namespace myna {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(TextDistance, EditDistance) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("heart", ""), 5u);
}

TEST(TextDistance, SuggestsTheClosest) {
  const std::vector<std::string> voices = {"heart", "bella", "emma", "george"};
  EXPECT_THAT(closest_names("haert", voices), ElementsAre("heart"));
  EXPECT_THAT(closest_names("ell", voices, 1), ElementsAre("bella"));
  EXPECT_THAT(closest_names("zzzzzzzz", voices), IsEmpty());
}

}  // namespace
}  // namespace myna
