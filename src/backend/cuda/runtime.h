// The host's side of a device: memory, streams and launches. With nvcc it is CUDA's runtime, in the
// emulation the machine's own memory and loops.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "backend/cuda/device.h"
#include "backend/cuda/recording.h"
#include "base/error.h"

namespace myna::backend::cuda {

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

  // What is done until end_recorded() is the same calls with the same sizes and addresses for every
  // use of `key` that finds the arena at the same place and size. The first use is done as it
  // comes, the second is recorded, those after it are played: calls then only bring new data.
  void begin_recorded(const std::string& key, const void* arena_place, size_t arena_bytes);
  // `completed` is false when an error ended the part.
  void end_recorded(bool completed);
  bool is_playing() const { return mode_ == Mode::kPlaying; }
  // For who gives work to handle() itself: false when it must not, as it is being played.
  bool accepts_work();
#if !defined(__CUDACC__)
  // Done, or recorded.
  void run(std::function<void()> call);
#endif

 private:
  enum class Mode : uint8_t { kDirect, kRecording, kPlaying };

  void* stage(size_t bytes);
  void copy_up(void* device, size_t pitch, const void* place, size_t row_bytes, size_t rows);
  void* next_slot(const void* host, size_t bytes);
  // Ends a section, so that everything before is on the stream.
  void finish_section();
  void abandon_recording();

  StreamHandle handle_{};
  unsigned char* pinned_ = nullptr;
  size_t pinned_used_ = 0;
  std::map<std::string, Recording> recordings_;
  Recording* recording_ = nullptr;  // that of the part in work
  Mode mode_ = Mode::kDirect;
  bool section_has_work_ = false;
  size_t next_section_ = 0, next_slot_ = 0;
};

#if defined(__CUDACC__)
// Throws Error kUnavailable with CUDA's own words.
void check(cudaError_t status, const char* what);

template <typename Parameters>
void launch(void (*kernel)(Parameters), dim3 blocks, unsigned threads, size_t shared_bytes,
            Stream& stream, const Parameters& parameters, unsigned cluster = 1) {
  if (blocks.x == 0 || blocks.y == 0 || blocks.z == 0 || !stream.accepts_work()) return;
  if (shared_bytes > 48 * 1024) {
    check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                               static_cast<int>(shared_bytes)),
          "shared memory");
  }
  cudaLaunchConfig_t config = {};
  config.gridDim = blocks;
  config.blockDim = dim3(threads);
  config.dynamicSmemBytes = shared_bytes;
  config.stream = stream.handle();
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
using dim3 = emulation::Index;

template <typename Parameters>
void launch(void (*kernel)(Parameters), dim3 blocks, unsigned threads, size_t shared_bytes,
            Stream& stream, const Parameters& parameters, unsigned cluster = 1) {
  if (blocks.x == 0 || blocks.y == 0 || blocks.z == 0 || !stream.accepts_work()) return;
  stream.run([=] {
    emulation::run_grid({blocks, threads, shared_bytes, cluster}, [&] { kernel(parameters); });
  });
}
#endif

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
