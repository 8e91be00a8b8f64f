#include "train/lm/training.h"

#include <ATen/Parallel.h>

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "train/core/autocast.h"
#include "train/core/checkpoint.h"
#include "train/core/run_log.h"
#include "train/lm/exchange.h"
#include "train/lm/tokenizer.h"

namespace myna::train {
namespace {

using Json = nlohmann::json;

LmRunSettings checked(LmRunSettings settings, const TokenShards& shards) {
  settings.model.vocabulary = std::max(settings.model.vocabulary, shards.vocabulary());
  const int64_t own = settings.rows / std::max(1, settings.processes);
  if (settings.rows < 1 || settings.length < 2 || settings.micro_rows < 1 ||
      settings.rows % settings.processes != 0 || own % settings.micro_rows != 0) {
    throw Error(ErrorCode::kInvalidArgument,
                "rows must be a multiple of processes * micro_rows, and length at least 2");
  }
  if (settings.model.heads % settings.model.kv_heads != 0) {
    throw Error(ErrorCode::kInvalidArgument, "model.heads must be a multiple of model.kv_heads");
  }
  const MixtureSizes& mixture = settings.model.mixture;
  if (mixture.experts > 0 && (mixture.top_k < 1 || mixture.top_k > mixture.experts)) {
    throw Error(ErrorCode::kInvalidArgument, "mixture.top_k must be from 1 to mixture.experts");
  }
  return settings;
}

Packing packing_of(const std::string& name) {
  if (name == "stream") return Packing::kStream;
  if (name == "whole") return Packing::kWhole;
  throw Error(ErrorCode::kInvalidArgument, "packing is stream or whole, not '" + name + "'");
}

Autocast::Wanted half(const LmRunSettings& settings) {
  return settings.bfloat16 ? Autocast::Wanted::kYes : Autocast::Wanted::kNo;
}

LmBatch rows_from(const LmBatch& batch, int64_t begin, int64_t count) {
  return {batch.tokens.narrow(0, begin, count), batch.targets.narrow(0, begin, count),
          batch.document.narrow(0, begin, count)};
}

}  // namespace

struct LmTraining::Teacher {
  Teacher(const std::filesystem::path& directory, at::Device device)
      : parameters(0, device), model(parameters, read_lm_config(directory)) {
    load_lm_weights(directory, parameters, model.sizes());
  }
  Parameters parameters;
  LmModel model;
};

LmTraining::~LmTraining() = default;

LmTraining::LmTraining(const LmRunSettings& settings)
    : settings_(settings),
      device_(settings.device),
      shards_(settings.data),
      rows_(shards_.training(), settings.length, packing_of(settings.packing), settings.seed),
      parallel_(settings.rank, settings.processes, settings.rendezvous),
      parameters_(settings.seed, device_),
      model_(parameters_, (settings_ = checked(settings, shards_)).model),
      optimizer_(parameters_, settings.optimizer) {
  freeze();
  at::set_num_threads(settings.threads);
  if (!shards_.validation().empty()) {
    validation_ = std::make_unique<PackedRows>(shards_.validation(), settings.length,
                                               packing_of(settings.packing), settings.seed);
  }
  if (!settings.teacher.empty()) {
    teacher_ = std::make_unique<Teacher>(settings.teacher, device_);
    if (teacher_->model.sizes().vocabulary != settings_.model.vocabulary) {
      throw Error(ErrorCode::kInvalidArgument, "the teacher has another vocabulary");
    }
  }
  if (std::filesystem::exists(settings.data / "tokenizer.json")) {
    const Tokenizer tokenizer = Tokenizer::load(settings.data / "tokenizer.json");
    for (size_t i = 0; i < tokenizer.size(); ++i) {
      token_bytes_.push_back(static_cast<double>(tokenizer.bytes_of(static_cast<Token>(i)).size()));
    }
  }
  std::filesystem::create_directories(settings_.run);
  std::vector<std::string> problems;
  if (const auto info = load_checkpoint(settings_.run, parameters_, optimizer_, problems)) {
    step_ = info->step;
  } else if (!settings.initial.empty()) {
    load_lm_weights(settings.initial, parameters_, settings_.model);
    optimizer_.restart_ema();
  }
  warn_of_problems(problems, shards_.skipped());
  log(Json{{"event", "start"},
           {"step", step_},
           {"parameters", parameters_.count()},
           {"active_parameters", settings_.model.active_parameters()},
           {"shards", shards_.shard_count()},
           {"skipped_shards", shards_.skipped().size()},
           {"documents", shards_.training().size()},
           {"rows_an_epoch", rows_.count()},
           {"settings", Json::parse(settings_.to_json())}}
          .dump());
  std::printf("%ld parameters, %ld active a token, %zu documents in %ld rows, step %ld\n",
              parameters_.count(), settings_.model.active_parameters(), shards_.training().size(),
              rows_.count(), step_);
}

// The balance of experts is no gradient's work, and "experts" leaves all else as it is.
void LmTraining::freeze() {
  if (settings_.trained != "all" && settings_.trained != "experts") {
    throw Error(ErrorCode::kInvalidArgument, "trained is all or experts");
  }
  for (const Parameter& parameter : parameters_.all()) {
    const std::string& name = parameter.name;
    const bool bias = name.ends_with("e_score_correction_bias");
    const bool expert = name.find(".mlp.gate.") != std::string::npos ||
                        name.find(".mlp.experts.") != std::string::npos;
    if (bias || (settings_.trained == "experts" && !expert)) {
      Tensor value = parameter.value;
      value.set_requires_grad(false);
    }
  }
}

void LmTraining::log(const std::string& json) const {
  if (!parallel_.is_first()) return;
  append_metrics(settings_.run, json);
}

LmBatch LmTraining::rows_of(int64_t step) const {
  return rows_.batch(step * settings_.rows, settings_.rows);
}

Distillation LmTraining::distillation() const {
  if (!teacher_) return {};
  return {&teacher_->model, settings_.teacher_share, settings_.teacher_temperature};
}

double LmTraining::loss_of(int64_t step) const {
  at::NoGradGuard no_grad;
  const LmBatch batch = rows_of(step);
  const int64_t targets = count_targets(batch);
  const LmLosses losses =
      lm_losses(model_, batch.to(device_), targets, 1, LmModel::Activations::kKept);
  return losses.nll.item<double>() / static_cast<double>(targets);
}

void LmTraining::train_step() {
  const LmBatch all = rows_of(step_);
  const int64_t own = settings_.rows / settings_.processes, targets = count_targets(all);
  const int64_t parts = own / settings_.micro_rows;
  Tensor numbers = at::zeros({3}, at::kFloat);  // loss, nll, divergence
  loads_ = Tensor();
  for (int64_t part = 0; part < parts; ++part) {
    const LmBatch batch =
        rows_from(all, parallel_.rank() * own + part * settings_.micro_rows, settings_.micro_rows)
            .to(device_);
    Tensor total;
    {
      const Autocast autocast(device_, half(settings_));
      const LmLosses losses = lm_losses(
          model_, batch, targets, parts * settings_.processes,
          settings_.recompute ? LmModel::Activations::kRecomputed : LmModel::Activations::kKept,
          distillation());
      // Gradients are averaged over the processes, and each has a part of the targets.
      total = losses.total * static_cast<double>(settings_.processes);
      numbers[0] += total.detach().to(at::kCPU);
      numbers[1] += losses.nll.to(at::kCPU) * settings_.processes;
      if (losses.divergence.defined()) {
        numbers[2] += losses.divergence.to(at::kCPU) * settings_.processes;
      }
      if (losses.expert_loads.defined()) {
        const Tensor loads = losses.expert_loads.to(at::kCPU);
        loads_ = loads_.defined() ? loads_ + loads : loads;
      }
    }
    total.backward();
  }
  parallel_.average_gradients(parameters_);
  parallel_.average(numbers);
  if (loads_.defined()) parallel_.average(loads_);
  const double loss = numbers[0].item<double>();
  const double norm =
      std::isfinite(loss) ? optimizer_.step(step_, settings_.schedule.factor(step_)) : loss;
  if (!std::isfinite(loss) || !std::isfinite(norm)) {
    const std::filesystem::path path = settings_.run / "not-finite.safetensors";
    save_tensors(path, {{"tokens", all.tokens}, {"targets", all.targets}},
                 {{"step", std::to_string(step_)}});
    throw Error(ErrorCode::kCorruptData,
                "the loss of step " + std::to_string(step_) + " is not finite",
                "the batch is in " + path.string());
  }
  if (loads_.defined()) {
    worst_load_ = (std::get<0>(loads_.max(1)) / loads_.mean(1)).max().item<double>();
    for (size_t i = 0; i < model_.mixtures().size(); ++i) {
      model_.mixtures()[i].balance(loads_[static_cast<int64_t>(i)].to(device_),
                                   settings_.balance_rate * settings_.schedule.factor(step_));
    }
  }
  sums_.loss += loss;
  sums_.nll += numbers[1].item<double>();
  sums_.divergence += numbers[2].item<double>();
  sums_.targets += static_cast<double>(targets);
  sums_.tokens += static_cast<double>(settings_.rows * settings_.length);
  sums_.norm += norm;
  ++sums_.steps;
  ++step_;
}

void LmTraining::log_training(double seconds) {
  const auto steps = static_cast<double>(sums_.steps);
  Json json{{"event", "train"},
            {"step", step_},
            {"loss", sums_.loss / steps},
            {"nats", sums_.nll / sums_.targets},
            {"gradient_norm", sums_.norm / steps},
            {"rate_factor", settings_.schedule.factor(step_ - 1)},
            {"tokens_per_s", sums_.tokens / seconds},
            {"memory_mb", peak_memory_mb()}};
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
    std::printf("step %ld %.4f nats, norm %.2f, %.0f tokens a second, %.0f MB", step_,
                sums_.nll / sums_.targets, sums_.norm / steps, sums_.tokens / seconds,
                peak_memory_mb());
    if (loads_.defined()) std::printf(", worst load %.2f", worst_load_);
    std::printf("\n");
    std::fflush(stdout);
  }
  sums_ = {};
}

// Of the running means; bits a byte where the tokenizer is known.
void LmTraining::validate() {
  if (!parallel_.is_first() || !validation_) return;
  optimizer_.with_ema([&] {
    double nll = 0, targets = 0, bytes = 0;
    const int64_t rows = std::min(settings_.validation_rows, validation_->count());
    for (int64_t row = 0; row < rows; ++row) {
      const LmBatch batch = validation_->batch(row, 1);
      const Autocast autocast(device_, half(settings_));
      nll += lm_losses(model_, batch.to(device_), 1, 1, LmModel::Activations::kKept)
                 .nll.item<double>();
      targets += static_cast<double>(count_targets(batch));
      const int64_t* token = batch.targets.data_ptr<int64_t>();
      for (int64_t i = 0; i < batch.targets.numel(); ++i) {
        if (token[i] >= 0 && static_cast<size_t>(token[i]) < token_bytes_.size()) {
          bytes += token_bytes_[static_cast<size_t>(token[i])];
        }
      }
    }
    if (targets == 0) return;
    Json json{{"event", "validation"}, {"step", step_}, {"nats", nll / targets}};
    if (bytes > 0) json["bits_per_byte"] = nll / std::log(2.0) / bytes;
    log(json.dump());
    std::printf("validation %s\n", json.dump().c_str());
    std::fflush(stdout);
  });
}

void LmTraining::save() {
  if (parallel_.is_first()) {
    save_checkpoint(settings_.run, parameters_, optimizer_, {step_, settings_.to_json(), {}});
  }
}

void LmTraining::save_model(const std::filesystem::path& directory) {
  optimizer_.with_ema([&] { save_lm(directory, parameters_, settings_.model); });
}

void LmTraining::run(const std::atomic<bool>& stop, int64_t last_step) {
  const int64_t end =
      last_step > 0 ? std::min(last_step, settings_.schedule.total) : settings_.schedule.total;
  double window_start = now_s();
  while (step_ < end && !stop) {
    train_step();
    if (step_ % settings_.log_every == 0 || step_ == end) {
      log_training(now_s() - window_start);
      window_start = now_s();
    }
    if (step_ % settings_.validate_every == 0) validate();
    if (step_ % settings_.save_every == 0 && step_ < end) save();
  }
  save();
}

}  // namespace myna::train
