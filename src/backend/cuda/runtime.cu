#include <cstring>
#include <new>
#include <utility>

#include "backend/cuda/runtime.h"

namespace myna::backend::cuda {

#if defined(__CUDACC__)
namespace {

// Uploads are style rows, tokens and counts, downloads the samples of a batch.
constexpr size_t kPinnedBytes = size_t{16} << 20;
// Clusters and DSMEM, which the LSTM is built on, came with Hopper.
constexpr int kLeastMajor = 9;

}  // namespace

void check(cudaError_t status, const char* what) {
  if (status == cudaSuccess) return;
  throw Error(ErrorCode::kUnavailable,
              std::string("the GPU failed at ") + what + ": " + cudaGetErrorString(status),
              "run with --device cpu, and see `nvidia-smi` for the state of the device");
}

DeviceInfo find_device() {
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status != cudaSuccess)
    return {"", std::string("no CUDA device: ") + cudaGetErrorString(status)};
  if (count == 0) return {"", "no CUDA device"};
  cudaDeviceProp properties;
  if (cudaGetDeviceProperties(&properties, 0) != cudaSuccess) {
    return {"", "the CUDA device does not answer"};
  }
  const std::string name = properties.name;
  if (properties.major < kLeastMajor) {
    return {"", name + " has compute capability " + std::to_string(properties.major) + "." +
                    std::to_string(properties.minor) + "; 9.0 (Hopper) is the least"};
  }
  return {name + ", " + std::to_string(properties.multiProcessorCount) + " multiprocessors", ""};
}

Stream::Stream() {
  check(cudaStreamCreateWithFlags(&handle_, cudaStreamNonBlocking), "a stream");
  check(cudaMallocHost(reinterpret_cast<void**>(&pinned_), kPinnedBytes), "pinned memory");
}

Stream::~Stream() {
  cudaStreamSynchronize(handle_);
  cudaFreeHost(pinned_);
  cudaStreamDestroy(handle_);
}

void Stream::synchronize() {
  check(cudaStreamSynchronize(handle_), "its work");
  pinned_used_ = 0;  // whatever was copied from there is through
}

void* Stream::stage(size_t bytes) {
  if (bytes > kPinnedBytes) return nullptr;
  if (pinned_used_ + bytes > kPinnedBytes) synchronize();
  void* place = pinned_ + pinned_used_;
  pinned_used_ += (bytes + 255) / 256 * 256;
  return place;
}

void Stream::upload(void* device, const void* host, size_t bytes) {
  if (bytes == 0) return;
  if (void* place = stage(bytes)) {
    std::memcpy(place, host, bytes);
    check(cudaMemcpyAsync(device, place, bytes, cudaMemcpyHostToDevice, handle_), "an upload");
  } else {
    check(cudaMemcpyAsync(device, host, bytes, cudaMemcpyHostToDevice, handle_), "an upload");
    synchronize();
  }
}

void Stream::download(void* host, const void* device, size_t bytes) {
  if (bytes == 0) return;
  void* place = stage(bytes);
  check(cudaMemcpyAsync(place != nullptr ? place : host, device, bytes, cudaMemcpyDeviceToHost,
                        handle_),
        "a download");
  synchronize();  // frees the place, which nothing overwrites before the next call
  if (place != nullptr) std::memcpy(host, place, bytes);
}

void Stream::upload_rows(void* device, size_t pitch, const void* host, size_t row_bytes,
                         size_t rows) {
  if (rows == 0 || row_bytes == 0) return;
  if (pitch == row_bytes) return upload(device, host, row_bytes * rows);
  check(cudaMemcpy2DAsync(device, pitch, host, row_bytes, row_bytes, rows, cudaMemcpyHostToDevice,
                          handle_),
        "an upload");
  synchronize();
}

void Stream::download_rows(void* host, const void* device, size_t pitch, size_t row_bytes,
                           size_t rows) {
  if (rows == 0 || row_bytes == 0) return;
  if (pitch == row_bytes) return download(host, device, row_bytes * rows);
  check(cudaMemcpy2DAsync(host, row_bytes, device, pitch, row_bytes, rows, cudaMemcpyDeviceToHost,
                          handle_),
        "a download");
  synchronize();
}

void Stream::copy_rows(void* to, size_t to_pitch, const void* from, size_t from_pitch,
                       size_t row_bytes, size_t rows) {
  if (rows == 0 || row_bytes == 0) return;
  check(cudaMemcpy2DAsync(to, to_pitch, from, from_pitch, row_bytes, rows, cudaMemcpyDeviceToDevice,
                          handle_),
        "a copy");
}

void* Stream::allocate(size_t bytes) {
  void* memory = nullptr;
  if (cudaMallocAsync(&memory, bytes, handle_) != cudaSuccess) throw std::bad_alloc();
  return memory;
}

void Stream::release(void* memory) { cudaFreeAsync(memory, handle_); }

DeviceBuffer::DeviceBuffer(size_t bytes) {
  if (bytes > 0 && cudaMalloc(&data_, bytes) != cudaSuccess) throw std::bad_alloc();
}

DeviceBuffer::DeviceBuffer(const void* host, size_t bytes) : DeviceBuffer(bytes) {
  if (bytes == 0) return;
  check(cudaMemcpy(data_, host, bytes, cudaMemcpyHostToDevice), "an upload");
  // From pageable memory the copy above may return before the device has everything, and streams
  // of our own do not wait for the default one.
  check(cudaStreamSynchronize(cudaStreamLegacy), "an upload");
}

DeviceBuffer::~DeviceBuffer() { cudaFree(data_); }

#else

DeviceInfo find_device() { return {"emulated on the CPU", ""}; }

Stream::Stream() = default;
Stream::~Stream() = default;
void Stream::synchronize() {}
void* Stream::stage(size_t) { return nullptr; }
void Stream::upload(void* device, const void* host, size_t bytes) {
  if (bytes > 0) std::memcpy(device, host, bytes);
}
void Stream::download(void* host, const void* device, size_t bytes) { upload(host, device, bytes); }
void Stream::upload_rows(void* device, size_t pitch, const void* host, size_t row_bytes,
                         size_t rows) {
  copy_rows(device, pitch, host, row_bytes, row_bytes, rows);
}
void Stream::download_rows(void* host, const void* device, size_t pitch, size_t row_bytes,
                           size_t rows) {
  copy_rows(host, row_bytes, device, pitch, row_bytes, rows);
}
void Stream::copy_rows(void* to, size_t to_pitch, const void* from, size_t from_pitch,
                       size_t row_bytes, size_t rows) {
  for (size_t i = 0; i < rows; ++i) {
    std::memmove(static_cast<char*>(to) + i * to_pitch,
                 static_cast<const char*>(from) + i * from_pitch, row_bytes);
  }
}
void* Stream::allocate(size_t bytes) {
  constexpr size_t kAlignment = 256;  // as CUDA's
  return ::operator new (bytes, std::align_val_t{kAlignment});
}
void Stream::release(void* memory) { ::operator delete (memory, std::align_val_t{256}); }

DeviceBuffer::DeviceBuffer(size_t bytes) {
  if (bytes > 0) data_ = ::operator new (bytes, std::align_val_t{256});
}
DeviceBuffer::DeviceBuffer(const void* host, size_t bytes) : DeviceBuffer(bytes) {
  if (bytes > 0) std::memcpy(data_, host, bytes);
}
DeviceBuffer::~DeviceBuffer() {
  if (data_ != nullptr) ::operator delete (data_, std::align_val_t{256});
}

#endif

DeviceBuffer& DeviceBuffer::operator=(DeviceBuffer&& other) noexcept {
  std::swap(data_, other.data_);
  return *this;
}

}  // namespace myna::backend::cuda
