// The JSON header of a safetensors file, read event by event so that nothing is built from it
// before it is checked. Private to src/weights.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace myna {

// A file starts with the header's length as a little-endian 64-bit number.
inline constexpr size_t kSafetensorsLengthBytes = 8;
// The format's own limit.
inline constexpr uint64_t kMaxSafetensorsHeaderBytes = 100'000'000;
inline constexpr const char* kSafetensorsMetadataKey = "__metadata__";

struct SafetensorsEntry {
  std::string name;
  DType dtype = DType::kF32;
  Shape shape;
  uint64_t begin = 0;  // of the data after the header
  uint64_t end = 0;
};

struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries;  // in header order
  std::map<std::string, std::string> metadata;
};

// Checks everything that can be seen in the header alone: JSON, types, keys, shapes, and
// end - begin == elements * element size. `file_name` is for messages. Throws Error kCorruptData.
SafetensorsHeader parse_safetensors_header(std::string_view json, const std::string& file_name);

// An Error for a damaged file: "'<file>': <problem>".
[[noreturn]] void fail_safetensors(const std::string& file_name, const std::string& problem);

}  // namespace myna
