#include "train/core/settings_fields.h"

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace myna::train {
namespace {

using Json = nlohmann::json;

template <typename T>
SettingsField plain_field(T& value) {
  return {[&value](const Json& json) { value = json.get<T>(); }, [&value] { return Json(value); }};
}

void merge(const SettingsFields& fields, const Json& json, const std::string& prefix) {
  for (const auto& [name, value] : json.items()) {
    const std::string path = prefix + name;
    if (value.is_object()) {
      merge(fields, value, path + ".");
      continue;
    }
    const auto found = fields.find(path);
    if (found == fields.end()) {
      throw Error(ErrorCode::kInvalidArgument, "there is no setting '" + path + "'");
    }
    try {
      found->second.read(value);
    } catch (const Json::exception&) {
      throw Error(ErrorCode::kInvalidArgument, "setting '" + path + "' cannot be " + value.dump());
    }
  }
}

}  // namespace

SettingsField settings_field(bool& value) { return plain_field(value); }
SettingsField settings_field(int& value) { return plain_field(value); }
SettingsField settings_field(int64_t& value) { return plain_field(value); }
SettingsField settings_field(uint64_t& value) { return plain_field(value); }
SettingsField settings_field(double& value) { return plain_field(value); }
SettingsField settings_field(std::string& value) { return plain_field(value); }

SettingsField settings_field(std::filesystem::path& value) {
  return {[&value](const Json& json) { value = json.get<std::string>(); },
          [&value] { return Json(value.string()); }};
}

SettingsField settings_field(Cooldown& value) {
  return {[&value](const Json& json) {
            const auto name = json.get<std::string>();
            if (name != "cosine" && name != "linear") {
              throw Error(ErrorCode::kInvalidArgument, "a cooldown is cosine or linear");
            }
            value = name == "linear" ? Cooldown::kLinear : Cooldown::kCosine;
          },
          [&value] { return Json(value == Cooldown::kLinear ? "linear" : "cosine"); }};
}

void add_optimizer_fields(SettingsFields& fields, OptimizerSettings& settings) {
  fields.insert({
      {"optimizer.learning_rate", settings_field(settings.learning_rate)},
      {"optimizer.beta1", settings_field(settings.beta1)},
      {"optimizer.beta2", settings_field(settings.beta2)},
      {"optimizer.epsilon", settings_field(settings.epsilon)},
      {"optimizer.weight_decay", settings_field(settings.weight_decay)},
      {"optimizer.muon", settings_field(settings.muon)},
      {"optimizer.muon_rate", settings_field(settings.muon_rate)},
      {"optimizer.muon_momentum", settings_field(settings.muon_momentum)},
      {"optimizer.clip_norm", settings_field(settings.clip_norm)},
      {"optimizer.ema_decay", settings_field(settings.ema_decay)},
  });
}

void add_schedule_fields(SettingsFields& fields, Schedule& schedule) {
  fields.insert({
      {"schedule.total", settings_field(schedule.total)},
      {"schedule.warmup", settings_field(schedule.warmup)},
      {"schedule.cooldown", settings_field(schedule.cooldown)},
      {"schedule.shape", settings_field(schedule.shape)},
      {"schedule.floor", settings_field(schedule.floor)},
  });
}

void merge_settings(const SettingsFields& fields, const std::string& json) {
  const Json parsed = Json::parse(json, nullptr, false);
  if (!parsed.is_object()) {
    throw Error(ErrorCode::kInvalidArgument, "the settings are not a JSON object");
  }
  merge(fields, parsed, "");
}

void assign_setting(const SettingsFields& fields, const std::string& assignment) {
  const size_t equals = assignment.find('=');
  if (equals == std::string::npos) {
    throw Error(ErrorCode::kInvalidArgument, "'" + assignment + "' is not name=value");
  }
  const std::string text = assignment.substr(equals + 1);
  Json value = Json::parse(text, nullptr, false);
  if (value.is_discarded()) value = text;
  merge(fields, Json{{assignment.substr(0, equals), value}}, "");
}

void require_within(const std::string& name, int64_t value, int64_t least, int64_t most) {
  if (value >= least && value <= most) return;
  throw Error(ErrorCode::kInvalidArgument, name + " is " + std::to_string(value) + ", not within " +
                                               std::to_string(least) + " and " +
                                               std::to_string(most));
}

std::string settings_json(const SettingsFields& fields) {
  Json json = Json::object();
  for (const auto& [path, entry] : fields) {
    const size_t dot = path.find('.');
    if (dot == std::string::npos) {
      json[path] = entry.write();
    } else {
      json[path.substr(0, dot)][path.substr(dot + 1)] = entry.write();
    }
  }
  return json.dump();
}

}  // namespace myna::train
