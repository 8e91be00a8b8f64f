#include "train/voice/settings.h"

#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace myna::train {
namespace {

using Json = nlohmann::json;

struct Field {
  std::function<void(const Json&)> read;
  std::function<Json()> write;
};

template <typename T>
Field field(T& value) {
  return {[&value](const Json& json) { value = json.get<T>(); }, [&value] { return Json(value); }};
}
Field field(std::filesystem::path& value) {
  return {[&value](const Json& json) { value = json.get<std::string>(); },
          [&value] { return Json(value.string()); }};
}
Field field(Cooldown& value) {
  return {[&value](const Json& json) {
            const auto name = json.get<std::string>();
            if (name != "cosine" && name != "linear") {
              throw Error(ErrorCode::kInvalidArgument, "a cooldown is cosine or linear");
            }
            value = name == "linear" ? Cooldown::kLinear : Cooldown::kCosine;
          },
          [&value] { return Json(value == Cooldown::kLinear ? "linear" : "cosine"); }};
}

std::map<std::string, Field> fields(VoiceRunSettings& s) {
  return {
      {"data", field(s.data)},
      {"run", field(s.run)},
      {"device", field(s.device)},
      {"seed", field(s.seed)},
      {"items", field(s.items)},
      {"frames", field(s.frames)},
      {"bfloat16", field(s.bfloat16)},
      {"log_every", field(s.log_every)},
      {"validate_every", field(s.validate_every)},
      {"save_every", field(s.save_every)},
      {"sample_count", field(s.sample_count)},
      {"validate_command", field(s.validate_command)},
      {"threads", field(s.threads)},
      {"rank", field(s.rank)},
      {"processes", field(s.processes)},
      {"rendezvous", field(s.rendezvous)},
      {"model.speakers", field(s.model.speakers)},
      {"model.speaker_channels", field(s.model.speaker_channels)},
      {"model.text_channels", field(s.model.text_channels)},
      {"model.text_blocks", field(s.model.text_blocks)},
      {"model.text_kernel", field(s.model.text_kernel)},
      {"model.prosody_channels", field(s.model.prosody_channels)},
      {"model.prosody_blocks", field(s.model.prosody_blocks)},
      {"model.prosody_kernel", field(s.model.prosody_kernel)},
      {"model.decoder_channels", field(s.model.decoder_channels)},
      {"model.decoder_blocks", field(s.model.decoder_blocks)},
      {"model.decoder_kernel", field(s.model.decoder_kernel)},
      {"losses.spectral", field(s.losses.spectral)},
      {"losses.complex", field(s.losses.complex)},
      {"losses.duration", field(s.losses.duration)},
      {"losses.log_f0", field(s.losses.log_f0)},
      {"losses.voiced", field(s.losses.voiced)},
      {"losses.energy", field(s.losses.energy)},
      {"optimizer.learning_rate", field(s.optimizer.learning_rate)},
      {"optimizer.beta1", field(s.optimizer.beta1)},
      {"optimizer.beta2", field(s.optimizer.beta2)},
      {"optimizer.epsilon", field(s.optimizer.epsilon)},
      {"optimizer.weight_decay", field(s.optimizer.weight_decay)},
      {"optimizer.muon", field(s.optimizer.muon)},
      {"optimizer.muon_rate", field(s.optimizer.muon_rate)},
      {"optimizer.muon_momentum", field(s.optimizer.muon_momentum)},
      {"optimizer.clip_norm", field(s.optimizer.clip_norm)},
      {"optimizer.ema_decay", field(s.optimizer.ema_decay)},
      {"schedule.total", field(s.schedule.total)},
      {"schedule.warmup", field(s.schedule.warmup)},
      {"schedule.cooldown", field(s.schedule.cooldown)},
      {"schedule.shape", field(s.schedule.shape)},
      {"schedule.floor", field(s.schedule.floor)},
  };
}

void merge(VoiceRunSettings& settings, const Json& json, const std::string& prefix) {
  for (const auto& [name, value] : json.items()) {
    const std::string path = prefix + name;
    if (value.is_object()) {
      merge(settings, value, path + ".");
      continue;
    }
    auto known = fields(settings);
    const auto found = known.find(path);
    if (found == known.end()) {
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

void VoiceRunSettings::merge_json(const std::string& json) {
  const Json parsed = Json::parse(json, nullptr, false);
  if (!parsed.is_object()) {
    throw Error(ErrorCode::kInvalidArgument, "the settings are not a JSON object");
  }
  merge(*this, parsed, "");
}

void VoiceRunSettings::set(const std::string& assignment) {
  const size_t equals = assignment.find('=');
  if (equals == std::string::npos) {
    throw Error(ErrorCode::kInvalidArgument, "'" + assignment + "' is not name=value");
  }
  const std::string text = assignment.substr(equals + 1);
  Json value = Json::parse(text, nullptr, false);
  if (value.is_discarded()) value = text;
  merge(*this, Json{{assignment.substr(0, equals), value}}, "");
}

std::string VoiceRunSettings::to_json() const {
  VoiceRunSettings copy = *this;
  Json json = Json::object();
  for (const auto& [path, entry] : fields(copy)) {
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
