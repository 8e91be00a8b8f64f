// Runs of a toy language model: learning, balance, resuming, several processes, damaged files.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <thread>

#include "base/error.h"
#include "base/file.h"
#include "train/core/draw.h"
#include "train/lm/corpus.h"
#include "train/lm/training.h"

namespace myna::train {
namespace {

// Sentences of a small grammar: there is something to learn, and it is not one sentence.
std::string toy_line(Draw& draw) {
  static constexpr const char* kWho[] = {"the cat", "a dog", "my aunt", "the old king", "nobody"};
  static constexpr const char* kDoes[] = {"sees", "likes", "hears", "paints"};
  static constexpr const char* kWhat[] = {"a red house", "the sea", "two small birds", "the moon"};
  std::string text;
  for (int i = 0; i < 6; ++i) {
    text += std::string(kWho[draw.below(5)]) + " " + kDoes[draw.below(4)] + " " +
            kWhat[draw.below(4)] + ". ";
  }
  return text;
}

class LmTrainingTest : public testing::Test {
 protected:
  LmTrainingTest() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    directory_ = std::filesystem::temp_directory_path() /
                 ("myna_lm_" + std::to_string(getpid()) + "_" + info->name());
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
    std::ofstream file(directory_ / "text.jsonl");
    Draw draw(7);
    TokenizerTrainer trainer(
        {300, 2, {"<|endoftext|>", "<|im_start|>", "<|im_end|>"}, Digits::kSingle});
    for (int i = 0; i < 400; ++i) {
      const std::string line = toy_line(draw);
      file << "{\"text\": \"" << line << "\"}\n";
      trainer.add(line);
    }
    file << "{\"messages\": [{\"role\": \"user\", \"content\": \"who?\"}, {\"role\": "
            "\"assistant\", \"content\": \"the cat\"}]}\n";
    file.close();
    counts_ =
        write_token_corpus({directory_ / "text.jsonl"}, trainer.train(), directory_ / "data", 0.1);
    settings_.data = directory_ / "data";
    settings_.run = directory_ / "run";
    settings_.rows = 8;
    settings_.micro_rows = 4;
    settings_.length = 48;
    settings_.validate_every = 1000000;
    settings_.log_every = 50;
    settings_.model.layers = 2;
    settings_.model.width = 48;
    settings_.model.heads = 3;
    settings_.model.kv_heads = 1;
    settings_.model.head_size = 16;
    settings_.model.feed_forward = 96;
    settings_.model.mixture.experts = 8;
    settings_.model.mixture.top_k = 2;
    settings_.model.mixture.expert_width = 24;
    settings_.model.mixture.shared_width = 48;
    settings_.balance_rate = 0.01;
    settings_.optimizer.learning_rate = 3e-3;
    settings_.optimizer.muon = true;
    settings_.schedule = {100000, 10, 0, Cooldown::kCosine, 0.02};
  }
  ~LmTrainingTest() override { std::filesystem::remove_all(directory_); }

  LmRunSettings in(const std::string& run) const {
    LmRunSettings settings = settings_;
    settings.run = directory_ / run;
    return settings;
  }
  static double largest_difference(const LmTraining& a, const LmTraining& b) {
    double largest = 0;
    for (size_t i = 0; i < a.parameters().all().size(); ++i) {
      largest = std::max(largest, (a.parameters().all()[i].value - b.parameters().all()[i].value)
                                      .abs()
                                      .max()
                                      .item<double>());
    }
    return largest;
  }

  static inline const std::atomic<bool> never_ = false;
  std::filesystem::path directory_;
  CorpusCounts counts_;
  LmRunSettings settings_;
};

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
      settings.rank = rank;
      settings.processes = 2;
      settings.rendezvous = "127.0.0.1:" + port;
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
