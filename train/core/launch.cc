#include "train/core/launch.h"

#include <charconv>
#include <optional>

#include "base/error.h"

namespace myna::train {
namespace {

[[noreturn]] void refuse(const std::string& what, const std::string& hint = "") {
  throw Error(ErrorCode::kInvalidArgument, what, hint);
}

class Variables {
 public:
  explicit Variables(const Environment& get) : get_(get) {}

  std::optional<std::string> text(const char* name) const {
    const char* value = get_(name);
    if (value == nullptr || *value == '\0') return std::nullopt;
    return value;
  }
  std::optional<int> number(const char* name) const {
    const auto value = text(name);
    if (!value) return std::nullopt;
    int number = 0;
    const char* end = value->data() + value->size();
    const auto [stop, error] = std::from_chars(value->data(), end, number);
    if (error != std::errc() || stop != end || number < 0) {
      refuse(std::string(name) + "='" + *value + "' is no number");
    }
    return number;
  }
  int need(const char* name, const char* because) const {
    const auto value = number(name);
    if (!value) {
      refuse(std::string(name) + " is missing, and " + because + " is set",
             std::string("set it, or unset ") + because);
    }
    return *value;
  }

 private:
  const Environment& get_;
};

Launch from_environment(const Variables& variables, const char* rank_name, const char* count_name,
                        const char* local_name) {
  Launch launch;
  const bool has_rank = variables.text(rank_name).has_value();
  launch.rank = variables.need(rank_name, count_name);
  launch.processes = variables.need(count_name, has_rank ? rank_name : count_name);
  launch.local_rank = variables.number(local_name).value_or(0);
  if (launch.processes < 1 || launch.rank >= launch.processes) {
    refuse(std::string(rank_name) + "=" + std::to_string(launch.rank) + " is not one of " +
           count_name + "=" + std::to_string(launch.processes));
  }
  if (launch.local_rank > launch.rank) {
    refuse(std::string(local_name) + "=" + std::to_string(launch.local_rank) + " is more than " +
           rank_name + "=" + std::to_string(launch.rank));
  }
  if (launch.processes == 1) return launch;
  const auto host = variables.text("MASTER_ADDR");
  const auto port = variables.number("MASTER_PORT");
  if (!host || !port) {
    refuse(std::string(host ? "MASTER_PORT" : "MASTER_ADDR") + " is missing, and " + count_name +
               "=" + std::to_string(launch.processes) + " processes must meet somewhere",
           std::string("set both to where rank 0 runs; for one process unset ") + count_name +
               " and " + rank_name);
  }
  launch.rendezvous = *host + ":" + std::to_string(*port);
  host_and_port(launch.rendezvous);
  return launch;
}

}  // namespace

std::pair<std::string, uint16_t> host_and_port(const std::string& rendezvous) {
  const size_t colon = rendezvous.rfind(':');
  unsigned port = 0;
  if (colon != std::string::npos && colon > 0) {
    const char* end = rendezvous.data() + rendezvous.size();
    const auto [stop, error] = std::from_chars(rendezvous.data() + colon + 1, end, port);
    if (error != std::errc() || stop != end) port = 0;
  }
  if (port == 0 || port > 65535) {
    refuse("several processes need a rendezvous, host:port, and '" + rendezvous + "' is none");
  }
  return {rendezvous.substr(0, colon), static_cast<uint16_t>(port)};
}

Launch launch_of(const Launch& settings, const Environment& environment) {
  const Variables variables(environment);
  const bool torchrun = variables.text("RANK") || variables.text("WORLD_SIZE");
  const bool slurm = variables.text("SLURM_PROCID").has_value();
  if (!torchrun && !slurm) return settings;
  Launch launch;
  if (torchrun) {
    launch = from_environment(variables, "RANK", "WORLD_SIZE", "LOCAL_RANK");
    launch.store_is_launchers =
        variables.text("TORCHELASTIC_USE_AGENT_STORE").value_or("") == "True";
    launch.attempt = variables.text("TORCHELASTIC_RESTART_COUNT").value_or("0");
    const auto local_count = variables.number("LOCAL_WORLD_SIZE");
    if (local_count && launch.local_rank >= *local_count) {
      refuse("LOCAL_RANK=" + std::to_string(launch.local_rank) +
             " is not one of LOCAL_WORLD_SIZE=" + std::to_string(*local_count));
    }
    // A task of Slurm may be a torchrun of many processes, but where each task is one process the
    // two must agree.
    if (slurm && variables.number("SLURM_NTASKS") == launch.processes && launch.processes > 1 &&
        variables.number("SLURM_PROCID") != launch.rank) {
      refuse("RANK=" + std::to_string(launch.rank) +
             " and SLURM_PROCID=" + *variables.text("SLURM_PROCID") + " contradict each other");
    }
  } else {
    launch = from_environment(variables, "SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID");
  }
  const bool said = settings.processes != 1 || settings.rank != 0;
  if (said && (settings.processes != launch.processes || settings.rank != launch.rank)) {
    refuse("the settings say rank " + std::to_string(settings.rank) + " of " +
           std::to_string(settings.processes) + ", the environment rank " +
           std::to_string(launch.rank) + " of " + std::to_string(launch.processes));
  }
  if (!settings.rendezvous.empty() && !launch.rendezvous.empty() &&
      settings.rendezvous != launch.rendezvous) {
    refuse("the settings say rendezvous " + settings.rendezvous + ", the environment " +
           launch.rendezvous);
  }
  return launch;
}

}  // namespace myna::train
