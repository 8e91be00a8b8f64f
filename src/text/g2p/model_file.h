// Opening the files of the package pronunciation-en.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tensor/shape.h"
#include "weights/safetensors.h"

namespace myna::text {

// Throws Error kUnavailable, with the command that installs it, when the file is missing.
std::shared_ptr<const SafetensorsFile> open_model_file(const std::filesystem::path& path);

// Throws Error kCorruptData with `problem` unless the condition holds.
void require_model(bool condition, const SafetensorsFile& file, const std::string& problem);

// An entry of the file's metadata. Throws Error kCorruptData when it is missing.
const std::string& model_metadata(const SafetensorsFile& file, const std::string& key);

// A tensor of half-precision numbers.
std::vector<float> model_floats(const SafetensorsFile& file, const std::string& name,
                                const Shape& shape);

}  // namespace myna::text
