// The named, ordered tensors of a model: what an optimiser updates, a checkpoint stores and an
// export writes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "train/core/torch.h"

namespace myna::train {

// Which optimiser a tensor gets: hidden matrices may be orthogonalised, the rest may not.
enum class ParameterKind : uint8_t { kMatrix, kOther };

struct Parameter {
  std::string name;
  Tensor value;  // float, contiguous, requires gradients
  ParameterKind kind;
  // Of a larger tensor, divided over processes by its rows: where these begin, and how many there
  // are in all.
  int64_t begin = 0, whole = 0;
  bool is_part() const { return value.size(0) != whole; }
};

// Rows [begin, begin + count) of a tensor; count 0: all.
struct RowPart {
  int64_t begin = 0, count = 0;
};

// Initial values depend on the seed and the tensor's name alone: a new layer leaves the others as
// they were. Not thread-safe.
class Parameters {
 public:
  Parameters(uint64_t seed, at::Device device) : seed_(seed), device_(device) {}

  // Normal with this deviation; 0 gives zeros. `shape` is that of the whole tensor; a part has the
  // values that it has there.
  Tensor normal(const std::string& name, at::IntArrayRef shape, double deviation,
                ParameterKind kind = ParameterKind::kOther, RowPart part = {});
  Tensor constant(const std::string& name, at::IntArrayRef shape, double value);

  const std::vector<Parameter>& all() const { return parameters_; }
  int64_t count() const;  // of numbers of the whole model
  at::Device device() const { return device_; }
  // Throws Error kInternal for a name that is not there.
  const Parameter& find(std::string_view name) const;

 private:
  Tensor add(const std::string& name, Tensor value, ParameterKind kind, int64_t begin,
             int64_t whole);

  uint64_t seed_;
  at::Device device_;
  std::vector<Parameter> parameters_;
};

}  // namespace myna::train
