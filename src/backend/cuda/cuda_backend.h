// The CUDA backend: own kernels, no library but CUDA's static runtime; for Hopper and newer.
// Where it is not built (CMake option MYNA_CUDA) a stub takes its place at link time, so that
// callers ask here and nowhere else.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "ops/backend.h"

namespace myna::backend {

struct CudaStatus {
  bool usable = false;
  std::string description;  // of the device, or of what is missing
};
CudaStatus cuda_status();

// Activations and sums are float; products of convolutions and linear layers round their inputs to
// bfloat16, except where kFloat32 was asked for.
//
// Whether parts of a synthesis are recorded as graphs, for shapes rounded up to a few sizes: worth
// a millisecond or two of launches an utterance, on paper. kAsAsked: where $MYNA_CUDA_GRAPHS is 1.
enum class CudaGraphs : uint8_t { kAsAsked, kNever, kAlways };

// Throws Error kUnavailable, with what is missing, when there is no usable device.
std::unique_ptr<ops::Backend> make_cuda_backend(CudaGraphs graphs = CudaGraphs::kAsAsked);

}  // namespace myna::backend
