// Weights of a safetensors file that is no checkpoint: a model that a run begins with.
#pragma once

#include <string>

#include "train/core/parameters.h"
#include "weights/safetensors.h"

namespace myna::train {

// As float, of float, bfloat16 or half. Views into the file where it has floats: it must live as
// long. Throws Error kCorruptData for other types and for a tensor that is not there.
Tensor read_tensor(const SafetensorsFile& file, const std::string& name);

// The whole tensor, or of one that is divided the rows that are here. Throws Error kCorruptData
// when its shape is not the model's.
void put_tensor(const Parameters& parameters, const std::string& name, const Tensor& value);

}  // namespace myna::train
