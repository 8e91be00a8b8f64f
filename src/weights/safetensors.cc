#include "weights/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/text_distance.h"
#include "weights/json_document.h"
#include "weights/safetensors_header.h"

namespace myna {
namespace {

static_assert(std::endian::native == std::endian::little,
              "tensors are used in place, and the format is little-endian");

std::string described(DType dtype, const Shape& shape) {
  return std::string(dtype_name(dtype)) + " " + shape.to_string();
}

std::string range_text(const SafetensorsEntry& entry) {
  return "[" + std::to_string(entry.begin) + ", " + std::to_string(entry.end) + "]";
}

// The data must be covered exactly once from its first byte to its last.
void check_layout(const std::vector<SafetensorsEntry>& sorted, uint64_t data_bytes,
                  const std::string& file_name) {
  uint64_t covered = 0;
  const SafetensorsEntry* previous = nullptr;
  for (const SafetensorsEntry& entry : sorted) {
    const std::string tensor = "tensor " + quote_untrusted(entry.name) + ": ";
    if (entry.end > data_bytes) {
      fail_safetensors(file_name, tensor + "data_offsets " + range_text(entry) +
                                      " reach past the end of the data, which has " +
                                      std::to_string(data_bytes) + " bytes: the file was cut off");
    }
    if (entry.begin < covered) {
      fail_safetensors(file_name, tensor + "data_offsets " + range_text(entry) + " overlap " +
                                      range_text(*previous) + " of tensor " +
                                      quote_untrusted(previous->name));
    }
    if (entry.begin > covered) {
      fail_safetensors(file_name, tensor + "data_offsets " + range_text(entry) +
                                      " leave a hole of " + std::to_string(entry.begin - covered) +
                                      " bytes before it");
    }
    covered = entry.end;
    previous = &entry;
  }
  if (covered != data_bytes) {
    fail_safetensors(file_name, std::to_string(data_bytes - covered) +
                                    " bytes after the last tensor belong to none");
  }
}

// Why a tensor is not what the model's code expects, most often.
std::string likely_cause(const TensorView& found, DType dtype, const Shape& shape) {
  if (found.shape() == shape) return "the package was converted to another number format";
  std::vector<size_t> found_dims(found.shape().dims().begin(), found.shape().dims().end());
  std::vector<size_t> wanted_dims(shape.dims().begin(), shape.dims().end());
  std::sort(found_dims.begin(), found_dims.end());
  std::sort(wanted_dims.begin(), wanted_dims.end());
  if (found.dtype() == dtype && found_dims == wanted_dims) {
    return "the converter left the axes in another order";
  }
  if (found.dtype() == dtype && found.element_count() == shape.element_count()) {
    return "the converter shaped it differently";
  }
  return "the file belongs to another model or another version of it";
}

constexpr const char* kConverterHint =
    "the package does not match this version of Myna: install it again with `myna models remove` "
    "and `myna models pull`";

}  // namespace

SafetensorsFile SafetensorsFile::open(const std::filesystem::path& path) {
  SafetensorsFile file;
  file.file_name_ = path.string();
  file.map_ = MappedFile::open(path);
  file.parse(file.map_.bytes());
  return file;
}

SafetensorsFile SafetensorsFile::from_bytes(std::span<const std::byte> bytes, std::string name) {
  SafetensorsFile file;
  file.file_name_ = std::move(name);
  file.parse(bytes);
  return file;
}

void SafetensorsFile::parse(std::span<const std::byte> bytes) {
  if (bytes.size() < kSafetensorsLengthBytes) {
    fail_safetensors(file_name_, "only " + std::to_string(bytes.size()) +
                                     " bytes, too short for a safetensors file");
  }
  uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, bytes.data(), sizeof header_bytes);
  const std::span<const std::byte> rest = bytes.subspan(kSafetensorsLengthBytes);
  if (header_bytes > kMaxSafetensorsHeaderBytes) {
    fail_safetensors(file_name_, "a header of " + std::to_string(header_bytes) +
                                     " bytes, at most " +
                                     std::to_string(kMaxSafetensorsHeaderBytes) + " are allowed");
  }
  if (header_bytes > rest.size()) {
    fail_safetensors(file_name_, "a header of " + std::to_string(header_bytes) +
                                     " bytes in a file that has " + std::to_string(rest.size()) +
                                     " left: the file was cut off");
  }
  const std::string_view json(reinterpret_cast<const char*>(rest.data()), header_bytes);
  const std::span<const std::byte> data = rest.subspan(header_bytes);

  SafetensorsHeader header = parse_safetensors_header(json, file_name_);
  std::stable_sort(header.entries.begin(), header.entries.end(), [](const auto& a, const auto& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  check_layout(header.entries, data.size(), file_name_);

  for (SafetensorsEntry& entry : header.entries) {
    const auto tensor_bytes = data.subspan(entry.begin, entry.end - entry.begin);
    // The format allows any alignment, but every writer since 2023 pads the header and sorts by
    // element size. A copy would cost the memory that mapping saves, so the file is refused.
    if (reinterpret_cast<uintptr_t>(tensor_bytes.data()) % dtype_size(entry.dtype) != 0) {
      fail_safetensors(file_name_, "tensor " + quote_untrusted(entry.name) + ": its " +
                                       std::string(dtype_name(entry.dtype)) +
                                       " data is not aligned to " +
                                       std::to_string(dtype_size(entry.dtype)) +
                                       " bytes; write the file again with a current library");
    }
    names_.push_back(entry.name);
    tensors_.emplace(std::move(entry.name), TensorView(entry.dtype, entry.shape, tensor_bytes));
  }
  metadata_ = std::move(header.metadata);
}

std::optional<TensorView> SafetensorsFile::find(std::string_view name) const {
  const auto it = tensors_.find(name);
  if (it == tensors_.end()) return std::nullopt;
  return it->second;
}

TensorView SafetensorsFile::require(std::string_view name) const {
  if (const auto tensor = find(name)) return *tensor;
  std::string similar;
  for (const std::string& candidate : closest_names(name, names_)) {
    similar += (similar.empty() ? "; it has " : ", ") + quote_untrusted(candidate);
  }
  throw Error(ErrorCode::kCorruptData,
              "'" + file_name_ + "': tensor " + quote_untrusted(name) + " is missing" + similar,
              kConverterHint);
}

TensorView SafetensorsFile::require(std::string_view name, DType dtype, const Shape& shape) const {
  TensorView tensor = require(name);
  if (tensor.dtype() != dtype || tensor.shape() != shape) {
    throw Error(ErrorCode::kCorruptData,
                "'" + file_name_ + "': tensor " + quote_untrusted(name) + " is " +
                    described(tensor.dtype(), tensor.shape()) + ", expected " +
                    described(dtype, shape) + ": " + likely_cause(tensor, dtype, shape),
                kConverterHint);
  }
  return tensor;
}

}  // namespace myna
