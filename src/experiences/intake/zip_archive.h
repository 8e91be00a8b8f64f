// Files of a zip archive in memory, by libzip, within limits. Private to src/experiences/intake.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace myna::intake {

class ZipArchive {
 public:
  // `bytes` outlives it. max_total: what all read() calls together may unpack. Throws Error
  // kCorruptData for what is no archive.
  ZipArchive(std::string_view bytes, size_t max_total);

  // Nothing when there is no such file. Throws Error kResourceExhausted over the limit,
  // kCorruptData for a damaged or encrypted file.
  std::optional<std::string> read(const std::string& path);

 private:
  struct Closer {
    void operator()(void* archive) const;
  };
  std::unique_ptr<void, Closer> archive_;
  size_t left_;
};

}  // namespace myna::intake
