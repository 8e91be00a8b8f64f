#include "tensor/dtype.h"

#include <array>

namespace myna {
namespace {

struct DTypeFacts {
  DType dtype;
  std::string_view name;
  size_t size;
};

constexpr std::array<DTypeFacts, 8> kFacts{{{DType::kF32, "F32", 4},
                                            {DType::kF16, "F16", 2},
                                            {DType::kBF16, "BF16", 2},
                                            {DType::kI8, "I8", 1},
                                            {DType::kU8, "U8", 1},
                                            {DType::kI32, "I32", 4},
                                            {DType::kI64, "I64", 8},
                                            {DType::kF64, "F64", 8}}};

constexpr bool rows_follow_the_enum() {
  for (size_t i = 0; i < kFacts.size(); ++i) {
    if (kFacts[i].dtype != static_cast<DType>(i)) return false;
  }
  return true;
}
static_assert(rows_follow_the_enum());

const DTypeFacts& facts(DType dtype) { return kFacts[static_cast<size_t>(dtype)]; }

}  // namespace

std::string_view dtype_name(DType dtype) { return facts(dtype).name; }

std::optional<DType> parse_dtype(std::string_view name) {
  for (const DTypeFacts& row : kFacts) {
    if (row.name == name) return row.dtype;
  }
  return std::nullopt;
}

size_t dtype_size(DType dtype) { return facts(dtype).size; }

}  // namespace myna
