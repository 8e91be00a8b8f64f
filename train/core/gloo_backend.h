// Makes c10d's process groups: Gloo, for tensors in the memory of the CPU.
#pragma once

#include <chrono>
#include <string>

#include "train/core/torch.h"

namespace c10d {
class Backend;
class Store;
}  // namespace c10d

namespace myna::train {

// Processes that meet at `store`, each with its rank; every one of them must call it. Traffic goes
// over the loopback device when `host`, where they meet, is this machine's own name for itself,
// else over the device that the machine's name stands for (GLOO_SOCKET_IFNAME names another).
// Throws what c10d throws when they do not meet in time.
c10::intrusive_ptr<c10d::Backend> make_gloo_backend(const c10::intrusive_ptr<c10d::Store>& store,
                                                    int rank, int processes,
                                                    const std::string& host,
                                                    std::chrono::milliseconds timeout);

}  // namespace myna::train
