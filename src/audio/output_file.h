// Where encoders write: a seekable file that gets its final name at the end, also when the final
// name is a device or a pipe, which can neither be renamed over nor rewritten.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "base/file.h"

namespace myna::audio {

// Not thread-safe. All errors are Error kIo or kNotFound with the final name in them.
class OutputFile {
 public:
  // A symbolic link is followed, so that it stays and its target is replaced. A device or pipe is
  // opened here (to fail early) and gets everything in commit(), from a temporary file.
  explicit OutputFile(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  // At the current position, which moves behind the bytes.
  void write(std::span<const std::byte> bytes);
  // Returns the new position; from is SEEK_SET, SEEK_CUR or SEEK_END.
  int64_t seek(int64_t offset, int from);
  size_t read(std::span<std::byte> bytes);
  void write_at(int64_t offset, std::span<const std::byte> bytes);
  void commit();

 private:
  int descriptor() const;

  std::filesystem::path path_;
  std::string name_;                  // quoted, for messages
  std::unique_ptr<AtomicFile> file_;  // a regular file, or
  FileDescriptor spool_;              // an unnamed temporary file, for
  FileDescriptor device_;             // the device
};

}  // namespace myna::audio
