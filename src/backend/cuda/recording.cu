#include <new>
#include <utility>

#include "backend/cuda/recording.h"
#include "backend/cuda/runtime.h"

namespace myna::backend::cuda {

#if defined(__CUDACC__)

Section::Section(Section&& other) noexcept : graph_(std::exchange(other.graph_, nullptr)) {}

Section::~Section() {
  if (graph_ != nullptr) cudaGraphExecDestroy(graph_);
}

void Section::begin(StreamHandle stream) {
  check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "a recording");
}

void Section::end(StreamHandle stream) {
  cudaGraph_t graph = nullptr;
  check(cudaStreamEndCapture(stream, &graph), "a recording");
  const cudaError_t status = cudaGraphInstantiate(&graph_, graph, 0);
  cudaGraphDestroy(graph);
  check(status, "a recording");
}

void Section::run(StreamHandle stream) const {
  check(cudaGraphLaunch(graph_, stream), "a recorded part");
}

Recording::~Recording() {
  if (memory != nullptr) cudaFreeHost(memory);
}

#else

Section::Section(Section&& other) noexcept : calls_(std::move(other.calls_)) {}
Section::~Section() = default;
void Section::begin(StreamHandle) {}
void Section::end(StreamHandle) {}
void Section::run(StreamHandle) const {
  for (const std::function<void()>& call : calls_) call();
}

Recording::~Recording() { delete[] memory; }

#endif

}  // namespace myna::backend::cuda
