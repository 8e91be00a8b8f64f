#include "experiences/intake/zip_archive.h"

#include <zip.h>

#include <algorithm>

#include "base/error.h"

namespace myna::intake {
namespace {

constexpr zip_int64_t kMaxEntries = 20'000;

struct FileCloser {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};

}  // namespace

void ZipArchive::Closer::operator()(void* archive) const {
  zip_discard(static_cast<zip_t*>(archive));
}

ZipArchive::ZipArchive(std::string_view bytes, size_t max_total) : left_(max_total) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  zip_t* archive = source == nullptr
                       ? nullptr
                       : zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
  const std::string reason = archive == nullptr ? zip_error_strerror(&error) : "";
  zip_error_fini(&error);
  if (archive == nullptr) {
    if (source != nullptr) zip_source_free(source);
    throw Error(ErrorCode::kCorruptData, "the archive cannot be opened: " + reason,
                "it may have been cut off on its way; fetch it again");
  }
  archive_.reset(archive);
  if (zip_get_num_entries(archive, 0) > kMaxEntries)
    throw Error(ErrorCode::kResourceExhausted, "the archive holds more than 20,000 files");
}

std::optional<std::string> ZipArchive::read(const std::string& path) {
  auto* archive = static_cast<zip_t*>(archive_.get());
  const zip_int64_t index = zip_name_locate(archive, path.c_str(), 0);
  if (index < 0) return std::nullopt;
  const std::unique_ptr<zip_file_t, FileCloser> file(
      zip_fopen_index(archive, static_cast<zip_uint64_t>(index), 0));
  if (file == nullptr) {
    throw Error(ErrorCode::kCorruptData,
                "'" + path + "' in the archive cannot be read: " + zip_strerror(archive));
  }
  std::string content;
  std::string block(size_t{1} << 16, '\0');
  while (true) {
    // What the archive says of the size is not believed; what comes out is counted.
    const zip_int64_t count = zip_fread(file.get(), block.data(), block.size());
    if (count < 0) throw Error(ErrorCode::kCorruptData, "'" + path + "' in the archive is damaged");
    if (count == 0) return content;
    if (static_cast<size_t>(count) > left_) {
      throw Error(ErrorCode::kResourceExhausted,
                  "the archive unpacks to more than is read of one document");
    }
    left_ -= static_cast<size_t>(count);
    content.append(block, 0, static_cast<size_t>(count));
  }
}

}  // namespace myna::intake
