// What a run says of itself: the losses of its steps, and those of what was kept apart.
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "train/core/autocast.h"
#include "train/core/run_log.h"
#include "train/lm/training.h"

namespace myna::train {
namespace {

using Json = nlohmann::json;

}  // namespace

void LmTraining::log_training(double seconds) {
  const auto steps = static_cast<double>(sums_.steps);
  Json json{{"event", "train"},
            {"step", step_},
            {"loss", sums_.loss / steps},
            {"gradient_norm", sums_.norm / steps},
            {"rate_factor", settings_.schedule.factor(step_ - 1)},
            {"tokens_per_s", sums_.tokens / seconds},
            {"memory_mb", peak_memory_mb()}};
  char text[160];
  if (prefers()) {
    const double pairs = sums_.targets, accuracy = sums_.preferred / pairs;
    json["preference_loss"] = sums_.preference / pairs;
    json["accuracy"] = accuracy;
    json["reward_margin"] = (sums_.chosen - sums_.rejected) / pairs;
    json["chosen_reward"] = sums_.chosen / pairs;
    json["rejected_reward"] = sums_.rejected / pairs;
    std::snprintf(text, sizeof text, "loss %.4f, %.0f %% preferred, margin %.3f, norm %.2f",
                  sums_.preference / pairs, 100 * accuracy, (sums_.chosen - sums_.rejected) / pairs,
                  sums_.norm / steps);
  } else {
    json["nats"] = sums_.nll / sums_.targets;
    std::snprintf(text, sizeof text, "%.4f nats, norm %.2f, %.0f tokens a second",
                  sums_.nll / sums_.targets, sums_.norm / steps, sums_.tokens / seconds);
  }
  if (teacher_) json["divergence"] = sums_.divergence / sums_.targets;
  if (loads_.defined()) {
    const Tensor share = loads_ / loads_.sum(1, true);
    const Tensor entropy =
        -(share * (share + 1e-12).log()).sum(1) / std::log(static_cast<double>(share.size(1)));
    json["worst_load"] = worst_load_;
    json["least_load"] = (std::get<0>(loads_.min(1)) / loads_.mean(1)).min().item<double>();
    json["load_entropy"] = entropy.mean().item<double>();
    json["dropped_tokens"] = 0;  // by construction
  }
  log(json.dump());
  if (parallel_.is_first()) {
    std::printf("step %ld %s, %.0f MB", step_, text, peak_memory_mb());
    if (loads_.defined()) std::printf(", worst load %.2f", worst_load_);
    std::printf("\n");
    std::fflush(stdout);
  }
  sums_ = {};
}

// Of the running means; bits a byte where the tokenizer is known. Each process has its part.
void LmTraining::validate() {
  if (!validation_ && !validation_pairs_) return;
  const int64_t rows = std::min(settings_.validation_rows,
                                prefers() ? validation_pairs_->count() : validation_->count());
  optimizer_.with_ema([&] {
    Sums sums;
    double targets = 0, bytes = 0;
    for (int64_t first = 0; first < rows; first += parallel_.count()) {
      // With experts elsewhere every forward pass is one of all processes.
      const int64_t row = first + parallel_.rank();
      const bool counts = row < rows;
      const Autocast autocast(device_,
                              settings_.bfloat16 ? Autocast::Wanted::kYes : Autocast::Wanted::kNo);
      if (prefers()) {
        const LmBatch batch = validation_pairs_->batch(counts ? row : 0, 1).to(device_);
        const PreferenceLosses losses =
            preference_losses(model_, reference_->model, batch, settings_.preference_beta, 1, 1,
                              LmModel::Activations::kKept);
        if (!counts) continue;
        sums.preference += losses.loss.item<double>();
        sums.chosen += losses.chosen.item<double>();
        sums.rejected += losses.rejected.item<double>();
        sums.preferred += losses.preferred.item<double>();
        continue;
      }
      const LmBatch batch = validation_->batch(counts ? row : 0, 1);
      const LmLosses losses =
          lm_losses(model_, batch.to(device_), 1, 1, LmModel::Activations::kKept);
      if (!counts) continue;
      sums.nll += losses.nll.item<double>();
      targets += static_cast<double>(count_targets(batch));
      const int64_t* token = batch.targets.data_ptr<int64_t>();
      for (int64_t i = 0; i < batch.targets.numel(); ++i) {
        if (token[i] >= 0 && static_cast<size_t>(token[i]) < token_bytes_.size()) {
          bytes += token_bytes_[static_cast<size_t>(token[i])];
        }
      }
    }
    // Two fields that a validation has no other use for.
    sums.loss = targets;
    sums.divergence = bytes;
    add_over_processes(sums);
    targets = sums.loss;
    bytes = sums.divergence;
    Json json{{"event", "validation"}, {"step", step_}};
    if (prefers()) {
      const auto pairs = static_cast<double>(rows);
      json["preference_loss"] = sums.preference / pairs;
      json["accuracy"] = sums.preferred / pairs;
      json["reward_margin"] = (sums.chosen - sums.rejected) / pairs;
    } else {
      if (targets == 0) return;
      json["nats"] = sums.nll / targets;
      if (bytes > 0) json["bits_per_byte"] = sums.nll / std::log(2.0) / bytes;
    }
    if (!parallel_.is_first()) return;
    log(json.dump());
    std::printf("validation %s\n", json.dump().c_str());
    std::fflush(stdout);
  });
}

}  // namespace myna::train
