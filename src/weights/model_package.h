// Installed model packages: directories <models_directory()>/<name>/ with a card.json and the
// files that it lists. Installing is the set-up's work (tools/models); this reads, checks, lists
// and removes.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weights/model_card.h"
#include "weights/safetensors.h"

namespace myna {

// What verify() found about one file.
struct FileCheck {
  std::string path;     // as in the card
  std::string problem;  // empty when the file is as the card says
};

// A listed package; `card` is absent and `problem` says why when it cannot be used.
struct InstalledPackage {
  std::string name;
  std::filesystem::path directory;
  std::optional<ModelCard> card;
  std::string problem;
};

struct RemovedPackage {
  uint64_t bytes_freed = 0;
  // What the card did not list and was therefore kept, relative to the package directory.
  std::vector<std::filesystem::path> kept;
};

// Immutable after opening; safe to use from many threads.
class ModelPackage {
 public:
  // Cheap: reads the card and checks that every file is there with the right size. Throws Error
  // kUnavailable when the package is not installed (the hint is the command that installs it),
  // kInvalidArgument for a name that cannot be a package's, kCorruptData when it is damaged.
  static ModelPackage open(std::string_view name);
  // The same for a package that lies elsewhere.
  static ModelPackage open_directory(const std::filesystem::path& directory);

  const std::string& name() const { return card_.name; }
  const ModelCard& card() const { return card_; }
  const std::filesystem::path& directory() const { return directory_; }

  // The full path of a file that the card lists; throws Error kCorruptData when it does not.
  std::filesystem::path file(std::string_view path) const;
  SafetensorsFile open_safetensors(std::string_view path = "model.safetensors") const;

  // Hashes every file and compares the tensors of the safetensors files with the card's summary.
  // One entry a file, in card order. `progress`, when given, is called after each file with the
  // bytes done.
  std::vector<FileCheck> verify(const std::function<void(uint64_t)>& progress = {}) const;

 private:
  ModelPackage(const std::filesystem::path& directory, ModelCard card);

  std::filesystem::path directory_;
  ModelCard card_;
};

// All packages of models_directory(), by name; damaged ones included with their problem. Empty
// when the directory does not exist.
std::vector<InstalledPackage> list_installed_packages();

// Removes the files that the card lists, the card, and directories that are empty then; what the
// card does not list is kept. Throws Error kInvalidArgument for a name with separators and the
// like, kUnavailable when it is not installed, kCorruptData when the card cannot be read.
RemovedPackage remove_package(std::string_view name);

}  // namespace myna
