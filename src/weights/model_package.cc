#include "weights/model_package.h"

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/paths.h"
#include "base/sha256.h"
#include "weights/json_document.h"
#include "weights/package_directory.h"

namespace myna {
namespace {

namespace fs = std::filesystem;

// What is wrong with a listed file, by its directory entry alone; empty when nothing is.
std::string file_problem(const fs::path& canonical_directory, const PackageFile& file) {
  const fs::path path = canonical_directory / file.path;
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) return "is missing";
  if (!fs::is_regular_file(status)) return "is not a regular file";
  if (!is_inside(canonical_directory, path)) return "is a link out of the package directory";
  const uintmax_t bytes = fs::file_size(path, error);
  if (error) return "cannot be read: " + error.message();
  if (bytes != file.bytes) {
    return "has " + std::to_string(bytes) + " bytes, " + std::to_string(file.bytes) +
           " were expected";
  }
  return "";
}

bool is_safetensors(const std::string& path) { return path.ends_with(".safetensors"); }

// Compares the tensors of one file with the card's summary; adds their names to `seen`.
std::string tensor_problem(const ModelCard& card, const fs::path& path,
                           std::set<std::string>& seen) {
  const SafetensorsFile file = SafetensorsFile::open(path);
  for (const std::string& name : file.names()) {
    const auto expected = card.tensors.find(name);
    if (expected == card.tensors.end()) {
      return "has the tensor " + quote_untrusted(name) + ", which the card does not list";
    }
    file.require(name, expected->second.dtype, expected->second.shape);
    seen.insert(name);
  }
  return "";
}

}  // namespace

ModelPackage ModelPackage::open(std::string_view name) {
  const fs::path directory = find_package_directory(name);
  return ModelPackage(directory, read_card_of(directory, name));
}

ModelPackage ModelPackage::open_directory(const fs::path& directory) {
  return ModelPackage(directory, read_card(directory));
}

ModelPackage::ModelPackage(const fs::path& directory, ModelCard card) : card_(std::move(card)) {
  std::error_code error;
  directory_ = fs::canonical(directory, error);
  if (error)
    throw errno_error("cannot open the model package " + quote_path(directory), error.value());
  for (const PackageFile& file : card_.files) {
    const std::string problem = file_problem(directory_, file);
    if (!problem.empty()) {
      throw Error(ErrorCode::kCorruptData,
                  "the model package '" + card_.name +
                      "' is damaged: " + quote_path(directory_ / file.path) + " " + problem,
                  reinstall_hint(card_.name));
    }
  }
}

fs::path ModelPackage::file(std::string_view path) const {
  const auto it = std::find_if(card_.files.begin(), card_.files.end(),
                               [&](const PackageFile& file) { return file.path == path; });
  if (it == card_.files.end()) {
    throw Error(ErrorCode::kCorruptData,
                "the model package '" + card_.name + "' has no file " + quote_untrusted(path),
                "it does not match this version of Myna; " + reinstall_hint(card_.name));
  }
  return directory_ / it->path;
}

SafetensorsFile ModelPackage::open_safetensors(std::string_view path) const {
  return SafetensorsFile::open(file(path));
}

std::vector<FileCheck> ModelPackage::verify(const std::function<void(uint64_t)>& progress) const {
  std::vector<FileCheck> checks;
  std::set<std::string> seen_tensors;
  uint64_t bytes_done = 0;
  bool all_tensors_read = true;
  for (const PackageFile& file : card_.files) {
    FileCheck check{file.path, file_problem(directory_, file)};
    const fs::path path = directory_ / file.path;
    try {
      if (check.problem.empty() && sha256_file_hex(path) != file.sha256) {
        check.problem = "has another SHA-256 than the card";
      }
      if (check.problem.empty() && is_safetensors(file.path) && !card_.tensors.empty()) {
        check.problem = tensor_problem(card_, path, seen_tensors);
      }
    } catch (const Error& error) {
      check.problem = error.message();
    }
    if (!check.problem.empty() && is_safetensors(file.path)) all_tensors_read = false;
    checks.push_back(std::move(check));
    bytes_done += file.bytes;
    if (progress) progress(bytes_done);
  }
  if (all_tensors_read) {
    for (const auto& [name, summary] : card_.tensors) {
      if (!seen_tensors.contains(name)) {
        checks.push_back(
            {kCardFileName, "lists the tensor " + quote_untrusted(name) + ", which no file has"});
      }
    }
  }
  return checks;
}

std::vector<InstalledPackage> list_installed_packages() {
  std::vector<InstalledPackage> packages;
  std::error_code error;
  for (fs::directory_iterator it(models_directory(), error), end; !error && it != end;
       it.increment(error)) {
    InstalledPackage package;
    package.name = it->path().filename().string();
    package.directory = it->path();
    // What an installation is still writing has a name that no package can have.
    std::error_code ignored;
    if (!is_valid_package_name(package.name) || !it->is_directory(ignored)) continue;
    try {
      package.card = ModelPackage::open(package.name).card();
    } catch (const Error& open_error) {
      package.problem = open_error.message();
    }
    packages.push_back(std::move(package));
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    throw errno_error("cannot list " + quote_path(models_directory()), error.value());
  }
  std::sort(packages.begin(), packages.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return packages;
}

}  // namespace myna
