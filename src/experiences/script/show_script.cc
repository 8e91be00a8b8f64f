#include "experiences/script/show_script.h"

#include <array>
#include <cctype>

namespace myna::script {
namespace {

constexpr std::array<std::string_view, 9> kKindNames = {
    "opening", "headlines", "lead", "item", "weather", "closer", "recap", "sign-off", "talk"};

}  // namespace

std::string_view segment_kind_name(SegmentKind kind) {
  return kKindNames.at(static_cast<size_t>(kind));
}

bool parse_segment_kind(std::string_view name, SegmentKind& kind) {
  for (size_t i = 0; i < kKindNames.size(); ++i) {
    if (kKindNames.at(i) != name) continue;
    kind = static_cast<SegmentKind>(i);
    return true;
  }
  return false;
}

const ScriptSource* ShowScript::source(std::string_view id) const {
  for (const ScriptSource& candidate : sources) {
    if (candidate.id == id) return &candidate;
  }
  return nullptr;
}

const ScriptSpeaker* ShowScript::speaker(std::string_view name) const {
  for (const ScriptSpeaker& candidate : speakers) {
    if (candidate.name == name) return &candidate;
  }
  return nullptr;
}

size_t ShowScript::line_count() const {
  size_t count = 0;
  for (const ScriptSegment& segment : segments) count += segment.lines.size();
  return count;
}

size_t ShowScript::word_count() const {
  size_t count = 0;
  for (const ScriptSegment& segment : segments) {
    for (const ScriptLine& line : segment.lines) count += count_words(line.text);
  }
  return count;
}

size_t count_words(std::string_view text) {
  size_t count = 0;
  bool inside = false;
  for (const char c : text) {
    const bool blank = std::isspace(static_cast<unsigned char>(c)) != 0;
    if (!blank && !inside) ++count;
    inside = !blank;
  }
  return count;
}

}  // namespace myna::script
