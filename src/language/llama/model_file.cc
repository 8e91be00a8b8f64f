#include "language/llama/model_file.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>

#include "base/error.h"
#include "language/llama/llama_library.h"

namespace myna::language {
namespace {

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, FileCloser>;

std::string text_of(const gguf_context* file, const char* key) {
  const int64_t id = gguf_find_key(file, key);
  if (id < 0 || gguf_get_kv_type(file, id) != GGUF_TYPE_STRING) return {};
  return gguf_get_val_str(file, id);
}

Error no_model(const std::filesystem::path& path, const std::string& why) {
  return Error(ErrorCode::kCorruptData, "'" + path.string() + "' is no usable model: " + why,
               "models are GGUF files; a broken download has to be made again");
}

}  // namespace

uint64_t available_memory_bytes() {
  std::ifstream info("/proc/meminfo");
  std::string key;
  uint64_t kilobytes = 0;
  for (std::string line; std::getline(info, line);) {
    if (std::sscanf(line.c_str(), "MemAvailable: %lu kB", &kilobytes) == 1) return kilobytes << 10;
  }
  return 0;
}

ModelFile inspect_model_file(const std::filesystem::path& path, uint64_t memory_bytes) {
  std::error_code code;
  if (std::filesystem::is_directory(path, code)) {
    throw Error(ErrorCode::kInvalidArgument, "'" + path.string() + "' is a directory",
                "give the .gguf file in it");
  }
  const File file(std::fopen(path.c_str(), "rbe"));
  if (!file) throw errno_error("cannot open '" + path.string() + "'", errno);
  ModelFile found;
  found.bytes = std::filesystem::file_size(path, code);
  if (code) throw Error(ErrorCode::kIo, "'" + path.string() + "' is no regular file");

  std::array<char, 4> magic{};
  if (std::fread(magic.data(), 1, magic.size(), file.get()) != magic.size() ||
      std::memcmp(magic.data(), "GGUF", 4) != 0) {
    throw no_model(path, "it does not begin as a GGUF file does");
  }
  std::rewind(file.get());
  const LlamaComplaints complaints;
  const GgufHandle metadata(gguf_init_from_file_ptr(file.get(), {true, nullptr}));
  if (!metadata) throw no_model(path, complaints.first("its metadata cannot be read"));

  uint64_t end = gguf_get_data_offset(metadata.get());
  for (int64_t i = 0; i < gguf_get_n_tensors(metadata.get()); ++i) {
    end = std::max<uint64_t>(end, gguf_get_data_offset(metadata.get()) +
                                      gguf_get_tensor_offset(metadata.get(), i) +
                                      gguf_get_tensor_size(metadata.get(), i));
  }
  if (end > found.bytes) {
    throw no_model(path, fmt::format("it ends after {} of {} bytes", found.bytes, end));
  }
  if (memory_bytes > 0 && found.bytes > memory_bytes) {
    throw Error(ErrorCode::kResourceExhausted,
                fmt::format("'{}' has {:.1f} GB, and {:.1f} GB of memory are free", path.string(),
                            static_cast<double>(found.bytes) / 1e9,
                            static_cast<double>(memory_bytes) / 1e9),
                "take a smaller or more strongly quantised model");
  }
  found.architecture = text_of(metadata.get(), "general.architecture");
  found.name = text_of(metadata.get(), "general.name");
  if (found.name.empty()) found.name = path.stem().string();
  return found;
}

}  // namespace myna::language
