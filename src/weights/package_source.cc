#include "weights/package_source.h"

#include "weights/json_document.h"

namespace myna {

PackageSource read_package_source(const JsonValue& value) {
  PackageSource source;
  const JsonValue registry = value.member("registry");
  source.registry = registry.text();
  if (source.registry != "pypi" && source.registry != "npm") {
    registry.fail("expected 'pypi' or 'npm', found " + quote_untrusted(source.registry));
  }
  source.package = value.member("package").non_empty_text();
  source.version = value.member("version").non_empty_text();
  source.file = value.member("file").non_empty_text();
  source.sha256 = value.member("sha256").sha256();
  source.licence = value.member("licence").spdx();
  return source;
}

}  // namespace myna
