#include "base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/error.h"

namespace myna {
namespace {

std::string quoted(const std::filesystem::path& path) { return "'" + path.string() + "'"; }

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) ::close(fd_);
}

FileDescriptor::FileDescriptor(FileDescriptor&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)) {}

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

bool FileDescriptor::close() { return fd_ < 0 || ::close(std::exchange(fd_, -1)) == 0; }

MappedFile MappedFile::open(const std::filesystem::path& path) {
  FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) throw errno_error("cannot open " + quoted(path), errno);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) throw errno_error("cannot read " + quoted(path), errno);
  if (!S_ISREG(status.st_mode)) {
    throw Error(ErrorCode::kInvalidArgument, quoted(path) + " is not a regular file");
  }
  MappedFile file;
  file.size_ = static_cast<size_t>(status.st_size);
  if (file.size_ == 0) return file;
  void* map = ::mmap(nullptr, file.size_, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (map == MAP_FAILED) {
    file.size_ = 0;
    throw errno_error("cannot map " + quoted(path) + " into memory", errno);
  }
  file.data_ = static_cast<const std::byte*>(map);
  return file;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

void MappedFile::release_pages() const {
  // Advice only: a failure costs memory, not correctness.
  if (data_ != nullptr) ::madvise(const_cast<std::byte*>(data_), size_, MADV_DONTNEED);
}

std::string read_descriptor(int fd, std::string_view name, size_t max_bytes) {
  std::string content;
  char buffer[1 << 16];
  for (;;) {
    const ssize_t count = ::read(fd, buffer, sizeof buffer);
    if (count == 0) return content;
    if (count < 0) {
      if (errno == EINTR) continue;
      throw errno_error("cannot read " + std::string(name), errno);
    }
    if (content.size() + static_cast<size_t>(count) > max_bytes) {
      throw Error(ErrorCode::kResourceExhausted,
                  std::string(name) + " is larger than " + std::to_string(max_bytes) + " bytes");
    }
    content.append(buffer, static_cast<size_t>(count));
  }
}

std::string read_file(const std::filesystem::path& path, size_t max_bytes) {
  FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) throw errno_error("cannot open " + quoted(path), errno);
  return read_descriptor(fd.get(), quoted(path), max_bytes);
}

void write_all(int fd, std::span<const std::byte> bytes, std::string_view name) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count < 0) {
      if (errno == EINTR) continue;
      throw errno_error("cannot write " + std::string(name), errno);
    }
    bytes = bytes.subspan(static_cast<size_t>(count));
  }
}

AtomicFile::AtomicFile(std::filesystem::path final_path) : final_path_(std::move(final_path)) {
  static std::atomic<unsigned> counter{0};
  if (final_path_.empty()) throw Error(ErrorCode::kInvalidArgument, "the output name is empty");
  if (std::error_code ignored; std::filesystem::is_directory(final_path_, ignored)) {
    throw Error(ErrorCode::kInvalidArgument, quoted(final_path_) + " is a directory",
                "name a file in it");
  }
  temporary_path_ = final_path_;
  temporary_path_ += ".part-" + std::to_string(::getpid()) + "-" + std::to_string(counter++);
  fd_ =
      FileDescriptor(::open(temporary_path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (!fd_.valid()) throw errno_error("cannot write " + quoted(final_path_), errno);
}

AtomicFile::~AtomicFile() {
  if (!committed_) ::unlink(temporary_path_.c_str());
}

void AtomicFile::write(std::string_view bytes) {
  write_all(fd_.get(), std::as_bytes(std::span(bytes)), quoted(final_path_));
}

void AtomicFile::commit() {
  // fsync before the rename, so that a crash never leaves a complete name over half a file.
  if (fd_.valid() && ::fsync(fd_.get()) != 0 && errno != EINVAL && errno != EROFS) {
    throw errno_error("cannot write " + quoted(final_path_), errno);
  }
  if (!fd_.close()) throw errno_error("cannot write " + quoted(final_path_), errno);
  if (::rename(temporary_path_.c_str(), final_path_.c_str()) != 0) {
    throw errno_error("cannot rename to " + quoted(final_path_), errno);
  }
  committed_ = true;
}

void write_file_atomically(const std::filesystem::path& path, std::string_view content) {
  AtomicFile file(path);
  file.write(content);
  file.commit();
}

}  // namespace myna
