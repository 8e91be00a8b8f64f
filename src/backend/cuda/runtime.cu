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
  recordings_.clear();
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

// From memory that stays until the stream is through.
void Stream::copy_up(void* device, size_t pitch, const void* place, size_t row_bytes, size_t rows) {
  check(cudaMemcpy2DAsync(device, pitch, place, row_bytes, row_bytes, rows, cudaMemcpyHostToDevice,
                          handle_),
        "an upload");
}

void Stream::upload(void* device, const void* host, size_t bytes) {
  if (bytes == 0) return;
  if (mode_ != Mode::kDirect) return upload_rows(device, bytes, host, bytes, 1);
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
  finish_section();
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
  if (mode_ != Mode::kDirect) {
    void* slot = next_slot(host, row_bytes * rows);
    if (slot != nullptr) {
      if (accepts_work()) copy_up(device, pitch, slot, row_bytes, rows);
      return;
    }
  }
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
  finish_section();
  check(cudaMemcpy2DAsync(host, row_bytes, device, pitch, row_bytes, rows, cudaMemcpyDeviceToHost,
                          handle_),
        "a download");
  synchronize();
}

void Stream::copy_rows(void* to, size_t to_pitch, const void* from, size_t from_pitch,
                       size_t row_bytes, size_t rows) {
  if (rows == 0 || row_bytes == 0 || !accepts_work()) return;
  check(cudaMemcpy2DAsync(to, to_pitch, from, from_pitch, row_bytes, rows, cudaMemcpyDeviceToDevice,
                          handle_),
        "a copy");
}

void* Stream::allocate(size_t bytes) {
  abandon_recording();
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
namespace {
void move_rows(void* to, size_t to_pitch, const void* from, size_t from_pitch, size_t row_bytes,
               size_t rows) {
  for (size_t i = 0; i < rows; ++i) {
    std::memmove(static_cast<char*>(to) + i * to_pitch,
                 static_cast<const char*>(from) + i * from_pitch, row_bytes);
  }
}
}  // namespace

void Stream::run(std::function<void()> call) {
  if (mode_ == Mode::kRecording) {
    recording_->sections.back().add(std::move(call));
  } else {
    call();
  }
}
void Stream::copy_up(void* device, size_t pitch, const void* place, size_t row_bytes, size_t rows) {
  run([=] { move_rows(device, pitch, place, row_bytes, row_bytes, rows); });
}
void Stream::upload(void* device, const void* host, size_t bytes) {
  upload_rows(device, bytes, host, bytes, 1);
}
void Stream::download(void* host, const void* device, size_t bytes) {
  download_rows(host, device, bytes, bytes, 1);
}
void Stream::upload_rows(void* device, size_t pitch, const void* host, size_t row_bytes,
                         size_t rows) {
  if (rows == 0 || row_bytes == 0) return;
  void* slot = mode_ == Mode::kDirect ? nullptr : next_slot(host, row_bytes * rows);
  if (slot != nullptr) {
    if (accepts_work()) copy_up(device, pitch, slot, row_bytes, rows);
  } else {
    move_rows(device, pitch, host, row_bytes, row_bytes, rows);
  }
}
void Stream::download_rows(void* host, const void* device, size_t pitch, size_t row_bytes,
                           size_t rows) {
  finish_section();
  move_rows(host, row_bytes, device, pitch, row_bytes, rows);
}
void Stream::copy_rows(void* to, size_t to_pitch, const void* from, size_t from_pitch,
                       size_t row_bytes, size_t rows) {
  if (!accepts_work()) return;
  run([=] { move_rows(to, to_pitch, from, from_pitch, row_bytes, rows); });
}
void* Stream::allocate(size_t bytes) {
  abandon_recording();
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

void Stream::begin_recorded(const std::string& key, const void* arena_place, size_t arena_bytes) {
  // Of more shapes than that few come again.
  constexpr size_t kMostRecordings = 64;
  mode_ = Mode::kDirect;  // where the end of the part before failed
  recording_ = nullptr;
  if (recordings_.size() >= kMostRecordings && !recordings_.contains(key)) {
    synchronize();
    recordings_.clear();
  }
  const auto [found, is_new] = recordings_.try_emplace(key);
  Recording& recording = found->second;
  if (is_new || recording.unfit) return;
  const bool same_place =
      recording.arena_place == arena_place && recording.arena_bytes == arena_bytes;
  if (recording.complete && !same_place) {
    synchronize();
    recording.forget();
  }
  recording_ = &recording;
  section_has_work_ = false;
  next_section_ = next_slot_ = 0;
  mode_ = recording.complete ? Mode::kPlaying : Mode::kRecording;
  if (mode_ == Mode::kPlaying) {
    // The copies of the last time may still read the slots.
    synchronize();
    return;
  }
  recording.arena_place = arena_place;
  recording.arena_bytes = arena_bytes;
  if (recording.memory != nullptr) return;
#if defined(__CUDACC__)
  check(cudaMallocHost(reinterpret_cast<void**>(&recording.memory), Recording::kSlotBytes),
        "pinned memory");
#else
  recording.memory = new unsigned char[Recording::kSlotBytes];
#endif
}

bool Stream::accepts_work() {
  if (mode_ == Mode::kDirect) return true;
  if (mode_ == Mode::kRecording && !section_has_work_) {
    recording_->sections.emplace_back();
    recording_->sections.back().begin(handle_);
  }
  section_has_work_ = true;
  return mode_ == Mode::kRecording;
}

void* Stream::next_slot(const void* host, size_t bytes) {
  if (mode_ == Mode::kRecording) {
    if (recording_->used + bytes > Recording::kSlotBytes) {
      abandon_recording();
      return nullptr;
    }
    recording_->slots.push_back({recording_->memory + recording_->used, bytes});
    recording_->used += (bytes + 255) / 256 * 256;
  }
  if (next_slot_ >= recording_->slots.size() || recording_->slots[next_slot_].bytes != bytes) {
    throw Error(ErrorCode::kInternal,
                "a recorded part of the GPU's work was asked for in another way");
  }
  const Recording::Slot& slot = recording_->slots[next_slot_++];
  std::memcpy(slot.place, host, bytes);
  return slot.place;
}

void Stream::finish_section() {
  if (mode_ == Mode::kDirect || !section_has_work_) return;
  if (mode_ == Mode::kRecording) recording_->sections.back().end(handle_);
  if (next_section_ >= recording_->sections.size()) {
    throw Error(ErrorCode::kInternal, "a recorded part of the GPU's work has grown");
  }
  recording_->sections[next_section_++].run(handle_);
  section_has_work_ = false;
}

// What was recorded so far is done, the rest comes directly.
void Stream::abandon_recording() {
  if (mode_ == Mode::kDirect) return;
  if (mode_ == Mode::kPlaying) {
    throw Error(ErrorCode::kInternal, "a recorded part of the GPU's work asked for more memory");
  }
  finish_section();
  recording_->unfit = true;
  mode_ = Mode::kDirect;
}

void Stream::end_recorded(bool completed) {
  if (recording_ == nullptr) return;
  if (mode_ != Mode::kDirect && completed) {
    finish_section();
    recording_->complete = true;
  } else if (mode_ == Mode::kRecording) {
    if (section_has_work_) recording_->sections.back().end(handle_);  // never run
    synchronize();
    recording_->forget();
  }
  mode_ = Mode::kDirect;
  recording_ = nullptr;
}

DeviceBuffer& DeviceBuffer::operator=(DeviceBuffer&& other) noexcept {
  std::swap(data_, other.data_);
  return *this;
}

}  // namespace myna::backend::cuda
