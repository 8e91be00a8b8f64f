// Runs of a toy language model: learning, balance, resuming, several processes, damaged files.
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "base/error.h"
#include "base/file.h"
#include "train/lm/toy_run_test_support.h"

namespace myna::train {
namespace {

using LmTrainingTest = LmToyRun;

TEST_F(LmTrainingTest, LossFallsAndExpertsAreBalanced) {
  settings_.validate_every = 200;
  LmTraining training(settings_);
  const double before = training.loss_of(5000);
  training.run(never_, 200);
  EXPECT_LT(training.loss_of(5000), before / 2.5);
  EXPECT_GT(training.worst_load(), 0.99);
  EXPECT_LE(training.worst_load(), 1.5);
  const std::string metrics = read_file(settings_.run / "metrics.jsonl");
  EXPECT_NE(metrics.find("bits_per_byte"), std::string::npos);
  EXPECT_NE(metrics.find("load_entropy"), std::string::npos);
}

TEST_F(LmTrainingTest, StoppedAndResumedIsTheSame) {
  LmTraining whole(in("whole"));
  whole.run(never_, 12);
  LmTraining(in("parts")).run(never_, 5);
  LmTraining resumed(in("parts"));
  EXPECT_EQ(resumed.step(), 5);
  resumed.run(never_, 12);
  EXPECT_EQ(largest_difference(whole, resumed), 0);
}

TEST_F(LmTrainingTest, MicroBatchesAndProcessesGiveTheSameStep) {
  LmTraining whole(in("whole"));
  whole.run(never_, 3);
  LmRunSettings small = in("micro");
  small.micro_rows = 1;
  LmTraining parts(small);
  parts.run(never_, 3);
  EXPECT_LT(largest_difference(whole, parts), 2e-4);

  const std::string port = std::to_string(21000 + getpid() % 20000);
  std::vector<std::unique_ptr<LmTraining>> ranks(2);
  std::vector<std::jthread> threads;
  for (int rank = 0; rank < 2; ++rank) {
    threads.emplace_back([&, rank] {
      LmRunSettings settings = in("rank" + std::to_string(rank));
      settings.launch = {rank, 2, "127.0.0.1:" + port};
      ranks[static_cast<size_t>(rank)] = std::make_unique<LmTraining>(settings);
      ranks[static_cast<size_t>(rank)]->run(never_, 3);
    });
  }
  threads.clear();
  EXPECT_EQ(largest_difference(*ranks[0], *ranks[1]), 0);
  EXPECT_LT(largest_difference(whole, *ranks[0]), 2e-4);
  std::vector<std::jthread> leaving;  // each waits for the other
  for (auto& rank : ranks) leaving.emplace_back([&rank] { rank.reset(); });
}

TEST_F(LmTrainingTest, OnlyExpertsLearnWhenToldSo) {
  LmTraining dense(in("first"));
  dense.run(never_, 2);
  dense.save_model(directory_ / "model");
  LmRunSettings settings = in("second");
  settings.initial = directory_ / "model";
  settings.trained = "experts";
  settings.teacher = directory_ / "model";
  LmTraining training(settings);
  std::vector<Tensor> before;
  for (const Parameter& parameter : training.parameters().all()) {
    before.push_back(parameter.value.detach().clone());
  }
  training.run(never_, 2);
  for (size_t i = 0; i < before.size(); ++i) {
    const Parameter& parameter = training.parameters().all()[i];
    const bool expert = parameter.name.find(".mlp.gate.") != std::string::npos ||
                        parameter.name.find(".mlp.experts.") != std::string::npos;
    EXPECT_EQ(at::equal(before[i], parameter.value), !expert) << parameter.name;
  }
}

TEST_F(LmTrainingTest, OfADialogueOnlyTheAnswerIsLearned) {
  EXPECT_EQ(counts_.documents, 401u);
  const TokenShards shards(settings_.data);
  size_t partly = 0;
  for (const auto* split : {&shards.training(), &shards.validation()}) {
    for (const TokenDocument& document : *split) {
      size_t learned = 0;
      for (const uint8_t learn : document.learned) learned += learn;
      if (learned + 1 < document.tokens.size()) ++partly;
    }
  }
  EXPECT_EQ(partly, 1u);
}

TEST_F(LmTrainingTest, ADamagedShardIsLeftOutAndBadSettingsAreRefused) {
  {
    std::fstream file(settings_.data / "shard-00000.safetensors",
                      std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-3, std::ios::end);
    file.put('\x7F');
  }
  EXPECT_THROW(TokenShards{settings_.data}, Error);  // it was the only one to train on
  EXPECT_THROW(settings_.set("model.heds=3"), Error);
  EXPECT_THROW(settings_.set("mixture.gate=top"), Error);
}

TEST_F(LmTrainingTest, RowsCoverEveryDocumentOnceAnEpoch) {
  const TokenShards shards(settings_.data);
  for (const Packing packing : {Packing::kStream, Packing::kWhole}) {
    const PackedRows rows(shards.training(), 200, packing, 3);
    const LmBatch batch = rows.batch(0, rows.count());
    const auto held = (batch.document >= 0).sum().item<int64_t>();
    int64_t tokens = 0;
    for (const TokenDocument& document : shards.training()) {
      tokens += static_cast<int64_t>(document.tokens.size());
    }
    // The last token of a full row is a target only.
    EXPECT_LE(held, tokens);
    EXPECT_GE(held, tokens - rows.count());
    // The second pass has the same rows in another order.
    const LmBatch second = rows.batch(rows.count(), rows.count());
    EXPECT_FALSE(at::equal(batch.tokens, second.tokens));
    EXPECT_EQ(batch.tokens.sum().item<int64_t>(), second.tokens.sum().item<int64_t>());
    EXPECT_TRUE(at::equal(rows.batch(5, 1).tokens[0], batch.tokens[5]));
  }
}

}  // namespace
}  // namespace myna::train
