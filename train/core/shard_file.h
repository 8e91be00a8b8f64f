// What readers of shards ask of a safetensors file, with errors that say which program makes it.
#pragma once

#include <span>
#include <string>

#include "base/error.h"
#include "weights/safetensors.h"

namespace myna::train {

// The file outlives it.
class ShardFile {
 public:
  ShardFile(const SafetensorsFile& file, std::string maker)
      : file_(file), maker_(std::move(maker)) {}

  [[noreturn]] void corrupt(const std::string& what) const {
    throw Error(ErrorCode::kCorruptData, file_.file_name() + ": " + what,
                "make the shard again with " + maker_);
  }
  // Throws Error kCorruptData when it is missing.
  std::string metadata(const std::string& name) const {
    const auto found = file_.metadata().find(name);
    if (found == file_.metadata().end()) corrupt("no metadata '" + name + "'");
    return found->second;
  }
  // The elements of a tensor. Throws Error kCorruptData when it is missing or of another type.
  template <typename T>
  std::span<const T> whole(const char* name) const {
    const TensorView tensor = file_.require(name);
    if (tensor.dtype() != kDTypeOf<T>) corrupt(std::string(name) + " has the wrong type");
    return tensor.as<T>();
  }

 private:
  const SafetensorsFile& file_;
  std::string maker_;
};

}  // namespace myna::train
