// In place of the CUDA backend where it is not built.
#include "backend/cuda/cuda_backend.h"
#include "base/error.h"

namespace myna::backend {

CudaStatus cuda_status() { return {false, "this program was built without the CUDA backend"}; }

std::unique_ptr<ops::Backend> make_cuda_backend(CudaGraphs) {
  throw Error(ErrorCode::kUnavailable, cuda_status().description,
              "build it with `cmake --preset cuda`, or run with --device cpu");
}

}  // namespace myna::backend
