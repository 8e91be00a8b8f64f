#include "language/answer_text.h"

#include <algorithm>

#include "base/utf8.h"

namespace myna::language {
namespace {

// Bytes at the end that may be the beginning of a character.
size_t incomplete_end(std::string_view text) {
  for (size_t back = 1; back <= std::min<size_t>(3, text.size()); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if ((byte & 0xC0) == 0x80) continue;
    const size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

std::string well_formed(std::string text) {
  if (!find_invalid_utf8(text)) return text;
  return to_utf8(to_utf32(text));
}

}  // namespace

AnswerText::AnswerText(std::vector<std::string> stop) : stop_(std::move(stop)) {
  std::erase(stop_, "");
}

std::string AnswerText::take(size_t count) {
  std::string text = held_.substr(0, count);
  held_.erase(0, count);
  return well_formed(std::move(text));
}

std::string AnswerText::append(std::string_view bytes) {
  if (stopped_) return {};
  held_ += bytes;
  size_t first = std::string::npos;
  for (const std::string& stop : stop_) first = std::min(first, held_.find(stop));
  if (first != std::string::npos) {
    stopped_ = true;
    std::string text = take(first);
    held_.clear();
    return text;
  }
  size_t keep = incomplete_end(held_);
  for (const std::string& stop : stop_) {
    size_t length = std::min(stop.size() - 1, held_.size());
    while (length > keep && !held_.ends_with(std::string_view(stop).substr(0, length))) --length;
    keep = std::max(keep, length);
  }
  return take(held_.size() - keep);
}

std::string AnswerText::finish() { return take(held_.size()); }

}  // namespace myna::language
