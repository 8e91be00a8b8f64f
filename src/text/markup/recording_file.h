// Which file <audio src="..."> means: local ones, inside of one directory.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace myna::text {

struct RecordingFile {
  std::string path;     // absolute, without links
  std::string problem;  // why there is none: for a diagnostic; then path is empty
};

// `src` is a relative or absolute path, or a file: URL. It must exist and lie in `directory` or
// below, after links are followed. An empty directory allows nothing.
RecordingFile find_recording(std::string_view src, const std::filesystem::path& directory);

}  // namespace myna::text
