// SafetensorsFile over arbitrary bytes: either an Error kCorruptData, or tensors that lie in the
// file, cover its data exactly once and can be read.
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "fuzz_check.h"
#include "weights/safetensors.h"

namespace {

using namespace myna;

// Sums the elements, so that ASan and UBSan see every read.
template <typename T>
void read_all(const TensorView& tensor) {
  unsigned sum = 0;
  for (const T& element : tensor.as<T>()) {
    unsigned char first;
    std::memcpy(&first, &element, 1);
    sum += first;
  }
  asm volatile("" : : "r"(sum));  // keeps the reads
}

void read_tensor(const TensorView& tensor) {
  switch (tensor.dtype()) {
    case DType::kF32:
      return read_all<float>(tensor);
    case DType::kF16:
      return read_all<Float16>(tensor);
    case DType::kBF16:
      return read_all<BFloat16>(tensor);
    case DType::kI8:
      return read_all<int8_t>(tensor);
    case DType::kU8:
      return read_all<uint8_t>(tensor);
    case DType::kI32:
      return read_all<int32_t>(tensor);
    case DType::kI64:
      return read_all<int64_t>(tensor);
    case DType::kF64:
      return read_all<double>(tensor);
  }
}

void parse(std::span<const std::byte> bytes) {
  try {
    const SafetensorsFile file = SafetensorsFile::from_bytes(bytes, "fuzz");
    size_t tensor_bytes = 0;
    for (const std::string& name : file.names()) {
      const TensorView tensor = file.require(name);
      FUZZ_CHECK(tensor.bytes().empty() ||
                 (tensor.bytes().data() >= bytes.data() &&
                  tensor.bytes().data() + tensor.bytes().size() <= bytes.data() + bytes.size()));
      tensor_bytes += tensor.bytes().size();
      read_tensor(tensor);
    }
    uint64_t header_bytes = 0;
    std::memcpy(&header_bytes, bytes.data(), sizeof header_bytes);
    FUZZ_CHECK(tensor_bytes + header_bytes + 8 == bytes.size());
  } catch (const Error& error) {
    FUZZ_CHECK(error.code() == ErrorCode::kCorruptData);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  parse(std::as_bytes(std::span(data, size)));

  // The length before the header is hard to keep right by mutation: the same bytes as a header.
  constexpr size_t kDataBytes = 64;
  std::vector<std::byte> file(8 + size + kDataBytes);
  const uint64_t header_bytes = size;
  std::memcpy(file.data(), &header_bytes, 8);
  if (size > 0) std::memcpy(file.data() + 8, data, size);
  parse(file);
  return 0;
}
