#include "text/split/plain_reader.h"

#include "text/markup/direction.h"

namespace myna::text {
namespace {

// Up to and without the line's end; `next` is set behind it ("\n", "\r\n" or "\r").
std::string_view take_line(std::string_view source, size_t at, size_t& next) {
  const size_t end = source.find_first_of("\r\n", at);
  if (end == std::string_view::npos) {
    next = source.size();
    return source.substr(at);
  }
  next = end + (source[end] == '\r' && end + 1 < source.size() && source[end + 1] == '\n' ? 2 : 1);
  return source.substr(at, end - at);
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\v\f") == std::string_view::npos;
}

// "exam-" before a line that goes on with a letter: the hyphen stays, the line end does not.
bool ends_in_hyphenated_word(std::string_view line) {
  if (line.size() < 2 || line.back() != '-') return false;
  const char before = line[line.size() - 2];
  return (before >= 'a' && before <= 'z') || (before >= 'A' && before <= 'Z');
}

}  // namespace

void read_plain(std::string_view source, DiagnosticList& diagnostics, const BlockSink& sink) {
  Block block;
  const auto flush = [&] {
    if (!block.text.empty()) sink(block);
    block.clear();
  };
  for (size_t at = 0; at < source.size();) {
    size_t next = at;
    const std::string_view line = take_line(source, at, next);
    if (is_blank(line)) {
      flush();
    } else {
      append_directed(source, at, at + line.size(), block, diagnostics);
      const bool join = ends_in_hyphenated_word(line) && next < source.size() &&
                        source[next] >= 'a' && source[next] <= 'z';
      if (!join) block.text.append_replacement(" ", {at + line.size(), next});
    }
    at = next;
  }
  flush();
}

}  // namespace myna::text
