// NVIDIA's library for exchanges between devices, loaded when it is there: nothing of it is needed
// to build. Functions, types and numbers as in nccl.h of NCCL 2 (since 2.10), whose binary
// interface is stable within the major version.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>

namespace myna::train {

// Nothing but what NcclBackend calls. Numbers: results 0 is success, operation 0 is the sum.
struct NcclLibrary {
  struct UniqueId {
    std::array<char, 128> bytes;
  };
  enum DataType : int { kUint8 = 1, kInt64 = 4, kFloat32 = 7, kFloat64 = 8, kBfloat16 = 9 };
  static constexpr int kSum = 0;
  static constexpr int kInProgress = 7;
  using Communicator = void*;
  using Stream = void*;  // null: the default stream, on which LibTorch computes

  int (*get_unique_id)(UniqueId*);
  int (*comm_init_rank)(Communicator*, int count, UniqueId, int rank);
  int (*comm_destroy)(Communicator);
  int (*comm_get_async_error)(Communicator, int* result);
  const char* (*get_error_string)(int result);
  int (*group_start)();
  int (*group_end)();
  int (*all_reduce)(const void* from, void* to, size_t count, int type, int operation, Communicator,
                    Stream);
  int (*all_gather)(const void* from, void* to, size_t count, int type, Communicator, Stream);
  int (*broadcast)(const void* from, void* to, size_t count, int type, int root, Communicator,
                   Stream);
  int (*send)(const void* from, size_t count, int type, int peer, Communicator, Stream);
  int (*receive)(void* to, size_t count, int type, int peer, Communicator, Stream);
  // Of the CUDA runtime, which LibTorch has loaded: 0 when the stream is empty, kNotReady while it
  // is not.
  static constexpr int kNotReady = 600;
  int (*stream_query)(Stream);

  // Nothing when there is no such library ("libnccl.so.2": where the loader looks). Throws Error
  // kUnavailable for one that lacks a function.
  static std::shared_ptr<const NcclLibrary> load(const std::string& file);
};

}  // namespace myna::train
