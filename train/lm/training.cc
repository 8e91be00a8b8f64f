#include "train/lm/training.h"

#include <ATen/Parallel.h>

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "train/core/autocast.h"
#include "train/core/checkpoint.h"
#include "train/core/draw.h"
#include "train/core/run_log.h"
#include "train/lm/exchange.h"
#include "train/lm/tokenizer.h"

namespace myna::train {
namespace {

using Json = nlohmann::json;

LmRunSettings checked(LmRunSettings settings, const TokenShards& shards) {
  settings.model.vocabulary = std::max(settings.model.vocabulary, shards.vocabulary());
  const int processes = settings.launch.processes;
  if (settings.rows < 1 || settings.length < 2 || settings.micro_rows < 1 ||
      settings.rows % processes != 0 || settings.rows / processes % settings.micro_rows != 0) {
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
  if (settings.objective != "next" && settings.objective != "dpo") {
    throw Error(ErrorCode::kInvalidArgument,
                "objective is next or dpo, not '" + settings.objective + "'");
  }
  if ((settings.objective == "dpo") != shards.pairs()) {
    throw Error(ErrorCode::kInvalidArgument,
                shards.pairs() ? "the data is of pairs of answers, for objective=dpo alone"
                               : "objective=dpo needs data of pairs of answers",
                "myna-train tokens makes them of lines with chosen and rejected");
  }
  if (settings.objective == "dpo" && !settings.teacher.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "objective=dpo learns from no teacher");
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

}  // namespace

LmTraining::Frozen::Frozen(uint64_t seed, at::Device device, const LmSizes& sizes,
                           const ProcessGroup* experts, const std::filesystem::path& directory)
    : parameters(seed, device), model(parameters, sizes, experts) {
  if (!directory.empty()) load_lm_weights(directory, parameters, sizes);
}

LmTraining::~LmTraining() = default;

LmTraining::LmTraining(const LmRunSettings& settings)
    : settings_(settings),
      device_(settings.device),
      shards_(settings.data),
      parallel_((settings_ = checked(settings, shards_)).launch,
                {settings.expert_parallel, settings.timeout_s, device_}),
      parameters_(settings.seed, device_),
      model_(parameters_, settings_.model, parallel_.experts()),
      optimizer_(parameters_, settings.optimizer, parallel_,
                 settings.shard_optimizer ? Optimizer::State::kSharded : Optimizer::State::kWhole) {
  freeze();
  at::set_num_threads(settings.threads);
  open_data();
  if (!settings.teacher.empty()) {
    const LmSizes sizes = read_lm_config(settings.teacher);
    if (sizes.vocabulary != settings_.model.vocabulary) {
      throw Error(ErrorCode::kInvalidArgument, "the teacher has another vocabulary");
    }
    teacher_ = std::make_unique<Frozen>(0, device_, sizes, nullptr, settings.teacher);
  }
  if (prefers()) {
    reference_ = std::make_unique<Frozen>(settings.seed, device_, settings_.model,
                                          parallel_.experts(), settings.initial);
  }
  begin();
}

void LmTraining::open_data() {
  const LmRunSettings& s = settings_;
  const auto& training = shards_.training();
  const auto& validation = shards_.validation();
  if (shards_.pairs()) {
    pairs_ = std::make_unique<PreferencePairs>(training, s.length, s.seed);
    if (!validation.empty()) {
      validation_pairs_ = std::make_unique<PreferencePairs>(validation, s.length, s.seed);
    }
  } else {
    const Packing packing = packing_of(s.packing);
    rows_ = std::make_unique<PackedRows>(training, s.length, packing, s.seed);
    if (!validation.empty()) {
      validation_ = std::make_unique<PackedRows>(validation, s.length, packing, s.seed);
    }
  }
  if (!std::filesystem::exists(s.data / "tokenizer.json")) return;
  const Tokenizer tokenizer = Tokenizer::load(s.data / "tokenizer.json");
  for (size_t i = 0; i < tokenizer.size(); ++i) {
    token_bytes_.push_back(static_cast<double>(tokenizer.bytes_of(static_cast<Token>(i)).size()));
  }
}

void LmTraining::begin() {
  std::filesystem::create_directories(settings_.run);
  std::vector<std::string> problems;
  if (const auto info = load_checkpoint(settings_.run, parameters_, optimizer_, problems)) {
    step_ = info->step;
  } else if (!settings_.initial.empty()) {
    load_lm_weights(settings_.initial, parameters_, settings_.model);
    optimizer_.restart_ema();
  }
  warn_of_problems(problems, shards_.skipped());
  require_same_run();
  const int64_t rows = prefers() ? pairs_->count() : rows_->count();
  const double state_mb = static_cast<double>(optimizer_.state_bytes()) / (1 << 20);
  log(Json{{"event", "start"},
           {"step", step_},
           {"parameters", parameters_.count()},
           {"exchange", std::string(parallel_.exchange())},
           {"active_parameters", settings_.model.active_parameters()},
           {"optimizer_mb", state_mb},
           {"shards", shards_.shard_count()},
           {"skipped_shards", shards_.skipped().size()},
           {"documents", shards_.training().size()},
           {"rows_an_epoch", rows},
           {"settings", Json::parse(settings_.to_json())}}
          .dump());
  std::printf("%ld parameters, %ld active a token, %zu documents in %ld rows, step %ld\n",
              parameters_.count(), settings_.model.active_parameters(), shards_.training().size(),
              rows, step_);
  std::printf("rank %d of %d: %.2f MB of optimiser state\n", parallel_.rank(), parallel_.count(),
              state_mb);
  std::fflush(stdout);
}

// Processes that see other settings or another checkpoint would train something else, unnoticed.
void LmTraining::require_same_run() const {
  if (parallel_.all() == nullptr) return;
  LmRunSettings common = settings_;
  common.launch.rank = 0;
  common.run = common.data = common.initial = common.teacher = common.device = "";
  common.threads = 1;
  const Tensor own =
      at::tensor({static_cast<int64_t>(hash_of(common.to_json())), shards_.vocabulary(),
                  static_cast<int64_t>(shards_.training().size()), step_},
                 at::kLong);
  const Tensor all = parallel_.all()->gather(own);
  const char* what[] = {"settings", "vocabularies", "data", "checkpoints"};
  for (int64_t other = 0; other < all.size(0); ++other) {
    for (int64_t i = 0; i < 4; ++i) {
      if (all[other][i].item<int64_t>() == all[0][i].item<int64_t>()) continue;
      throw Error(ErrorCode::kInvalidArgument,
                  "rank " + std::to_string(other) + " has other " + what[i] + " than rank 0");
    }
  }
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
  const int64_t first = step * settings_.rows;
  return prefers() ? pairs_->batch(first, settings_.rows) : rows_->batch(first, settings_.rows);
}

LmBatch LmTraining::micro_batch(int64_t part) const {
  const int64_t first = step_ * settings_.rows +
                        parallel_.rank() * (settings_.rows / parallel_.count()) +
                        part * settings_.micro_rows;
  return (prefers() ? pairs_->batch(first, settings_.micro_rows)
                    : rows_->batch(first, settings_.micro_rows))
      .to(device_);
}

Distillation LmTraining::distillation() const {
  if (!teacher_) return {};
  return {&teacher_->model, settings_.teacher_share, settings_.teacher_temperature};
}

double LmTraining::loss_of(int64_t step) const {
  at::NoGradGuard no_grad;
  const LmBatch batch = rows_of(step).to(device_);
  if (prefers()) {
    return preference_losses(model_, reference_->model, batch, settings_.preference_beta,
                             settings_.rows, 1, LmModel::Activations::kKept)
               .loss.item<double>() /
           static_cast<double>(settings_.rows);
  }
  const int64_t targets = count_targets(batch);
  const LmLosses losses = lm_losses(model_, batch, targets, 1, LmModel::Activations::kKept);
  return losses.nll.item<double>() / static_cast<double>(targets);
}

// The gradients of one micro-batch; its losses are added to `sums`. Returns the experts' loads.
Tensor LmTraining::backward_of(const LmBatch& batch, int64_t targets, int64_t parts, Sums& sums) {
  const int64_t all_parts = parts * parallel_.count();
  const auto activations =
      settings_.recompute ? LmModel::Activations::kRecomputed : LmModel::Activations::kKept;
  const auto number = [](const Tensor& value) { return value.detach().item<double>(); };
  Tensor total, loads;
  {
    const Autocast autocast(device_, half(settings_));
    if (prefers()) {
      const PreferenceLosses losses =
          preference_losses(model_, reference_->model, batch, settings_.preference_beta,
                            settings_.rows, all_parts, activations);
      total = losses.total;
      loads = losses.expert_loads;
      sums.preference += number(losses.loss);
      sums.chosen += number(losses.chosen);
      sums.rejected += number(losses.rejected);
      sums.preferred += number(losses.preferred);
    } else {
      const LmLosses losses =
          lm_losses(model_, batch, targets, all_parts, activations, distillation());
      total = losses.total;
      loads = losses.expert_loads;
      sums.nll += number(losses.nll);
      if (losses.divergence.defined()) sums.divergence += number(losses.divergence);
    }
    sums.loss += number(total);
  }
  // Gradients are averaged over the processes, and each has a part of the targets.
  (total * static_cast<double>(parallel_.count())).backward();
  return loads;
}

void LmTraining::add_over_processes(Sums& sums) const {
  if (parallel_.count() == 1) return;
  const auto fields = sums.of_processes();
  Tensor values = at::empty({static_cast<int64_t>(fields.size())}, at::kFloat);
  for (size_t i = 0; i < fields.size(); ++i) values[static_cast<int64_t>(i)] = *fields[i];
  parallel_.average(values);
  for (size_t i = 0; i < fields.size(); ++i) {
    *fields[i] = values[static_cast<int64_t>(i)].item<double>() * parallel_.count();
  }
}

void LmTraining::stop_not_finite() const {
  const LmBatch all = rows_of(step_);
  const std::filesystem::path path = settings_.run / "not-finite.safetensors";
  if (parallel_.is_first()) {
    save_tensors(path, {{"tokens", all.tokens}, {"targets", all.targets}},
                 {{"step", std::to_string(step_)}});
  }
  throw Error(ErrorCode::kCorruptData,
              "the loss of step " + std::to_string(step_) + " is not finite",
              "the batch is in " + path.string());
}

void LmTraining::train_step(bool stop) {
  const int64_t parts = settings_.rows / settings_.launch.processes / settings_.micro_rows;
  const int64_t targets = prefers() ? settings_.rows : count_targets(rows_of(step_));
  Sums step;
  step.stop = stop ? 1 : 0;
  loads_ = Tensor();
  for (int64_t part = 0; part < parts; ++part) {
    const Tensor loads = backward_of(micro_batch(part), targets, parts, step);
    if (!loads.defined()) continue;
    loads_ = loads_.defined() ? loads_ + loads.to(at::kCPU) : loads.to(at::kCPU);
  }
  parallel_.average_gradients(parameters_);
  add_over_processes(step);
  if (loads_.defined()) parallel_.average(loads_);
  stop_ = step.stop > 0;
  if (!std::isfinite(step.loss)) stop_not_finite();
  const double norm = optimizer_.step(step_, settings_.schedule.factor(step_));
  if (!std::isfinite(norm)) stop_not_finite();
  if (loads_.defined()) {
    worst_load_ = (std::get<0>(loads_.max(1)) / loads_.mean(1)).max().item<double>();
    for (size_t i = 0; i < model_.mixtures().size(); ++i) {
      model_.mixtures()[i].balance(loads_[static_cast<int64_t>(i)].to(device_),
                                   settings_.balance_rate * settings_.schedule.factor(step_));
    }
  }
  const auto into = sums_.of_processes(), from = step.of_processes();
  for (size_t i = 0; i < into.size(); ++i) *into[i] += *from[i];
  sums_.targets += static_cast<double>(targets);
  sums_.tokens += static_cast<double>(settings_.rows * settings_.length);
  sums_.norm += norm;
  ++sums_.steps;
  ++step_;
}

void LmTraining::save() {
  save_checkpoint(settings_.run, parameters_, optimizer_, {step_, settings_.to_json(), {}});
}

void LmTraining::save_model(const std::filesystem::path& directory) {
  optimizer_.with_ema([&] { save_lm(directory, parameters_, settings_.model); });
}

void LmTraining::run(const std::atomic<bool>& stop, int64_t last_step) {
  const int64_t end =
      last_step > 0 ? std::min(last_step, settings_.schedule.total) : settings_.schedule.total;
  double window_start = now_s();
  // Several processes stop behind the same step.
  while (step_ < end && !stop_ && !(stop && parallel_.count() == 1)) {
    train_step(stop);
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
