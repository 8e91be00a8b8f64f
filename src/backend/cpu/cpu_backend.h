// The CPU backend: hand-written inner products for AVX2, AVX-VNNI, AVX-512 and AVX-512 VNNI chosen
// at run time, everything element-wise in Highway. Why not oneDNN: docs/decisions.
#pragma once

#include <memory>
#include <string_view>

#include "ops/backend.h"

namespace myna::backend {

// threads counts the calling thread, 0 means one a core. isa: "" for $MYNA_ISA or the best there
// is, otherwise a name as in cpu/isa.h. Throws Error kInvalidArgument for an instruction set that
// is unknown or not on this machine.
std::unique_ptr<ops::Backend> make_cpu_backend(unsigned threads, std::string_view isa = {});

// What `isa` stands for on this machine, and whether kInt8 and kBfloat16 pay there. Without dot
// products of bytes, kInt8 has activations of seven bits in convolutions and weights of seven bits
// in conv_next (micro_kernels.h).
struct CpuBackendInfo {
  std::string_view isa;
  bool fast_int8;
  bool fast_bfloat16;
};
CpuBackendInfo cpu_backend_info(std::string_view isa = {});

}  // namespace myna::backend
