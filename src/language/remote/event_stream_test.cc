#include "language/remote/event_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace myna::language {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> read(std::string_view bytes, size_t step) {
  EventStream stream;
  std::vector<std::string> all;
  for (size_t at = 0; at < bytes.size(); at += step) {
    for (std::string& event : stream.append(bytes.substr(at, step)))
      all.push_back(std::move(event));
  }
  return all;
}

// The examples of the standard, and its line ends.
TEST(EventStream, ReadsEventsHoweverTheyAreCut) {
  const std::string text =
      "\xEF\xBB\xBF: test stream\n\ndata: first event\nid: 1\n\ndata:second\r\nevent: x\r\n\r\n"
      "data\n\ndata\ndata\n\ndata:  third\r\rdata: YHOO\ndata: +2\ndata: 10\n\ndata: cut off";
  for (const size_t step : {1, 2, 3, 7, 1000}) {
    EXPECT_THAT(read(text, step),
                ElementsAre("first event", "second", "", "\n", " third", "YHOO\n+2\n10"))
        << step;
  }
}

TEST(EventStream, KnowsThatSomethingWasCutOff) {
  EventStream stream;
  stream.append("data: x\n");
  EXPECT_TRUE(stream.has_rest());
  stream.append("\n");
  EXPECT_FALSE(stream.has_rest());
  stream.append("dat");
  EXPECT_TRUE(stream.has_rest());
}

TEST(EventStream, RefusesAnEndlessEvent) {
  EventStream stream;
  EXPECT_THROW(stream.append(std::string(EventStream::kMostBytes + 1, 'x')), Error);
}

}  // namespace
}  // namespace myna::language
