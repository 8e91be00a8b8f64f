#include <algorithm>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

#include "base/error.h"
#include "base/utf8.h"
#include "weights/json_document.h"
#include "weights/safetensors.h"
#include "weights/safetensors_header.h"

namespace myna {
namespace {

// A cache line, and the widest vector register.
constexpr size_t kDataAlignment = 64;

// The alignment that the tensor after this one still has when this one starts aligned.
size_t alignment_after(const TensorView& tensor) {
  const size_t bytes = tensor.bytes().size();
  return bytes == 0 ? kDataAlignment
                    : std::min(kDataAlignment, size_t{1} << std::countr_zero(bytes));
}

// No padding may lie between tensors: sizes that keep the most alignment go first. A size is a
// multiple of its element size, so every tensor is at least aligned for its dtype.
std::vector<size_t> order_by_alignment(std::span<const NamedTensor> tensors) {
  std::vector<size_t> order(tensors.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return alignment_after(tensors[a].tensor) > alignment_after(tensors[b].tensor);
  });
  return order;
}

void check_text(std::string_view text, const char* what) {
  if (find_invalid_utf8(text)) {
    throw Error(ErrorCode::kInvalidArgument,
                std::string(what) + " " + quote_untrusted(text) + " is not UTF-8");
  }
}

void check_names(std::span<const NamedTensor> tensors) {
  std::set<std::string_view> seen;
  for (const NamedTensor& tensor : tensors) {
    check_text(tensor.name, "the tensor name");
    if (tensor.name.empty() || tensor.name == kSafetensorsMetadataKey ||
        tensor.name.find('\0') != std::string::npos) {
      throw Error(ErrorCode::kInvalidArgument,
                  "a tensor cannot be named " + quote_untrusted(tensor.name));
    }
    if (!seen.insert(tensor.name).second) {
      throw Error(ErrorCode::kInvalidArgument,
                  "two tensors are named " + quote_untrusted(tensor.name));
    }
  }
}

// The length and the JSON, padded with spaces so that the data after it is aligned.
std::string make_header(std::span<const NamedTensor> tensors, std::span<const size_t> order,
                        const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header[kSafetensorsMetadataKey] = metadata;
  size_t offset = 0;
  for (const size_t index : order) {
    const TensorView& tensor = tensors[index].tensor;
    const size_t end = offset + tensor.bytes().size();
    const auto dims = tensor.shape().dims();
    header[tensors[index].name] = {{"dtype", dtype_name(tensor.dtype())},
                                   {"shape", std::vector<size_t>(dims.begin(), dims.end())},
                                   {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string json = header.dump();
  const size_t start = kSafetensorsLengthBytes + json.size();
  json.append((kDataAlignment - start % kDataAlignment) % kDataAlignment, ' ');
  if (json.size() > kMaxSafetensorsHeaderBytes) {
    throw Error(ErrorCode::kInvalidArgument, "the header of " + std::to_string(tensors.size()) +
                                                 " tensors is larger than the format allows");
  }
  std::string header_bytes(kSafetensorsLengthBytes, '\0');
  const uint64_t length = json.size();
  std::memcpy(header_bytes.data(), &length, sizeof length);
  return header_bytes + json;
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors,
                       const std::map<std::string, std::string>& metadata) {
  check_names(tensors);
  for (const auto& [key, value] : metadata) {
    check_text(key, "the metadata key");
    check_text(value, "the metadata value");
  }
  const std::vector<size_t> order = order_by_alignment(tensors);
  AtomicFile file(path);
  file.write(make_header(tensors, order, metadata));
  for (const size_t index : order) {
    const auto bytes = tensors[index].tensor.bytes();
    file.write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  file.commit();
}

}  // namespace myna
