// c10d's exchanges through NCCL, of tensors in the memory of one device a process.
#pragma once

#include <memory>

#include "train/core/nccl_library.h"
#include "train/core/torch.h"

namespace c10d {
class Backend;
class Store;
}  // namespace c10d

namespace myna::train {

// Collective. What it does: allreduce (sums), _allgather_base, gather, broadcast, alltoall_base,
// one tensor each, contiguous, of floats, bfloat16, int64 or bytes. They are queued behind what the
// device computes. Throws Error kUnavailable where NCCL does not start.
c10::intrusive_ptr<c10d::Backend> make_nccl_backend(std::shared_ptr<const NcclLibrary> library,
                                                    const c10::intrusive_ptr<c10d::Store>& store,
                                                    int rank, int processes);

}  // namespace myna::train
