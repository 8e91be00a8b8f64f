// The Studio model's tensors by their names in the checkpoint, as the backend wants them.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ops/backend.h"
#include "weights/safetensors.h"

namespace myna::voice::studio {

// The parts in a row: tensor_name({"decoder.decode.", index, ".norm1"}).
std::string tensor_name(std::initializer_list<std::string_view> parts);

// Lives while the model is built; the views that it gives live as long as the file.
class Checkpoint {
 public:
  Checkpoint(const SafetensorsFile& file, ops::Backend& backend, ops::Precision precision)
      : file_(file), backend_(backend), precision_(precision) {}

  ops::Backend& backend() const { return backend_; }
  ops::Precision precision() const { return precision_; }

  // A weight stored as float, or as int8 with "<name>.scale". Throws Error kCorruptData when it
  // is missing or has another shape.
  ops::WeightView weight(const std::string& name, const Shape& shape) const;
  // In the file.
  std::span<const float> floats(const std::string& name, const Shape& shape) const;
  // The same where the backend's operations read them.
  std::span<const float> parameters(const std::string& name, const Shape& shape) const;
  // In float whatever it is stored as.
  std::vector<float> dequantized(const std::string& name, const Shape& shape) const;

  // "<prefix>.weight" [out, in] and "<prefix>.bias" [out].
  ops::Prepared linear(const std::string& prefix, size_t in, size_t out,
                       ops::Precision precision) const;
  // "<prefix>.weight" [out, in, kernel] and, when there is one, "<prefix>.bias" [out].
  ops::Prepared conv1d(const std::string& prefix, const ops::Conv1dSpec& spec,
                       ops::Precision precision) const;
  // PyTorch's one-layer bidirectional LSTM with hidden size 256.
  ops::Prepared bilstm(const std::string& prefix, size_t in, size_t hidden) const;

 private:
  ops::LstmDirection lstm_direction(const std::string& prefix, const std::string& suffix, size_t in,
                                    size_t hidden) const;

  const SafetensorsFile& file_;
  ops::Backend& backend_;
  ops::Precision precision_;
};

}  // namespace myna::voice::studio
