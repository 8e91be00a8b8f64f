// Learning from pairs of answers.
#include "train/lm/preference.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/error.h"
#include "base/file.h"
#include "train/lm/toy_run_test_support.h"

namespace myna::train {
namespace {

// Of two answers the one that names the sea is better, whoever asks.
class LmPreferenceTest : public LmToyRun {
 protected:
  LmPreferenceTest() {
    write("pairs.jsonl", 120);
    counts_ = write_token_corpus({directory_ / "pairs.jsonl"},
                                 Tokenizer::load(directory_ / "data/tokenizer.json"),
                                 directory_ / "pairs", 0.2);
    settings_.data = directory_ / "pairs";
    settings_.objective = "dpo";
    settings_.rows = 4;
    settings_.micro_rows = 2;
    settings_.log_every = 1;
    settings_.optimizer.ema_decay = 0.5;
  }
  void write(const char* name, int count) const {
    static constexpr const char* kWho[] = {"the cat", "a dog", "my aunt", "the old king", "nobody"};
    static constexpr const char* kDoes[] = {"sees", "likes", "hears", "paints"};
    Draw draw(9);
    std::ofstream file(directory_ / name);
    for (int i = 0; i < count; ++i) {
      const std::string does = kDoes[draw.below(4)];
      const std::string question = "who " + does + " " + std::to_string(i / 2) + "?";
      nlohmann::json line = {
          {"chosen", std::string(kWho[draw.below(5)]) + " " + does + " the sea."},
          {"rejected", std::string(kWho[draw.below(5)]) + " " + does + " the moon."}};
      if (i % 2 == 0) {
        line["prompt"] = question;
      } else {
        line["messages"] = {{{"role", "user"}, {"content", question}}};
      }
      file << line.dump() << '\n';
    }
  }
  std::vector<nlohmann::json> events(const LmRunSettings& settings,
                                     const std::string& event) const {
    std::vector<nlohmann::json> found;
    std::istringstream lines(read_file(settings.run / "metrics.jsonl"));
    for (std::string line; std::getline(lines, line);) {
      found.push_back(nlohmann::json::parse(line));
      if (found.back().at("event") != event) found.pop_back();
    }
    return found;
  }
};

TEST_F(LmPreferenceTest, BeginsAtLog2AndLearnsWhatIsBetter) {
  settings_.validate_every = 40;
  LmTraining training(settings_);
  EXPECT_NEAR(training.loss_of(0), std::log(2.0), 1e-6);
  training.run(never_, 40);
  const auto steps = events(settings_, "train");
  EXPECT_NEAR(steps.front().at("preference_loss").get<double>(), std::log(2.0), 1e-6);
  EXPECT_EQ(steps.front().at("reward_margin").get<double>(), 0);
  EXPECT_EQ(steps.front().at("accuracy").get<double>(), 0);  // no margin is above zero yet
  EXPECT_GE(steps.back().at("accuracy").get<double>(), 0.99);
  EXPECT_GT(steps.back().at("reward_margin").get<double>(), 0.5);
  EXPECT_LT(steps.back().at("preference_loss").get<double>(), 0.5);
  // Of pairs that were kept apart.
  const auto apart = events(settings_, "validation");
  ASSERT_EQ(apart.size(), 1u);
  EXPECT_GE(apart[0].at("accuracy").get<double>(), 0.9);
}

TEST_F(LmPreferenceTest, StoppedAndResumedIsTheSame) {
  LmTraining whole(in("whole"));
  whole.run(never_, 8);
  LmTraining(in("parts")).run(never_, 3);
  LmTraining resumed(in("parts"));
  resumed.run(never_, 8);
  EXPECT_EQ(largest_difference(whole, resumed), 0);
}

TEST_F(LmPreferenceTest, PairsAreKeptTogether) {
  EXPECT_EQ(counts_.documents, 120u);
  const TokenShards shards(settings_.data);
  EXPECT_TRUE(shards.pairs());
  EXPECT_EQ(shards.training().size() + shards.validation().size(), 240u);
  const Tokenizer tokenizer = Tokenizer::load(settings_.data / "tokenizer.json");
  const PreferencePairs pairs(shards.training(), 100, 1);
  const LmBatch batch = pairs.batch(0, pairs.count());
  const int64_t count = pairs.count();
  for (int64_t i = 0; i < count; ++i) {
    std::string learned[2], prompt[2];
    for (const int64_t answer : {0, 1}) {
      const Tensor targets = batch.targets[answer * count + i];
      const Tensor tokens = batch.tokens[answer * count + i];
      bool before = true;
      for (int64_t t = 0; t < targets.size(0); ++t) {
        const auto target = targets[t].item<int64_t>();
        if (target >= 0) learned[answer] += tokenizer.bytes_of(static_cast<Token>(target));
        if (before) {
          prompt[answer] += tokenizer.bytes_of(static_cast<Token>(tokens[t].item<int64_t>()));
        }
        before = before && target < 0;
      }
    }
    EXPECT_TRUE(learned[0].ends_with(" the sea.")) << learned[0];
    EXPECT_TRUE(learned[1].ends_with(" the moon.")) << learned[1];
    EXPECT_EQ(prompt[0], prompt[1]);
    EXPECT_TRUE(prompt[0].starts_with("user\nwho ")) << prompt[0];
  }
}

TEST_F(LmPreferenceTest, LongPromptsLoseTheirBeginning) {
  const std::vector<int32_t> tokens = {1, 2, 3, 4, 5, 6, 7, 8};
  const std::vector<uint8_t> answer = {0, 0, 0, 0, 0, 1, 1, 1},
                             all_answer = {0, 1, 1, 1, 1, 1, 1, 1};
  const std::vector<TokenDocument> documents = {{tokens, answer}, {tokens, all_answer}};
  const LmBatch batch = PreferencePairs(documents, 4, 1).batch(0, 1);
  EXPECT_TRUE(at::equal(batch.tokens[0], at::tensor({4, 5, 6, 7}, at::kLong)));
  EXPECT_TRUE(at::equal(batch.targets[0], at::tensor({-100, 6, 7, 8}, at::kLong)));
  EXPECT_TRUE(at::equal(batch.tokens[1], at::tensor({1, 2, 3, 4}, at::kLong)));
  EXPECT_TRUE(at::equal(batch.targets[1], at::tensor({2, 3, 4, 5}, at::kLong)));
}

TEST_F(LmPreferenceTest, WhatDoesNotFitIsRefused) {
  LmRunSettings plain = in("plain");
  plain.objective = "next";
  EXPECT_THROW(LmTraining{plain}, Error);  // pairs are no text
  LmRunSettings text = in("text");
  text.data = directory_ / "data";
  EXPECT_THROW(LmTraining{text}, Error);
  LmRunSettings unknown = in("unknown");
  unknown.objective = "ppo";
  EXPECT_THROW(LmTraining{unknown}, Error);
  const Tokenizer tokenizer = Tokenizer::load(settings_.data / "tokenizer.json");
  const auto refused = [&](const std::string& lines) {
    std::ofstream(directory_ / "bad.jsonl") << lines;
    EXPECT_THROW(write_token_corpus({directory_ / "bad.jsonl"}, tokenizer, directory_ / "bad", 0.0),
                 Error)
        << lines;
  };
  refused("{\"prompt\": \"a\", \"chosen\": \"b\"}\n");
  refused("{\"prompt\": \"a\", \"chosen\": \"b\", \"rejected\": \"b\"}\n");
  refused("{\"chosen\": \"b\", \"rejected\": \"c\"}\n");
  refused("{\"prompt\": \"a\", \"chosen\": \"b\", \"rejected\": \"c\"}\n{\"text\": \"d\"}\n");
}

}  // namespace
}  // namespace myna::train
