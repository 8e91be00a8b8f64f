#include "cli/blind_test.h"

#include <gmock/gmock.h>

#include <set>

#include "base/error.h"

namespace myna::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::vector<Recording> recordings() {
  std::vector<Recording> all;
  for (const char* text : {"One.", "Two </script>."}) {
    for (const char* system : {"studio heart", "flash heart", "hibari"}) {
      all.push_back({system, text, blind_file_name(system, text, 1, "wav")});
    }
  }
  return all;
}

TEST(BlindTest, EveryPairOfSystemsOnEveryTextInAnOrderOfTheSeed) {
  const std::vector<Trial> trials = make_trials(recordings(), 1);
  EXPECT_EQ(trials.size(), 6u);
  std::set<std::string> pairs;
  for (const Trial& trial : trials) {
    EXPECT_EQ(trial.a.text, trial.b.text);
    EXPECT_NE(trial.a.system, trial.b.system);
    pairs.insert(trial.a.text + std::min(trial.a.system, trial.b.system) +
                 std::max(trial.a.system, trial.b.system));
  }
  EXPECT_EQ(pairs.size(), 6u);
  EXPECT_EQ(blind_key(trials, "x"), blind_key(make_trials(recordings(), 1), "x"));
  EXPECT_NE(blind_key(trials, "x"), blind_key(make_trials(recordings(), 2), "x"));
}

TEST(BlindTest, ThePageDoesNotSayWhoIsWho) {
  const std::string page = blind_page(make_trials(recordings(), 1), "id1");
  for (const char* name : {"studio", "flash", "hibari", "heart"}) {
    EXPECT_THAT(page, Not(HasSubstr(name)));
  }
  EXPECT_THAT(page, HasSubstr("id1"));
  // A text does not end the script.
  EXPECT_THAT(page, HasSubstr("Two <\\/script>."));
}

TEST(BlindTest, VotesAreCountedForTheSystemsBehindTheSides) {
  const std::vector<Trial> trials = {
      {{"flash", "One.", "1"}, {"studio", "One.", "2"}},
      {{"studio", "Two.", "3"}, {"flash", "Two.", "4"}},
      {{"flash", "Three.", "5"}, {"studio", "Three.", "6"}},
  };
  const std::string key = blind_key(trials, "x");
  const auto counts = count_votes(
      key, R"({"format": "myna-blind-votes", "id": "x", "votes": [{"trial": 0, "choice": "b"},
              {"trial": 1, "choice": "a"}, {"trial": 2, "choice": "same"}]})");
  ASSERT_EQ(counts.size(), 1u);
  const PairCount& count = counts.at({"flash", "studio"});
  EXPECT_EQ(count.first, 0u);
  EXPECT_EQ(count.second, 2u);
  EXPECT_EQ(count.same, 1u);
}

TEST(BlindTest, WrongVotesAreRefused) {
  const std::string key = blind_key(make_trials(recordings(), 1), "x");
  const auto problem = [&](const std::string& votes) -> std::string {
    try {
      count_votes(key, votes);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  const std::string begin = R"({"format": "myna-blind-votes", "id": "x", "votes": [)";
  EXPECT_THAT(problem("nonsense"), HasSubstr("no vote file"));
  EXPECT_THAT(problem(R"({"format": "myna-blind-votes", "id": "y", "votes": []})"),
              HasSubstr("another page"));
  EXPECT_THAT(problem(begin + R"({"trial": 6, "choice": "a"}]})"), HasSubstr("does not have"));
  EXPECT_THAT(problem(begin + R"({"trial": -1, "choice": "a"}]})"), HasSubstr("does not have"));
  EXPECT_THAT(problem(begin + R"({"trial": 0, "choice": "c"}]})"), HasSubstr("no choice"));
  EXPECT_THAT(problem(begin + R"({"trial": 0, "choice": "a"}, {"trial": 0, "choice": "a"}]})"),
              HasSubstr("two votes"));
  EXPECT_THROW(count_votes("{}", begin + "]}"), Error);
}

}  // namespace
}  // namespace myna::cli
