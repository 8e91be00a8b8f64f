// Where a package comes from; shared by cards and the catalogue.
#pragma once

#include <string>

namespace myna {

class JsonValue;

// A registry file that a package is made from.
struct PackageSource {
  std::string registry;  // "pypi" or "npm"
  std::string package;
  std::string version;
  std::string file;     // the archive's file name in the registry
  std::string sha256;   // of that archive, 64 lower-case hexadecimal digits
  std::string licence;  // SPDX expression
};

// From an object of a document. Throws Error kCorruptData with the place in the document.
PackageSource read_package_source(const JsonValue& value);

}  // namespace myna
