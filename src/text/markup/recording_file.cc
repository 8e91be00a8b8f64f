#include "text/markup/recording_file.h"

#include <algorithm>
#include <optional>
#include <system_error>

#include "base/utf8.h"

namespace myna::text {
namespace {

namespace fs = std::filesystem;

std::string shown(std::string_view text) {
  constexpr size_t kMostBytes = 80;
  return "'" + to_utf8(to_utf32(text.substr(0, kMostBytes))) + "'";
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string without_escapes(std::string_view url) {
  std::string out;
  for (size_t i = 0; i < url.size(); ++i) {
    if (url[i] == '%' && i + 2 < url.size() && hex_digit(url[i + 1]) >= 0 &&
        hex_digit(url[i + 2]) >= 0) {
      out.push_back(static_cast<char>(hex_digit(url[i + 1]) * 16 + hex_digit(url[i + 2])));
      i += 2;
    } else {
      out.push_back(url[i]);
    }
  }
  return out;
}

// "https", "data", "" for a path. One letter is a drive, not a scheme.
std::string_view scheme_of(std::string_view src) {
  const size_t colon = src.find(':');
  if (colon == std::string_view::npos || colon < 2) return {};
  const std::string_view scheme = src.substr(0, colon);
  const bool is_scheme = std::all_of(scheme.begin(), scheme.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '-' || c == '.';
  });
  return is_scheme ? scheme : std::string_view();
}

bool is_inside(const fs::path& file, const fs::path& directory) {
  const auto [at_directory, at_file] =
      std::mismatch(directory.begin(), directory.end(), file.begin(), file.end());
  return at_directory == directory.end() && at_file != file.end();
}

}  // namespace

RecordingFile find_recording(std::string_view src, const fs::path& directory) {
  if (src.empty()) return {{}, "there is no recording without a name"};
  const std::string_view scheme = scheme_of(src);
  std::string name(src);
  if (scheme == "file") {
    std::string_view path = src.substr(5);
    if (path.starts_with("//localhost/")) path.remove_prefix(11);
    if (path.starts_with("///")) path.remove_prefix(2);
    name = without_escapes(path);
  } else if (!scheme.empty()) {
    return {{}, "the recording " + shown(src) + " is not a local file, and nothing is fetched"};
  }
  if (name.find('\0') != std::string::npos) return {{}, "the name of a recording has no NUL in it"};
  if (directory.empty())
    return {
        {},
        "no directory for recordings is given (--audio-dir), so " + shown(src) + " is not played"};
  std::error_code error;
  const fs::path base = fs::canonical(directory, error);
  if (error) return {{}, "the directory for recordings is not there"};
  const fs::path file = fs::canonical(base / fs::path(name), error);
  if (error) return {{}, "there is no recording " + shown(src)};
  if (!is_inside(file, base))
    return {{}, "the recording " + shown(src) + " lies outside of the directory for recordings"};
  if (!fs::is_regular_file(file, error))
    return {{}, "the recording " + shown(src) + " is not a file"};
  return {file.string(), {}};
}

}  // namespace myna::text
