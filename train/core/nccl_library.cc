#include "train/core/nccl_library.h"

#include <dlfcn.h>

#include "base/error.h"

namespace myna::train {

std::shared_ptr<const NcclLibrary> NcclLibrary::load(const std::string& file) {
  // Never closed: communicators of a run that was given up may still be in use by it.
  void* const handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return nullptr;
  auto library = std::make_shared<NcclLibrary>();
  const auto find = [&](auto& function, const char* name) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(handle, name));
    if (function == nullptr) {
      throw Error(ErrorCode::kUnavailable, "'" + file + "' has no " + name,
                  "NCCL 2.10 or later is needed");
    }
  };
  find(library->get_unique_id, "ncclGetUniqueId");
  find(library->comm_init_rank, "ncclCommInitRank");
  find(library->comm_destroy, "ncclCommDestroy");
  find(library->comm_get_async_error, "ncclCommGetAsyncError");
  find(library->get_error_string, "ncclGetErrorString");
  find(library->group_start, "ncclGroupStart");
  find(library->group_end, "ncclGroupEnd");
  find(library->all_reduce, "ncclAllReduce");
  find(library->all_gather, "ncclAllGather");
  find(library->broadcast, "ncclBroadcast");
  find(library->send, "ncclSend");
  find(library->receive, "ncclRecv");
  void* const query = dlsym(handle, "cudaStreamQuery");
  library->stream_query = reinterpret_cast<int (*)(Stream)>(
      query != nullptr ? query : dlsym(RTLD_DEFAULT, "cudaStreamQuery"));
  if (library->stream_query == nullptr) {
    throw Error(ErrorCode::kUnavailable, "there is no CUDA runtime beside '" + file + "'",
                "a LibTorch with CUDA is needed");
  }
  return library;
}

}  // namespace myna::train
