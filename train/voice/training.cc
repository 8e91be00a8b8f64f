#include "train/voice/training.h"

#include <ATen/Parallel.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "train/core/autocast.h"
#include "train/core/checkpoint.h"
#include "train/core/draw.h"
#include "train/core/run_log.h"
#include "train/core/settings_fields.h"
#include "train/voice/initial.h"
#include "train/voice/rendering.h"

namespace myna::train {
namespace {

using Json = nlohmann::json;

VoiceRunSettings checked(VoiceRunSettings settings, const VoiceShards& shards) {
  settings.model.speakers = static_cast<int64_t>(shards.speakers().size());
  if (settings.items < 1 || settings.items % settings.launch.processes != 0 ||
      settings.prosody_items < 0 || settings.prosody_items % settings.launch.processes != 0 ||
      settings.frames < 10) {
    throw Error(
        ErrorCode::kInvalidArgument,
        "items and prosody_items must be multiples of the processes, and frames at least 10");
  }
  if (settings.trained != "all" && settings.trained != "decoder") {
    throw Error(ErrorCode::kInvalidArgument,
                "trained is '" + settings.trained + "', not all or decoder");
  }
  require_within("losses.phase_top_hz", settings.losses.phase_top_hz, 0, 8000);
  require_within("losses.spread_top_hz", settings.losses.spread_top_hz, 1000, 12000);
  if (settings.bfloat16 && !has_fast_bfloat16(settings.device)) {
    std::printf("no products in bfloat16 on this CPU: float\n");
    settings.bfloat16 = false;
  }
  return settings;
}

}  // namespace

VoiceTraining::VoiceTraining(const VoiceRunSettings& settings)
    : settings_(settings),
      device_(settings.device),
      shards_(settings.data),
      parallel_(settings.launch, {1, 600, device_}),
      parameters_(settings.seed, device_),
      model_(parameters_, (settings_ = checked(settings, shards_)).model),
      objective_(model_, settings.losses,
                 settings_.bfloat16 ? VoiceObjective::Arithmetic::kBfloat16
                                    : VoiceObjective::Arithmetic::kFloat32,
                 device_),
      optimizer_(parameters_, settings.optimizer) {
  at::set_num_threads(settings.threads);
  for (size_t i = 0; i < shards_.training().size(); ++i) {
    const VoiceUtterance& utterance = shards_.training()[i];
    if (utterance.frames() < static_cast<size_t>(settings_.frames)) continue;
    (utterance.audio.empty() ? without_audio_ : usable_).push_back(i);
  }
  if (usable_.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "no training utterance with audio has " +
                                                 std::to_string(settings_.frames) + " frames");
  }
  std::filesystem::create_directories(settings_.run);
  load();
  freeze();
  log(Json{{"event", "start"},
           {"step", step_},
           {"parameters", parameters_.count()},
           {"exchange", std::string(parallel_.exchange())},
           {"shards", shards_.shard_count()},
           {"skipped_shards", shards_.skipped_shards()},
           {"utterances", usable_.size()},
           {"utterances_without_audio", without_audio_.size()},
           {"seconds", shards_.training_seconds()},
           {"settings", Json::parse(settings_.to_json())}}
          .dump());
  std::printf(
      "%ld parameters, %zu utterances (%.2f h), %zu of prosody alone, of %zu shards (%zu skipped), "
      "step %ld\n",
      parameters_.count(), usable_.size(), shards_.training_seconds() / 3600, without_audio_.size(),
      shards_.shard_count(), shards_.skipped_shards(), step_);
}

void VoiceTraining::load() {
  std::vector<std::string> problems;
  if (const auto info = load_checkpoint(settings_.run, parameters_, optimizer_, problems)) {
    step_ = info->step;
  } else if (!settings_.initial.empty()) {
    step_ = load_voice_package(settings_.initial, parameters_, shards_.speakers(),
                               shards_.vocabulary());
    optimizer_.restart_ema();
  }
  if (settings_.adversary.on()) {
    adversary_.emplace(settings_.adversary, settings_.seed, device_, settings_.bfloat16);
    if (!adversary_->load(settings_.run, step_, problems) && step_ > 0) {
      std::printf("the discriminators begin anew at step %ld\n", step_);
    }
  }
  warn_of_problems(problems, shards_.skipped());
}

// What is not trained is what its running mean was.
void VoiceTraining::freeze() {
  if (settings_.trained == "all") return;
  at::NoGradGuard no_grad;
  for (size_t i = 0; i < parameters_.all().size(); ++i) {
    const Parameter& parameter = parameters_.all()[i];
    if (parameter.name.starts_with("decoder.")) continue;
    Tensor value = parameter.value;
    value.copy_(optimizer_.states()[i].ema);
    value.set_requires_grad(false);
  }
}

void VoiceTraining::log(const std::string& json) const {
  if (!parallel_.is_first()) return;
  append_metrics(settings_.run, json);
}

VoiceBatch VoiceTraining::batch_of(int64_t step) const {
  Draw draw(settings_.seed, static_cast<uint64_t>(step));
  std::vector<Segment> segments;
  const auto frames = static_cast<size_t>(settings_.frames);
  const auto add = [&](const std::vector<size_t>& from, int64_t own) {
    for (int64_t i = 0; i < own * settings_.launch.processes; ++i) {
      const VoiceUtterance& utterance = shards_.training()[from[draw.below(from.size())]];
      const size_t begin = draw.below(utterance.frames() - frames + 1);
      if (i / own == parallel_.rank()) segments.push_back({&utterance, begin, frames});
    }
  };
  add(usable_, own_items());
  add(without_audio_, own_prosody_items());
  return make_batch(segments, static_cast<size_t>(own_items())).to(device_);
}

std::vector<std::pair<std::string, double>> VoiceTraining::losses_of(int64_t step) const {
  at::NoGradGuard no_grad;
  const Tensor noise = draw_noise(settings_.seed, step, parallel_.rank() * own_items(), own_items(),
                                  settings_.frames)
                           .to(device_);
  const Losses losses = objective_(batch_of(step), noise);
  std::vector<std::pair<std::string, double>> values = {{"total", losses.total.item<double>()}};
  for (const NamedLoss& part : losses.parts) {
    values.emplace_back(part.name, part.value.item<double>());
  }
  return values;
}

void VoiceTraining::train_step() {
  const VoiceBatch batch = batch_of(step_);
  const Tensor noise = draw_noise(settings_.seed, step_, parallel_.rank() * own_items(),
                                  own_items(), settings_.frames)
                           .to(device_);
  Losses losses = objective_(batch, noise);
  std::optional<Adversary::Heard> heard;
  if (adversary_) heard = hear_adversary(losses);
  // Not those of the discriminators.
  std::vector<Tensor> trained;
  for (const Parameter& parameter : parameters_.all()) {
    if (parameter.value.requires_grad()) trained.push_back(parameter.value);
  }
  torch::autograd::backward({losses.total}, {}, heard.has_value(), false, trained);
  parallel_.average_gradients(parameters_);
  std::vector<Tensor> values = {losses.total.detach()};
  for (const NamedLoss& part : losses.parts) values.push_back(part.value);
  Tensor numbers = at::stack(values).to(at::kCPU, at::kFloat);
  parallel_.average(numbers);
  const double total = numbers[0].item<double>();
  const double rate = settings_.schedule.factor(step_);
  double norm = total;
  if (std::isfinite(total) && heard) norm = adversary_->learn(*heard, parallel_, step_, rate);
  if (std::isfinite(norm)) norm = optimizer_.step(step_, rate);
  if (!std::isfinite(total) || !std::isfinite(norm)) stop_not_finite(batch, losses);
  loss_sum_ += total;
  norm_sum_ += norm;
  part_sums_.resize(losses.parts.size());
  for (size_t i = 0; i < losses.parts.size(); ++i) {
    part_sums_[i].first = losses.parts[i].name;
    part_sums_[i].second += numbers[static_cast<int64_t>(i) + 1].item<double>();
  }
  ++summed_;
  ++step_;
}

Adversary::Heard VoiceTraining::hear_adversary(Losses& losses) const {
  const bool speaks = adversary_->speaks(step_);
  Adversary::Heard heard =
      adversary_->hear(losses.audio, speaks ? losses.made : losses.made.detach(), step_);
  losses.parts.push_back({"discriminator", heard.discriminator.detach()});
  losses.add("adversarial", speaks ? settings_.losses.adversarial : 0, heard.adversarial);
  losses.add("features", speaks ? settings_.losses.features : 0, heard.features);
  return heard;
}

void VoiceTraining::stop_not_finite(const VoiceBatch& batch, const Losses& losses) {
  auto tensors = batch.named();
  for (const NamedLoss& part : losses.parts) tensors.emplace_back("loss." + part.name, part.value);
  for (const Parameter& parameter : parameters_.all()) {
    tensors.emplace_back("value." + parameter.name, parameter.value);
  }
  const std::filesystem::path path = settings_.run / "not-finite.safetensors";
  save_tensors(path, tensors, {{"step", std::to_string(step_)}});
  log(Json{{"event", "not_finite"}, {"step", step_}}.dump());
  throw Error(ErrorCode::kCorruptData,
              "the loss of step " + std::to_string(step_) + " is not finite",
              "the batch and the weights are in " + path.string());
}

void VoiceTraining::save() {
  if (parallel_.is_first()) {
    // First, so that a checkpoint of the model always has its discriminators.
    if (adversary_) adversary_->save(settings_.run, step_);
    save_checkpoint(settings_.run, parameters_, optimizer_, {step_, settings_.to_json(), {}});
  }
}

// Of the running means, on fixed segments of the validation utterances.
void VoiceTraining::validate() {
  if (!parallel_.is_first() || shards_.validation().empty()) return;
  optimizer_.with_ema([&] {
    std::vector<double> sums;
    std::vector<std::string> names;
    int64_t batches = 0;
    std::vector<Segment> segments;
    const auto frames = static_cast<size_t>(settings_.frames);
    const std::filesystem::path samples =
        settings_.run / "samples" / ("step-" + std::to_string(step_));
    for (const VoiceUtterance& utterance : shards_.validation()) {
      if (utterance.frames() < frames || utterance.audio.empty()) continue;
      segments.push_back({&utterance, (utterance.frames() - frames) / 2, frames});
      if (static_cast<int64_t>(segments.size()) < settings_.items) continue;
      const VoiceBatch batch = make_batch(segments).to(device_);
      const Tensor noise = draw_noise(settings_.seed, -1 - batches, 0,
                                      static_cast<int64_t>(segments.size()), settings_.frames)
                               .to(device_);
      const Losses losses = objective_(batch, noise);
      sums.resize(losses.parts.size() + 1);
      names.resize(losses.parts.size());
      sums.back() += losses.total.item<double>();
      for (size_t i = 0; i < losses.parts.size(); ++i) {
        names[i] = losses.parts[i].name;
        sums[i] += losses.parts[i].value.item<double>();
      }
      ++batches;
      segments.clear();
    }
    if (batches == 0) return;
    Json json{{"event", "validation"}, {"step", step_}};
    json["loss"] = sums.back() / static_cast<double>(batches);
    for (size_t i = 0; i < names.size(); ++i) {
      json[names[i]] = sums[i] / static_cast<double>(batches);
    }
    log(json.dump());
    std::printf("validation %s\n", json.dump().c_str());
    std::fflush(stdout);
    if (settings_.sample_count > 0) write_samples(samples);
  });
}

void VoiceTraining::write_samples(const std::filesystem::path& directory) const {
  if (!device_.is_cpu()) return;
  std::filesystem::create_directories(directory);
  int64_t written = 0;
  for (const VoiceUtterance& utterance : shards_.validation()) {
    if (written == settings_.sample_count) break;
    const std::string name = (directory / std::to_string(written)).string();
    write_wav(name + "-teacher-prosody.wav",
              render(model_, utterance, ProsodyFrom::kTeacher, 1, 1).samples);
    write_wav(name + "-own-prosody.wav",
              render(model_, utterance, ProsodyFrom::kModel, 1, 1).samples);
    ++written;
  }
  if (!settings_.validate_command.empty()) {
    const std::string command = settings_.validate_command + " '" + directory.string() + "'";
    const int status = std::system(command.c_str());
    log(Json{{"event", "validate_command"}, {"step", step_}, {"status", status}}.dump());
  }
}

void VoiceTraining::run(const std::atomic<bool>& stop, int64_t last_step) {
  const int64_t end =
      last_step > 0 ? std::min(last_step, settings_.schedule.total) : settings_.schedule.total;
  window_start_ = now_s();
  const double audio_of_step =
      static_cast<double>(settings_.items * settings_.frames) * kFrameSamples / 24000;
  while (step_ < end && !stop) {
    train_step();
    if (step_ % settings_.log_every == 0 || step_ == end) {
      const auto count = static_cast<double>(summed_);
      const double wall = now_s() - window_start_;
      Json json{{"event", "train"},
                {"step", step_},
                {"loss", loss_sum_ / count},
                {"gradient_norm", norm_sum_ / count},
                {"rate_factor", settings_.schedule.factor(step_ - 1)},
                {"step_s", wall / count},
                {"audio_s_per_s", audio_of_step * count / wall},
                {"memory_mb", peak_memory_mb()}};
      for (const auto& [name, sum] : part_sums_) json[name] = sum / count;
      log(json.dump());
      if (parallel_.is_first()) {
        std::printf(
            "step %ld loss %.4f norm %.2f %.2f s a step, %.1f s of audio a second, %.0f MB\n",
            step_, loss_sum_ / count, norm_sum_ / count, wall / count, audio_of_step * count / wall,
            peak_memory_mb());
        std::fflush(stdout);
      }
      loss_sum_ = norm_sum_ = 0;
      part_sums_.clear();
      summed_ = 0;
      window_start_ = now_s();
    }
    if (step_ % settings_.validate_every == 0) validate();
    if (step_ % settings_.save_every == 0 && step_ < end) save();
  }
  save();
}

}  // namespace myna::train
