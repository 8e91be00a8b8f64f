#include "voice/studio/checkpoint.h"

#include "base/error.h"

namespace myna::voice::studio {

std::string tensor_name(std::initializer_list<std::string_view> parts) {
  std::string name;
  for (std::string_view part : parts) name += part;
  return name;
}

ops::WeightView Checkpoint::weight(const std::string& name, const Shape& shape) const {
  const TensorView tensor = file_.require(name);
  if (tensor.dtype() != DType::kI8) return {file_.values<float>(name, shape), {}, {}};
  const auto quantized = file_.values<int8_t>(name, shape);
  const TensorView scale = file_.require(name + ".scale");
  const size_t count = scale.element_count();
  if (count != 1 && count != shape[0]) {
    throw Error(ErrorCode::kCorruptData,
                "tensor '" + name + ".scale' in '" + file_.file_name() + "' has " +
                    std::to_string(count) + " values instead of 1 or " + std::to_string(shape[0]),
                "install the model again: myna models pull kokoro-82m");
  }
  return {{}, quantized, file_.values<float>(name + ".scale", Shape{count})};
}

std::span<const float> Checkpoint::floats(const std::string& name, const Shape& shape) const {
  return file_.values<float>(name, shape);
}

std::span<const float> Checkpoint::parameters(const std::string& name, const Shape& shape) const {
  return backend_.resident(floats(name, shape));
}

std::vector<float> Checkpoint::dequantized(const std::string& name, const Shape& shape) const {
  const ops::WeightView view = weight(name, shape);
  std::vector<float> values(view.size());
  const size_t per_output = shape.element_count() / shape[0];
  for (size_t i = 0; i < values.size(); ++i) values[i] = view.at(i, i / per_output);
  return values;
}

ops::Prepared Checkpoint::linear(const std::string& prefix, size_t in, size_t out,
                                 ops::Precision precision) const {
  return backend_.prepare_conv1d({in, out, 1, 1, 1, 0}, weight(prefix + ".weight", {out, in}),
                                 floats(prefix + ".bias", {out}), precision);
}

ops::Prepared Checkpoint::conv1d(const std::string& prefix, const ops::Conv1dSpec& spec,
                                 ops::Precision precision) const {
  std::span<const float> bias;
  if (file_.find(prefix + ".bias")) bias = floats(prefix + ".bias", {spec.out_channels});
  return backend_.prepare_conv1d(
      spec, weight(prefix + ".weight", {spec.out_channels, spec.in_channels, spec.kernel}), bias,
      precision);
}

ops::LstmDirection Checkpoint::lstm_direction(const std::string& prefix, const std::string& suffix,
                                              size_t in, size_t hidden) const {
  return {weight(prefix + ".weight_ih_l0" + suffix, {4 * hidden, in}),
          weight(prefix + ".weight_hh_l0" + suffix, {4 * hidden, hidden}),
          floats(prefix + ".bias_ih_l0" + suffix, {4 * hidden}),
          floats(prefix + ".bias_hh_l0" + suffix, {4 * hidden})};
}

ops::Prepared Checkpoint::bilstm(const std::string& prefix, size_t in, size_t hidden) const {
  return backend_.prepare_bilstm(in, hidden, lstm_direction(prefix, "", in, hidden),
                                 lstm_direction(prefix, "_reverse", in, hidden), precision_);
}

}  // namespace myna::voice::studio
