#include "train/core/parameters.h"

#include <algorithm>

#include "base/error.h"
#include "train/core/draw.h"

namespace myna::train {

Tensor Parameters::add(const std::string& name, Tensor value, ParameterKind kind, int64_t begin,
                       int64_t whole) {
  const bool known = std::any_of(parameters_.begin(), parameters_.end(),
                                 [&](const Parameter& other) { return other.name == name; });
  if (known) throw Error(ErrorCode::kInternal, "two parameters are called '" + name + "'");
  value = value.to(device_).set_requires_grad(true);
  parameters_.push_back({name, value, kind, begin, whole});
  return value;
}

Tensor Parameters::normal(const std::string& name, at::IntArrayRef shape, double deviation,
                          ParameterKind kind, RowPart part) {
  std::vector<int64_t> sizes = shape.vec();
  const int64_t whole = sizes[0];
  if (part.count > 0) sizes[0] = part.count;
  Tensor value = at::zeros(sizes, at::kFloat);
  if (deviation > 0) {
    Draw draw(seed_ ^ hash_of(name));
    // Two draws a number.
    draw.skip(static_cast<uint64_t>(2 * part.begin * (value.numel() / sizes[0])));
    float* numbers = value.data_ptr<float>();
    for (int64_t i = 0; i < value.numel(); ++i) {
      numbers[i] = static_cast<float>(deviation * draw.gaussian());
    }
  }
  return add(name, value, kind, part.begin, whole);
}

Tensor Parameters::constant(const std::string& name, at::IntArrayRef shape, double value) {
  return add(name, at::full(shape, value, at::kFloat), ParameterKind::kOther, 0, shape[0]);
}

int64_t Parameters::count() const {
  int64_t sum = 0;
  for (const Parameter& parameter : parameters_) {
    sum += parameter.whole * (parameter.value.numel() / parameter.value.size(0));
  }
  return sum;
}

const Parameter& Parameters::find(std::string_view name) const {
  for (const Parameter& parameter : parameters_) {
    if (parameter.name == name) return parameter;
  }
  throw Error(ErrorCode::kInternal, "no parameter is called '" + std::string(name) + "'");
}

}  // namespace myna::train
