// card.json of a model package: what it is, where it comes from, under which licence, and the
// size and hash of each of its files. Format: docs/formats/model-package.md.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace myna {

// A registry file that a package is made from.
struct PackageSource {
  std::string registry;  // "pypi" or "npm"
  std::string package;
  std::string version;
  std::string file;     // the archive's file name in the registry
  std::string sha256;   // of that archive, 64 lower-case hexadecimal digits
  std::string licence;  // SPDX expression
};

struct PackageFile {
  std::string path;  // relative to the package directory, '/' between components, never leaves it
  uint64_t bytes = 0;
  std::string sha256;
};

struct TensorSummary {
  DType dtype = DType::kF32;
  Shape shape;
};

// The hyper-parameters of a card, read by dotted path: parameters.integer("plbert.hidden_size").
// A missing or mistyped value throws Error kCorruptData that names the card, the path and what was
// expected. Immutable; cheap to copy.
class ModelParameters {
 public:
  ModelParameters();
  ModelParameters(nlohmann::json object, std::string card_name);

  bool has(std::string_view path) const;
  int64_t integer(std::string_view path) const;
  double number(std::string_view path) const;
  bool flag(std::string_view path) const;
  std::string text(std::string_view path) const;
  std::vector<int64_t> integers(std::string_view path) const;
  std::vector<double> numbers(std::string_view path) const;
  std::vector<std::string> texts(std::string_view path) const;
  // An object of integers, such as a vocabulary.
  std::map<std::string, int64_t> integer_map(std::string_view path) const;
  // The whole object as indented JSON, for people and for what the accessors do not cover.
  std::string to_json() const;

 private:
  const nlohmann::json& at(std::string_view path, std::string_view expected) const;

  std::shared_ptr<const nlohmann::json> object_;
  std::string card_name_;
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
