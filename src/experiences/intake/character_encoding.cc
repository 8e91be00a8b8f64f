#include "experiences/intake/character_encoding.h"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <vector>

#include "base/plain_text.h"
#include "base/utf8.h"

namespace myna::intake {
namespace {

class Converter {
 public:
  explicit Converter(const std::string& encoding)
      : handle_(iconv_open("UTF-8", encoding.c_str())) {}
  ~Converter() {
    if (valid()) iconv_close(handle_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  bool valid() const { return handle_ != reinterpret_cast<iconv_t>(-1); }

  // Nothing when the bytes are not of this encoding.
  std::optional<std::string> convert(std::string_view bytes) {
    std::string out;
    std::array<char, 1 << 14> buffer;
    char* input = const_cast<char*>(bytes.data());  // iconv does not write to it
    size_t left = bytes.size();
    while (left > 0) {
      char* output = buffer.data();
      size_t space = buffer.size();
      const size_t result = iconv(handle_, &input, &left, &output, &space);
      out.append(buffer.data(), buffer.size() - space);
      if (result == static_cast<size_t>(-1) && errno != E2BIG) return std::nullopt;
    }
    return out;
  }

 private:
  iconv_t handle_;
};

// The name behind `key=` in a header or a declaration, without quotes; only characters of names.
std::string name_after(std::string_view text, std::string_view key) {
  const std::string folded = ascii_lower(text);
  size_t at = folded.find(key);
  if (at == std::string::npos) return {};
  at = folded.find_first_not_of(" \t\r\n", at + key.size());
  if (at == std::string::npos || folded[at] != '=') return {};
  at = folded.find_first_not_of(" \t\r\n\"'", at + 1);
  if (at == std::string::npos) return {};
  size_t end = at;
  while (end < folded.size() && (std::isalnum(static_cast<unsigned char>(folded[end])) ||
                                 folded[end] == '-' || folded[end] == '_' || folded[end] == ':')) {
    ++end;
  }
  return folded.substr(at, end - at);
}

// Names as browsers take them: what calls itself Latin-1 or ASCII is Windows-1252.
std::string usual_name(const std::string& name) {
  if (name == "iso-8859-1" || name == "latin1" || name == "latin-1" || name == "us-ascii" ||
      name == "ascii" || name == "iso8859-1") {
    return "windows-1252";
  }
  if (name == "gb2312" || name == "gbk") return "gb18030";
  if (name == "utf8") return "utf-8";
  if (name == "shift_jis" || name == "shift-jis" || name == "x-sjis") return "cp932";
  return name;
}

struct ByteOrderMark {
  std::string_view bytes;
  const char* encoding;
};
using namespace std::string_view_literals;
constexpr ByteOrderMark kMarks[] = {
    {"\xEF\xBB\xBF"sv, "utf-8"}, {"\xFF\xFE\0\0"sv, "utf-32le"}, {"\0\0\xFE\xFF"sv, "utf-32be"},
    {"\xFF\xFE"sv, "utf-16le"},  {"\xFE\xFF"sv, "utf-16be"},
};
// "<?" or "<!" or "<r" without a mark.
constexpr ByteOrderMark kStarts[] = {
    {"<\0\0\0"sv, "utf-32le"}, {"\0\0\0<"sv, "utf-32be"},       {"<\0?\0"sv, "utf-16le"},
    {"\0<\0?"sv, "utf-16be"},  {"\x4C\x6F\xA7\x94"sv, "cp037"},
};

std::string declared_encoding(std::string_view bytes) {
  const std::string_view head = bytes.substr(0, 2048);
  const size_t declaration = head.find("<?xml");
  if (declaration != std::string_view::npos && declaration < 64) {
    const std::string_view line =
        head.substr(declaration, head.find("?>", declaration) - declaration);
    return name_after(line, "encoding");
  }
  const std::string folded = ascii_lower(head);
  const size_t meta = folded.find("<meta");
  return meta == std::string::npos ? std::string() : name_after(head.substr(meta), "charset");
}

// Bytes 128 to 159 of Windows-1252 that went through as Latin-1.
void repair_controls(std::string& text) {
  if (text.find('\xC2') == std::string::npos) return;
  Converter windows("windows-1252");
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const unsigned char next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
    if (text[i] == '\xC2' && next >= 0x80 && next <= 0x9F && next != 0x85 && windows.valid()) {
      if (const auto repaired = windows.convert(std::string_view(text).substr(i + 1, 1)))
        out += *repaired;
      ++i;
    } else {
      out += text[i];
    }
  }
  text = std::move(out);
}

std::string clean(std::string text) {
  if (find_invalid_utf8(text)) text = to_utf8(to_utf32(text));
  std::erase(text, '\0');
  repair_controls(text);
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  return text;
}

}  // namespace

DecodedText decode_document(std::string_view bytes, std::string_view content_type) {
  std::vector<std::string> candidates;
  for (const ByteOrderMark& mark : kMarks) {
    if (bytes.starts_with(mark.bytes)) {
      bytes.remove_prefix(mark.bytes.size());
      candidates.push_back(mark.encoding);
      break;
    }
  }
  if (candidates.empty()) {
    for (const ByteOrderMark& start : kStarts) {
      if (bytes.starts_with(start.bytes)) candidates.push_back(start.encoding);
    }
  }
  candidates.push_back(usual_name(name_after(content_type, "charset")));
  candidates.push_back(usual_name(declared_encoding(bytes)));
  candidates.push_back("utf-8");
  candidates.push_back("windows-1252");
  for (const std::string& encoding : candidates) {
    if (encoding.empty()) continue;
    if (encoding == "utf-8") {
      if (!find_invalid_utf8(bytes)) return {clean(std::string(bytes)), encoding};
      continue;
    }
    // What has the marks of UTF-8 throughout and more than ASCII is UTF-8, whatever it says.
    Converter converter(encoding);
    if (!converter.valid()) continue;
    if (auto text = converter.convert(bytes)) return {clean(std::move(*text)), encoding};
  }
  return {clean(std::string(bytes)), "unknown"};
}

}  // namespace myna::intake
