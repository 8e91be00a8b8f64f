#include "train/lm/settings.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "train/core/settings_fields.h"

namespace myna::train {
namespace {

SettingsField field(Gate& value) {
  return {[&value](const nlohmann::json& json) {
            const auto name = json.get<std::string>();
            if (name != "sigmoid" && name != "softmax") {
              throw Error(ErrorCode::kInvalidArgument, "a gate is sigmoid or softmax");
            }
            value = name == "softmax" ? Gate::kSoftmax : Gate::kSigmoid;
          },
          [&value] { return nlohmann::json(value == Gate::kSoftmax ? "softmax" : "sigmoid"); }};
}

SettingsFields fields_of(LmRunSettings& s) {
  MixtureSizes& m = s.model.mixture;
  SettingsFields fields = {
      {"data", settings_field(s.data)},
      {"run", settings_field(s.run)},
      {"initial", settings_field(s.initial)},
      {"trained", settings_field(s.trained)},
      {"teacher", settings_field(s.teacher)},
      {"teacher_share", settings_field(s.teacher_share)},
      {"teacher_temperature", settings_field(s.teacher_temperature)},
      {"objective", settings_field(s.objective)},
      {"preference_beta", settings_field(s.preference_beta)},
      {"device", settings_field(s.device)},
      {"seed", settings_field(s.seed)},
      {"rows", settings_field(s.rows)},
      {"length", settings_field(s.length)},
      {"micro_rows", settings_field(s.micro_rows)},
      {"packing", settings_field(s.packing)},
      {"bfloat16", settings_field(s.bfloat16)},
      {"recompute", settings_field(s.recompute)},
      {"balance_rate", settings_field(s.balance_rate)},
      {"log_every", settings_field(s.log_every)},
      {"validate_every", settings_field(s.validate_every)},
      {"save_every", settings_field(s.save_every)},
      {"validation_rows", settings_field(s.validation_rows)},
      {"threads", settings_field(s.threads)},
      {"rank", settings_field(s.launch.rank)},
      {"processes", settings_field(s.launch.processes)},
      {"rendezvous", settings_field(s.launch.rendezvous)},
      {"expert_parallel", settings_field(s.expert_parallel)},
      {"shard_optimizer", settings_field(s.shard_optimizer)},
      {"timeout_s", settings_field(s.timeout_s)},
      {"model.vocabulary", settings_field(s.model.vocabulary)},
      {"model.layers", settings_field(s.model.layers)},
      {"model.width", settings_field(s.model.width)},
      {"model.heads", settings_field(s.model.heads)},
      {"model.kv_heads", settings_field(s.model.kv_heads)},
      {"model.head_size", settings_field(s.model.head_size)},
      {"model.feed_forward", settings_field(s.model.feed_forward)},
      {"model.rope_base", settings_field(s.model.rope_base)},
      {"model.norm_epsilon", settings_field(s.model.norm_epsilon)},
      {"model.qk_norm", settings_field(s.model.qk_norm)},
      {"model.tied", settings_field(s.model.tied)},
      {"model.leading_dense", settings_field(s.model.leading_dense)},
      {"mixture.experts", settings_field(m.experts)},
      {"mixture.top_k", settings_field(m.top_k)},
      {"mixture.expert_width", settings_field(m.expert_width)},
      {"mixture.shared_width", settings_field(m.shared_width)},
      {"mixture.gate", field(m.gate)},
      {"mixture.normalize", settings_field(m.normalize)},
      {"mixture.scale", settings_field(m.scale)},
      {"mixture.balance_loss", settings_field(m.balance_loss)},
      {"mixture.z_loss", settings_field(m.z_loss)},
      {"mixture.zero_experts", settings_field(m.zero_experts)},
  };
  add_optimizer_fields(fields, s.optimizer);
  add_schedule_fields(fields, s.schedule);
  return fields;
}

}  // namespace

void LmRunSettings::merge_json(const std::string& json) { merge_settings(fields_of(*this), json); }

void LmRunSettings::set(const std::string& assignment) {
  assign_setting(fields_of(*this), assignment);
}

std::string LmRunSettings::to_json() const {
  LmRunSettings copy = *this;
  return settings_json(fields_of(copy));
}

}  // namespace myna::train
