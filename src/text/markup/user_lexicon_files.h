// The lexicon files of a user and a project, read again when they change.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "text/markup/user_lexicon.h"

namespace myna::text {

// Safe from many threads.
class UserLexiconFiles {
 public:
  struct FileDiagnostics {
    std::filesystem::path file;
    std::vector<Diagnostic> diagnostics;  // with lines of the file
  };
  static constexpr size_t kMaxFileBytes = size_t{16} << 20;

  // The definitions of later files win. Files that do not exist are passed over; they may appear
  // later.
  explicit UserLexiconFiles(std::vector<std::filesystem::path> files);

  // The lexicon as the files are now: they are read again when the time or the size of one has
  // changed. Who holds an earlier one keeps it. Null when none of the files exists. Throws Error
  // kIo, kResourceExhausted (a file above kMaxFileBytes); then the last lexicon stays.
  std::shared_ptr<const UserLexicon> current();

  // Of the last reading, a file each that has some.
  std::vector<FileDiagnostics> diagnostics() const;

  // lexicon.txt and lexicon.pls in `directory`, in this order.
  static std::vector<std::filesystem::path> usual_files(const std::filesystem::path& directory);

 private:
  struct Stamp {
    std::filesystem::file_time_type time;
    uintmax_t size = 0;
    bool exists = false;
    bool operator==(const Stamp&) const = default;
  };
  static Stamp stamp_of(const std::filesystem::path& file);
  void read(const std::vector<Stamp>& stamps);

  mutable std::mutex mutex_;
  const std::vector<std::filesystem::path> files_;
  std::vector<Stamp> stamps_;  // of the last reading; empty before the first
  std::shared_ptr<const UserLexicon> lexicon_;
  std::vector<FileDiagnostics> diagnostics_;
};

}  // namespace myna::text
