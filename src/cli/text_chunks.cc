#include "cli/text_chunks.h"

namespace myna::cli {
namespace {

bool is_blank_line(std::string_view line) {
  return line.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

bool is_fence(std::string_view line) {
  const size_t begin = line.find_first_not_of(' ');
  if (begin == std::string_view::npos || begin > 3) return false;
  return line.substr(begin).starts_with("```") || line.substr(begin).starts_with("~~~");
}

// Where a chunk that starts at `begin` ends.
size_t chunk_end(std::string_view text, size_t begin, size_t max_bytes) {
  const size_t limit = begin + max_bytes;
  const size_t half = begin + max_bytes / 2;
  size_t paragraph = 0;
  size_t line_end = 0;
  bool in_fence = false;
  for (size_t line = begin; line < limit;) {
    const size_t newline = text.find('\n', line);
    if (newline == std::string_view::npos || newline >= limit) break;
    const std::string_view content = text.substr(line, newline - line);
    if (is_fence(content)) in_fence = !in_fence;
    line = newline + 1;
    if (line >= half) line_end = line;
    if (line >= half && !in_fence && is_blank_line(content)) paragraph = line;
  }
  if (paragraph > 0) return paragraph;
  if (line_end > 0) return line_end;
  const size_t blank = text.rfind(' ', limit - 1);
  if (blank != std::string_view::npos && blank >= half) return blank + 1;
  size_t end = limit;
  while (end > half && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return end;
}

}  // namespace

std::vector<text::SourceSpan> split_into_chunks(std::string_view text, size_t max_bytes) {
  std::vector<text::SourceSpan> chunks;
  size_t begin = 0;
  while (text.size() - begin > 2 * max_bytes) {
    const size_t end = chunk_end(text, begin, max_bytes);
    chunks.push_back({begin, end});
    begin = end;
  }
  if (begin < text.size()) chunks.push_back({begin, text.size()});
  return chunks;
}

}  // namespace myna::cli
