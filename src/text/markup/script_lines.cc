#include "text/markup/script_lines.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"

namespace myna::text {
namespace {

constexpr size_t kMaxNameBytes = 48;
constexpr size_t kMaxStyleBytes = 48;

// Labels of prose, not of people.
constexpr auto kNoNames = std::to_array<std::string_view>(
    {"note",      "notes",    "warning",    "tip",         "tips",       "example", "examples",
     "ps",        "p.s.",     "update",     "source",      "sources",    "summary", "title",
     "chapter",   "scene",    "act",        "date",        "time",       "subject", "from",
     "to",        "cc",       "bcc",        "http",        "https",      "cast",    "voices",
     "music",     "sound",    "sfx",        "fact",        "caution",    "edit",    "disclaimer",
     "step",      "where",    "when",       "what",        "who",        "why",     "how",
     "result",    "results",  "answer key", "ingredients", "directions", "serves",  "method",
     "important", "remember", "see also",   "conclusion",  "setting",    "abstract"});

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_letter(char c) {
  return is_upper(c) || (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}

SourceSpan trimmed(std::string_view source, SourceSpan span) {
  while (span.begin < span.end && is_blank(source[span.begin])) ++span.begin;
  while (span.end > span.begin && is_blank(source[span.end - 1])) --span.end;
  return span;
}

std::string_view view_of(std::string_view source, SourceSpan span) {
  return source.substr(span.begin, span.end - span.begin);
}

bool is_name_text(std::string_view name) {
  if (name.empty() || name.size() > kMaxNameBytes || !is_letter(name[0])) return false;
  size_t words = 1;
  for (const char c : name) {
    if (c == ' ') ++words;
    if (!is_letter(c) && !(c >= '0' && c <= '9') &&
        std::string_view(" .'-_&").find(c) == std::string_view::npos)
      return false;
  }
  return words <= 4;
}

}  // namespace

ScriptLine script_line_at(std::string_view source, size_t at) {
  const size_t end = std::min(source.find_first_of("\r\n", at), source.size());
  size_t next = std::min(end + 1, source.size());
  if (end + 1 < source.size() && source[end] == '\r' && source[end + 1] == '\n') next = end + 2;
  return {at, end, next};
}

bool is_blank_line(std::string_view line) {
  return line.find_first_not_of(" \t\v\f") == std::string_view::npos;
}

bool is_comment_line(std::string_view line) {
  const size_t begin = line.find_first_not_of(" \t");
  return begin != std::string_view::npos &&
         (line[begin] == '#' || line.substr(begin).starts_with("//"));
}

std::optional<TurnLabel> parse_turn_label(std::string_view source, const ScriptLine& line) {
  TurnLabel label;
  size_t at = line.begin;
  while (at < line.end && is_blank(source[at])) ++at;
  if (at == line.end) return std::nullopt;
  if (source[at] == '[') {
    const size_t close = source.substr(0, line.end).find(']', at);
    if (close == std::string_view::npos || close - at > kMaxNameBytes) return std::nullopt;
    label.name = trimmed(source, {at + 1, close});
    if (!is_name_text(view_of(source, label.name))) return std::nullopt;
    label.bracketed = true;
    label.text_begin = close + 1;
    if (label.text_begin < line.end && source[label.text_begin] == ':') ++label.text_begin;
    return label;
  }
  const bool bold = source.substr(at, 2) == "**";
  if (bold) at += 2;
  const size_t search_end = std::min(line.end, at + kMaxNameBytes + kMaxStyleBytes + 4);
  const size_t colon = source.substr(0, search_end).find(':', at);
  if (colon == std::string_view::npos) return std::nullopt;
  size_t name_end = colon;
  if (bold && name_end >= at + 2 && source.substr(name_end - 2, 2) == "**") name_end -= 2;
  label.name = trimmed(source, {at, name_end});
  label.text_begin = colon + 1;
  if (bold && source.substr(label.text_begin, 2) == "**") label.text_begin += 2;
  // "12:30" and "http://" are no turns.
  if (label.text_begin < line.end && !is_blank(source[label.text_begin])) return std::nullopt;
  const std::string_view whole = view_of(source, label.name);
  if (!whole.empty() && (whole.back() == ')' || whole.back() == ']')) {
    const size_t open = whole.find(whole.back() == ')' ? '(' : '[');
    if (open == std::string_view::npos || open == 0) return std::nullopt;
    label.style = trimmed(source, {label.name.begin + open + 1, label.name.end - 1});
    label.name = trimmed(source, {label.name.begin, label.name.begin + open});
  }
  if (!is_name_text(view_of(source, label.name))) return std::nullopt;
  return label;
}

std::string speaker_key(std::string_view name) {
  std::string key;
  for (char c : name) {
    if (c == '\t') c = ' ';
    if (c == ' ' && (key.empty() || key.back() == ' ')) continue;
    key.push_back(is_upper(c) ? static_cast<char>(c + 32) : c);
  }
  while (!key.empty() && key.back() == ' ') key.pop_back();
  return key;
}

bool is_name_like(std::string_view name) {
  const std::string key = speaker_key(name);
  if (std::find(kNoNames.begin(), kNoNames.end(), key) != kNoNames.end()) return false;
  size_t words = 0;
  bool starts_word = true;
  for (const char c : name) {
    if (starts_word && c != ' ') {
      ++words;
      // Of a name every word has a capital, or is a number.
      if (c >= 'a' && c <= 'z') return false;
    }
    starts_word = c == ' ';
  }
  return words <= 3;
}

ScriptHeader read_script_header(std::string_view source) {
  ScriptHeader header;
  size_t at = source.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  header.text_begin = at;
  ScriptLine line = script_line_at(source, at);
  while (line.next > at && line.next < source.size() &&
         (is_blank_line(line.in(source)) || is_comment_line(line.in(source)))) {
    at = line.next;
    line = script_line_at(source, at);
  }
  const auto is_rule = [](std::string_view text) {
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text == "---" || text == "...";
  };
  if (!is_rule(line.in(source)) || line.next == line.end) return header;
  header.found = true;
  header.source = {line.begin, line.end};
  bool in_cast = false;
  constexpr size_t kMaxLines = 1000;
  for (size_t count = 0; count < kMaxLines && line.next < source.size(); ++count) {
    line = script_line_at(source, line.next);
    const std::string_view text = line.in(source);
    header.source.end = line.end;
    header.text_begin = line.next;
    if (is_rule(text)) {
      header.closed = true;
      return header;
    }
    if (is_blank_line(text) || is_comment_line(text)) continue;
    SourceSpan entry = trimmed(source, {line.begin, line.end});
    const bool indented = entry.begin > line.begin;
    if (view_of(source, entry).starts_with("- "))
      entry = trimmed(source, {entry.begin + 2, entry.end});
    const std::string_view content = view_of(source, entry);
    const size_t colon = content.find_first_of(":=");
    if (colon == std::string_view::npos) {
      header.faults.push_back(entry);
      continue;
    }
    const SourceSpan name = trimmed(source, {entry.begin, entry.begin + colon});
    const SourceSpan value = trimmed(source, {entry.begin + colon + 1, entry.end});
    const std::string key = speaker_key(view_of(source, name));
    if (!indented && (key == "cast" || key == "voices" || key == "speakers")) {
      in_cast = header.has_cast = true;
      if (value.begin < value.end) header.faults.push_back(value);
      continue;
    }
    if (!in_cast || key.empty()) continue;  // title, date, author, ...
    CastMember member;
    member.source = entry;
    member.name = view_of(source, name);
    const std::string_view said = view_of(source, value);
    const size_t comma = std::min(said.find(','), said.size());
    member.voice_source = trimmed(source, {value.begin, value.begin + comma});
    member.voice = view_of(source, member.voice_source);
    if (comma < said.size()) {
      member.style_source = trimmed(source, {value.begin + comma + 1, value.end});
      member.style = view_of(source, member.style_source);
    }
    header.cast.push_back(std::move(member));
  }
  return header;
}

}  // namespace myna::text
