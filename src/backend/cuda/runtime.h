// The host's side of a device: memory, streams and launches. With nvcc it is CUDA's runtime, in the
// emulation the machine's own memory and loops.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "backend/cuda/device.h"
#include "base/error.h"

namespace myna::backend::cuda {

#if defined(__CUDACC__)
using StreamHandle = cudaStream_t;

// Throws Error kUnavailable with CUDA's own words.
void check(cudaError_t status, const char* what);

template <typename Parameters>
void launch(void (*kernel)(Parameters), dim3 blocks, unsigned threads, size_t shared_bytes,
            StreamHandle stream, const Parameters& parameters, unsigned cluster = 1) {
  if (blocks.x == 0 || blocks.y == 0 || blocks.z == 0) return;
  if (shared_bytes > 48 * 1024) {
    check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                               static_cast<int>(shared_bytes)),
          "shared memory");
  }
  cudaLaunchConfig_t config = {};
  config.gridDim = blocks;
  config.blockDim = dim3(threads);
  config.dynamicSmemBytes = shared_bytes;
  config.stream = stream;
  cudaLaunchAttribute attribute = {};
  if (cluster > 1) {
    attribute.id = cudaLaunchAttributeClusterDimension;
    attribute.val.clusterDim.x = cluster;
    attribute.val.clusterDim.y = 1;
    attribute.val.clusterDim.z = 1;
    config.attrs = &attribute;
    config.numAttrs = 1;
  }
  check(cudaLaunchKernelEx(&config, kernel, Parameters(parameters)), "a kernel");
}
#else
using StreamHandle = int;
using dim3 = emulation::Index;

template <typename Parameters>
void launch(void (*kernel)(Parameters), dim3 blocks, unsigned threads, size_t shared_bytes,
            StreamHandle, const Parameters& parameters, unsigned cluster = 1) {
  if (blocks.x == 0 || blocks.y == 0 || blocks.z == 0) return;
  emulation::run_grid({blocks, threads, shared_bytes, cluster}, [&] { kernel(parameters); });
}
#endif

// "NVIDIA H200, 132 multiprocessors"; empty when there is no usable device, and then why_not says
// what is missing.
struct DeviceInfo {
  std::string name;
  std::string why_not;
};
DeviceInfo find_device();

// A stream with pinned memory for what goes in and out.
class Stream {
 public:
  Stream();
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  StreamHandle handle() const { return handle_; }
  // In stream order; the host's memory may change as soon as they return.
  void upload(void* device, const void* host, size_t bytes);
  // Waits for the stream.
  void download(void* host, const void* device, size_t bytes);
  // `rows` rows of `row_bytes`, one every `pitch` bytes; dense on the host.
  void upload_rows(void* device, size_t pitch, const void* host, size_t row_bytes, size_t rows);
  void download_rows(void* host, const void* device, size_t pitch, size_t row_bytes, size_t rows);
  void copy_rows(void* to, size_t to_pitch, const void* from, size_t from_pitch, size_t row_bytes,
                 size_t rows);
  void synchronize();
  // Stream-ordered. Throws std::bad_alloc.
  void* allocate(size_t bytes);
  void release(void* memory);

 private:
  void* stage(size_t bytes);

  StreamHandle handle_{};
  unsigned char* pinned_ = nullptr;
  size_t pinned_used_ = 0;
};

// Memory that lives as long as the object; filled at once.
class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  explicit DeviceBuffer(size_t bytes);
  DeviceBuffer(const void* host, size_t bytes);
  DeviceBuffer(DeviceBuffer&& other) noexcept : data_(other.data_) { other.data_ = nullptr; }
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept;
  ~DeviceBuffer();

  template <typename T>
  T* as() const {
    return static_cast<T*>(data_);
  }

 private:
  void* data_ = nullptr;
};
template <typename T>
DeviceBuffer device_copy(std::span<const T> values) {
  return values.empty() ? DeviceBuffer() : DeviceBuffer(values.data(), values.size_bytes());
}

}  // namespace myna::backend::cuda
