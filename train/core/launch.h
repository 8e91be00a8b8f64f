// Which process of how many this is, and where they meet: from settings, or from the environment as
// torchrun and Slurm set it.
//
//   torchrun  RANK WORLD_SIZE LOCAL_RANK MASTER_ADDR MASTER_PORT
//   Slurm     SLURM_PROCID SLURM_NTASKS SLURM_LOCALID, and MASTER_ADDR MASTER_PORT
#pragma once

#include <functional>
#include <string>

namespace myna::train {

struct Launch {
  int rank = 0, processes = 1;
  std::string rendezvous;  // "host:port", where rank 0 listens
  int local_rank = 0;      // on this machine: the number of the device
  // torchrun may keep the store itself and count its attempts in the names of keys.
  bool store_is_launchers = false;
  std::string attempt = {};
};

// As getenv.
using Environment = std::function<const char*(const char*)>;

// The settings' where the environment says nothing; the environment's where the settings say one
// process. torchrun's variables come before Slurm's, as torchrun may itself be started by Slurm.
// Throws Error kInvalidArgument for variables that are missing, no numbers, or contradict each
// other or the settings; it names them.
Launch launch_of(const Launch& settings, const Environment& environment);

// "host:port" in two. Throws Error kInvalidArgument.
std::pair<std::string, uint16_t> host_and_port(const std::string& rendezvous);

}  // namespace myna::train
