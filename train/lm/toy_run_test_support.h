// A toy corpus and settings that a test trains in seconds.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/temporary_directory.h"
#include "train/core/draw.h"
#include "train/lm/corpus.h"
#include "train/lm/training.h"

namespace myna::train {

// Sentences of a small grammar: there is something to learn, and it is not one sentence.
inline std::string toy_line(Draw& draw) {
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

class LmToyRun : public testing::Test {
 protected:
  LmToyRun() {
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
  const test_support::TemporaryDirectory own_;
  const std::filesystem::path& directory_ = own_.path();
  CorpusCounts counts_;
  LmRunSettings settings_;
};

}  // namespace myna::train
