// Files: whole reads, memory maps, and writes that appear under their final name only when
// complete.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace myna {

// A file descriptor that closes itself. Move-only.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor();
  FileDescriptor(FileDescriptor&& other) noexcept;
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  // Closes now. Returns false with errno set when the close failed (a delayed write error).
  bool close();

 private:
  int fd_ = -1;
};

// A read-only memory map of a whole file. The bytes live as long as this object. Move-only;
// reading from many threads is safe. An empty file maps to an empty span.
class MappedFile {
 public:
  // Throws Error kNotFound or kIo; a directory or a device is kInvalidArgument.
  static MappedFile open(const std::filesystem::path& path);

  MappedFile() = default;
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;

  std::span<const std::byte> bytes() const { return {data_, size_}; }
  std::string_view text() const { return {reinterpret_cast<const char*>(data_), size_}; }
  // Tells the kernel that the pages may be dropped; they are read again from the file on use.
  void release_pages() const;

 private:
  const std::byte* data_ = nullptr;
  size_t size_ = 0;
};

// The whole content of a regular file or a pipe. Throws Error; more than max_bytes is
// kResourceExhausted.
std::string read_file(const std::filesystem::path& path, size_t max_bytes = size_t{1} << 32);
// The same from an open descriptor (0 is standard input), until end of file.
std::string read_descriptor(int fd, std::string_view name, size_t max_bytes = size_t{1} << 32);

// Writes all bytes, going on after short writes and signals. Throws Error kIo with `name` in it.
void write_all(int fd, std::span<const std::byte> bytes, std::string_view name);

// A file under construction: written as "<name>.part-<pid>-<n>" in the same directory, renamed by
// commit(). Destroying it uncommitted removes the temporary file. Not thread-safe.
class AtomicFile {
 public:
  // Throws Error when the directory is missing or cannot be written.
  explicit AtomicFile(std::filesystem::path final_path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  int descriptor() const { return fd_.get(); }
  const std::filesystem::path& temporary_path() const { return temporary_path_; }
  const std::filesystem::path& final_path() const { return final_path_; }
  void write(std::string_view bytes);
  // Flushes to disk and renames. Throws Error kIo; the temporary file is then removed.
  void commit();

 private:
  std::filesystem::path final_path_;
  std::filesystem::path temporary_path_;
  FileDescriptor fd_;
  bool committed_ = false;
};

// AtomicFile for content that is at hand.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

}  // namespace myna
