#include "weights/package_directory.h"

#include <algorithm>
#include <system_error>

#include "base/error.h"
#include "base/file.h"
#include "base/paths.h"
#include "weights/json_document.h"

namespace myna {

namespace fs = std::filesystem;

std::string quote_path(const fs::path& path) { return "'" + path.string() + "'"; }

std::string install_hint(std::string_view name) {
  return "run: myna models pull " + std::string(name);
}

std::string reinstall_hint(const std::string& name) {
  return "install it again: myna models remove " + name + " && myna models pull " + name;
}

fs::path find_package_directory(std::string_view name) {
  if (!is_valid_package_name(name)) {
    throw Error(ErrorCode::kInvalidArgument, quote_untrusted(name) + " cannot name a model package",
                "names are lower-case letters, digits, '.', '_' and '-'; `myna models list` shows "
                "them");
  }
  fs::path directory = models_directory() / name;
  std::error_code ignored;
  if (!fs::is_directory(directory, ignored)) {
    throw Error(ErrorCode::kUnavailable,
                "the model package '" + std::string(name) + "' is not installed",
                install_hint(name));
  }
  return directory;
}

ModelCard read_card(const fs::path& directory) {
  const fs::path path = directory / kCardFileName;
  std::error_code ignored;
  // Not exists(): opening a pipe of that name would wait for ever.
  if (!fs::is_regular_file(path, ignored)) {
    throw Error(ErrorCode::kCorruptData, quote_path(directory) + " has no " + kCardFileName,
                "the installation was not completed; delete that directory and " +
                    install_hint(directory.filename().string()));
  }
  return parse_model_card(read_file(path, kMaxJsonBytes), quote_path(path));
}

ModelCard read_card_of(const fs::path& directory, std::string_view name) {
  ModelCard card = read_card(directory);
  if (card.name != name) {
    throw Error(
        ErrorCode::kCorruptData,
        quote_path(directory / kCardFileName) + " is the card of " + quote_untrusted(card.name),
        "delete that directory and " + install_hint(name));
  }
  return card;
}

bool is_inside(const fs::path& canonical_directory, const fs::path& path) {
  std::error_code error;
  const fs::path canonical = fs::canonical(path, error);
  if (error) return false;
  const auto [rest, ignored] = std::mismatch(canonical_directory.begin(), canonical_directory.end(),
                                             canonical.begin(), canonical.end());
  return rest == canonical_directory.end();
}

}  // namespace myna
