#include "train/core/weight_file.h"

#include "base/error.h"

namespace myna::train {

Tensor read_tensor(const SafetensorsFile& file, const std::string& name) {
  const TensorView view = file.require(name);
  std::vector<int64_t> sizes;
  for (size_t i = 0; i < view.shape().rank(); ++i) {
    sizes.push_back(static_cast<int64_t>(view.shape()[i]));
  }
  at::ScalarType type = at::kFloat;
  if (view.dtype() == DType::kBF16) {
    type = at::kBFloat16;
  } else if (view.dtype() == DType::kF16) {
    type = at::kHalf;
  } else if (view.dtype() != DType::kF32) {
    throw Error(ErrorCode::kCorruptData, file.file_name() + ": '" + name + "' is not of floats");
  }
  return at::from_blob(const_cast<std::byte*>(view.bytes().data()), sizes, type).to(at::kFloat);
}

void put_tensor(const Parameters& parameters, const std::string& name, const Tensor& value) {
  at::NoGradGuard no_grad;
  const Parameter& parameter = parameters.find(name);
  Tensor target = parameter.value;
  std::vector<int64_t> sizes = target.sizes().vec();
  sizes[0] = parameter.whole;
  if (value.sizes() != sizes) {
    throw Error(ErrorCode::kCorruptData, "'" + name + "' has another shape than the model",
                "the sizes in the settings (model.…) must be those of the weights");
  }
  target.copy_(value.narrow(0, parameter.begin, target.size(0)));
}

}  // namespace myna::train
