// The two-column lexicon: one entry a line, docs/formats/user-lexicon.md.
#include <algorithm>

#include "base/utf8.h"
#include "text/markup/phonetic_alphabet.h"
#include "text/markup/user_lexicon.h"
#include "text/split/diagnostics.h"

namespace myna::text {
namespace {

constexpr size_t kMaxLineBytes = 4096;

struct Range {
  size_t begin = 0;
  size_t end = 0;
  std::string_view in(std::string_view text) const { return text.substr(begin, end - begin); }
};

bool is_blank(char c) { return c == ' ' || c == '\t'; }

Range trimmed(std::string_view text, Range range) {
  while (range.begin < range.end && is_blank(text[range.begin])) ++range.begin;
  while (range.end > range.begin && is_blank(text[range.end - 1])) --range.end;
  return range;
}

// Where the second column begins: behind a tab or two blanks, at a blank before "/" or "=", else
// behind the first blank.
size_t column_break(std::string_view line) {
  if (const size_t tab = line.find('\t'); tab != std::string_view::npos) return tab;
  if (const size_t gap = line.find("  "); gap != std::string_view::npos) return gap;
  for (const std::string_view mark : {" =", " /"}) {
    if (const size_t found = line.find(mark); found != std::string_view::npos) return found;
  }
  return line.find(' ');
}

}  // namespace

std::vector<LexiconDefinition> read_text_lexicon(std::string_view content,
                                                 std::vector<Diagnostic>& diagnostics) {
  DiagnosticList found(content);
  std::vector<LexiconDefinition> definitions;
  size_t line_number = 0;
  for (size_t at = content.starts_with("\xEF\xBB\xBF") ? 3 : 0; at < content.size();) {
    size_t end = std::min(content.find('\n', at), content.size());
    const size_t next = end + 1;
    ++line_number;
    if (end > at && content[end - 1] == '\r') --end;
    const Range line = trimmed(content, {at, end});
    at = next;
    const std::string_view text = line.in(content);
    if (text.empty() || text[0] == '#') continue;
    const SourceSpan span{line.begin, line.end};
    if (text.size() > kMaxLineBytes) {
      found.error({line.begin, line.begin}, "a line of " + std::to_string(text.size()) +
                                                " bytes; the limit is " +
                                                std::to_string(kMaxLineBytes));
      continue;
    }
    if (const auto bad = find_invalid_utf8(text)) {
      found.error({line.begin + *bad, line.begin + *bad}, "a byte here is not UTF-8");
      continue;
    }
    const size_t cut = column_break(text);
    if (cut == std::string_view::npos) {
      found.error(span,
                  "there is one column; write a word, a tab, and its pronunciation or =alias");
      continue;
    }
    Range word = trimmed(content, {line.begin, line.begin + cut});
    Range said = trimmed(content, {line.begin + cut, line.end});
    LexiconDefinition definition;
    definition.written = word.in(content);
    definition.source = span;
    definition.line = line_number;
    if (content[said.begin] == '=') {
      ++said.begin;
      said = trimmed(content, said);
      definition.alias = said.in(content);
      if (definition.alias.empty()) {
        found.error(span, "the alias is empty");
        continue;
      }
    } else {
      PhoneticAlphabet alphabet = PhoneticAlphabet::kIpa;
      const std::string_view whole = said.in(content);
      const size_t colon = whole.find(':');
      if (colon != std::string_view::npos && colon <= 8) {
        if (const auto named = parse_alphabet_name(whole.substr(0, colon))) {
          alphabet = *named;
          said = trimmed(content, {said.begin + colon + 1, said.end});
        }
      }
      const auto bad =
          parse_phonemes(said.in(content), alphabet, Dialect::kAmerican, definition.american);
      if (bad) {
        found.error({said.begin + bad->begin, said.begin + bad->end},
                    bad->message + "; for other words to be read write =words");
        continue;
      }
      parse_phonemes(said.in(content), alphabet, Dialect::kBritish, definition.british);
    }
    definitions.push_back(std::move(definition));
  }
  for (Diagnostic& diagnostic : found.take()) diagnostics.push_back(std::move(diagnostic));
  return definitions;
}

}  // namespace myna::text
