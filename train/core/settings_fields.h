// Settings as JSON with dotted names, for runs of every kind: a table of fields is read from a
// file, set from NAME=VALUE and written back.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "train/core/optimizer.h"

namespace myna::train {

struct SettingsField {
  std::function<void(const nlohmann::json&)> read;
  std::function<nlohmann::json()> write;
};
using SettingsFields = std::map<std::string, SettingsField>;

// They refer to the value.
SettingsField settings_field(bool& value);
SettingsField settings_field(int& value);
SettingsField settings_field(int64_t& value);
SettingsField settings_field(uint64_t& value);
SettingsField settings_field(double& value);
SettingsField settings_field(std::string& value);
SettingsField settings_field(std::filesystem::path& value);
SettingsField settings_field(Cooldown& value);

// "optimizer.…" and "schedule.…".
void add_optimizer_fields(SettingsFields& fields, OptimizerSettings& settings);
void add_schedule_fields(SettingsFields& fields, Schedule& schedule);

// Throws Error kInvalidArgument for an unknown name or a value of the wrong type.
void merge_settings(const SettingsFields& fields, const std::string& json);
// name=value: "optimizer.learning_rate=0.002".
void assign_setting(const SettingsFields& fields, const std::string& assignment);
// Throws Error kInvalidArgument with the name where the value is not.
void require_within(const std::string& name, int64_t value, int64_t least, int64_t most);
// In two levels.
std::string settings_json(const SettingsFields& fields);

}  // namespace myna::train
