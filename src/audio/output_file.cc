#include "audio/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "base/error.h"

namespace myna::audio {
namespace {

FileDescriptor open_spool() {
  std::error_code error;
  std::filesystem::path directory = std::filesystem::temp_directory_path(error);
  if (error) directory = "/tmp";
  std::string name = (directory / "myna-audio-XXXXXX").string();
  FileDescriptor fd(::mkostemp(name.data(), O_CLOEXEC));
  if (!fd.valid())
    throw errno_error("cannot make a temporary file in " + directory.string(), errno);
  ::unlink(name.c_str());
  return fd;
}

}  // namespace

OutputFile::OutputFile(const std::filesystem::path& path)
    : path_(path), name_("'" + path.string() + "'") {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  const bool exists = std::filesystem::exists(status);
  if (exists && !std::filesystem::is_regular_file(status) &&
      !std::filesystem::is_directory(status)) {
    device_ = FileDescriptor(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!device_.valid()) throw errno_error("cannot write " + name_, errno);
    spool_ = open_spool();
    return;
  }
  std::filesystem::path target = path;
  if (exists && std::filesystem::is_symlink(std::filesystem::symlink_status(path, error))) {
    const std::filesystem::path resolved = std::filesystem::canonical(path, error);
    if (!error) target = resolved;
  }
  file_ = std::make_unique<AtomicFile>(target);
}

int OutputFile::descriptor() const { return file_ ? file_->descriptor() : spool_.get(); }

void OutputFile::write(std::span<const std::byte> bytes) { write_all(descriptor(), bytes, name_); }

int64_t OutputFile::seek(int64_t offset, int from) {
  const off_t position = ::lseek(descriptor(), offset, from);
  if (position < 0) throw errno_error("cannot seek in " + name_, errno);
  return position;
}

size_t OutputFile::read(std::span<std::byte> bytes) {
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = ::read(descriptor(), bytes.data() + done, bytes.size() - done);
    if (count == 0) break;
    if (count < 0) {
      if (errno == EINTR) continue;
      throw errno_error("cannot read back " + name_, errno);
    }
    done += static_cast<size_t>(count);
  }
  return done;
}

void OutputFile::write_at(int64_t offset, std::span<const std::byte> bytes) {
  const int64_t position = seek(0, SEEK_CUR);
  seek(offset, SEEK_SET);
  write(bytes);
  seek(position, SEEK_SET);
}

void OutputFile::commit() {
  if (file_) {
    file_->commit();
    return;
  }
  seek(0, SEEK_SET);
  std::array<std::byte, 1 << 16> piece;
  while (const size_t count = read(piece)) {
    write_all(device_.get(), std::span(piece).first(count), name_);
  }
  if (!device_.close()) throw errno_error("cannot write " + name_, errno);
}

}  // namespace myna::audio
