// Removing an installed package. Only what its card lists is deleted, and never through a link
// that leaves the package directory: a damaged or hostile card must not cost anybody a file.
#include <algorithm>
#include <set>
#include <system_error>

#include "base/error.h"
#include "weights/model_package.h"
#include "weights/package_directory.h"

namespace myna {
namespace {

namespace fs = std::filesystem;

// Deletes a file or a link; returns the bytes that were freed. A directory, or nothing there, is
// left alone.
uint64_t remove_entry(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(path, error);
  if (!fs::exists(status) || fs::is_directory(status)) return 0;
  const uintmax_t bytes = fs::is_regular_file(status) ? fs::file_size(path, error) : 0;
  fs::remove(path, error);
  if (error) throw errno_error("cannot remove " + quote_path(path), error.value());
  return bytes;
}

// The directories between the package directory and the listed files, deepest first.
std::vector<fs::path> directories_of(const ModelCard& card) {
  std::set<fs::path> directories;
  for (const PackageFile& file : card.files) {
    for (fs::path parent = fs::path(file.path).parent_path(); !parent.empty();
         parent = parent.parent_path()) {
      directories.insert(parent);
    }
  }
  // A directory sorts before what lies in it.
  return {directories.rbegin(), directories.rend()};
}

std::vector<fs::path> remaining_files(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code ignored;
    if (!fs::is_directory(it->symlink_status(ignored))) {
      files.push_back(it->path().lexically_relative(directory));
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

RemovedPackage remove_package(std::string_view name) {
  const fs::path directory = find_package_directory(name);
  RemovedPackage removed;
  std::error_code error;
  if (fs::is_symlink(directory, error)) {
    // Somebody keeps the package elsewhere: it stops being installed, their copy stays.
    remove_entry(directory);
    return removed;
  }
  const ModelCard card = read_card_of(directory, name);
  const fs::path root = fs::canonical(directory, error);
  if (error) throw errno_error("cannot open " + quote_path(directory), error.value());
  for (const PackageFile& file : card.files) {
    const fs::path path = root / file.path;
    if (is_inside(root, path.parent_path())) removed.bytes_freed += remove_entry(path);
  }
  for (const fs::path& parent : directories_of(card)) {
    if (is_inside(root, (root / parent).parent_path()) && !fs::is_symlink(root / parent, error)) {
      fs::remove(root / parent, error);  // only when it is empty
    }
  }
  // The card goes last, so that an interrupted removal can be repeated.
  removed.bytes_freed += remove_entry(root / kCardFileName);
  removed.kept = remaining_files(root);
  if (removed.kept.empty()) fs::remove(root, error);
  return removed;
}

}  // namespace myna
