// card.json of a model package: what it is, where it comes from, under which licence, and the
// size and hash of each of its files. Format: docs/formats/model-package.md.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/dtype.h"
#include "tensor/shape.h"
#include "weights/model_parameters.h"
#include "weights/package_source.h"

namespace myna {

struct PackageFile {
  std::string path;  // relative to the package directory, '/' between components, never leaves it
  uint64_t bytes = 0;
  std::string sha256;
};

struct TensorSummary {
  DType dtype = DType::kF32;
  Shape shape;
};

struct ModelCard {
  static constexpr int kFormatVersion = 1;

  std::string name;  // that of the directory: [a-z0-9][a-z0-9._-]*, at most 64 bytes
  std::string version;
  std::string architecture;  // "kokoro-82m", "lexicon-en", ...: which code reads the files
  std::string description;
  std::string licence;      // SPDX expression of the whole package
  std::string attribution;  // text for NOTICE and `myna models list`
  std::vector<PackageSource> sources;
  std::vector<PackageFile> files;
  std::map<std::string, TensorSummary> tensors;  // of all safetensors files; may be empty
  ModelParameters parameters;

  uint64_t total_bytes() const;
};

// `card_name` stands for the card in messages. Throws Error kCorruptData with the position in the
// document ("files[2].sha256") and what was expected there.
ModelCard parse_model_card(std::string_view json, std::string_view card_name);

// Whether `name` may name a package: see ModelCard::name.
bool is_valid_package_name(std::string_view name);

}  // namespace myna
