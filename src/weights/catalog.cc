#include "weights/catalog.h"

#include <cstdlib>
#include <limits>
#include <set>

#include "base/file.h"
#include "weights/json_document.h"

namespace myna {
namespace {

CatalogSource read_catalog_source(const JsonValue& value) {
  CatalogSource source;
  static_cast<PackageSource&>(source) = read_package_source(value);
  source.bytes = value.member("bytes").whole_number(std::numeric_limits<int64_t>::max());
  return source;
}

CatalogPackage read_catalog_package(const JsonValue& value) {
  CatalogPackage package;
  const JsonValue name = value.member("name");
  package.name = name.text();
  if (!is_valid_package_name(package.name)) {
    name.fail(quote_untrusted(package.name) + " cannot name a package");
  }
  package.version = value.member("version").non_empty_text();
  package.description = value.member("description").text();
  package.licence = value.member("licence").spdx();
  package.download_bytes =
      value.member("download_bytes").whole_number(std::numeric_limits<int64_t>::max());
  package.converter = value.member("converter").non_empty_text();
  for (const JsonValue& source : value.member("sources").elements()) {
    package.sources.push_back(read_catalog_source(source));
  }
  return package;
}

}  // namespace

std::filesystem::path share_directory() {
  const char* value = std::getenv("MYNA_SHARE");
  return value != nullptr && *value != '\0' ? value : MYNA_SHARE_DIR;
}

std::filesystem::path catalog_path() { return share_directory() / "tools/models/catalog.json"; }

std::vector<CatalogPackage> parse_catalog(std::string_view json, std::string_view catalog_name) {
  const nlohmann::json document = parse_json_document(json, catalog_name);
  const JsonValue root(document, std::string(catalog_name));
  std::vector<CatalogPackage> packages;
  std::set<std::string> seen;
  for (const JsonValue& value : root.member("packages").elements()) {
    packages.push_back(read_catalog_package(value));
    if (!seen.insert(packages.back().name).second) {
      value.fail(quote_untrusted(packages.back().name) + " comes twice");
    }
  }
  return packages;
}

std::vector<CatalogPackage> read_catalog(const std::filesystem::path& path) {
  return parse_catalog(read_file(path), "'" + path.string() + "'");
}

}  // namespace myna
