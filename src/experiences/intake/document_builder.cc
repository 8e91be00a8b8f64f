#include "experiences/intake/document_builder.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace myna::intake {
namespace {

constexpr size_t kMaxHeadingBytes = 120;

bool is_upper(char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; }
bool is_lower(char c) { return std::islower(static_cast<unsigned char>(c)) != 0; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

// "1", "3.2", "IV", "A": what stands in front of a numbered heading. Returns its length with the
// blank behind it, 0 when there is none.
size_t number_length(std::string_view line) {
  size_t at = 0;
  if (is_digit(line[0])) {
    while (at < line.size() && (is_digit(line[at]) || line[at] == '.')) ++at;
    if (at > 8) return 0;
  } else {
    while (at < line.size() && std::string_view("IVXLC").find(line[at]) != std::string_view::npos)
      ++at;
    if (at == 0 || at > 7 || at >= line.size() || line[at] != '.') return 0;
    ++at;
  }
  if (at >= line.size() || line[at] != ' ') return 0;
  while (at < line.size() && line[at] == ' ') ++at;
  return at;
}

}  // namespace

bool is_known_heading(std::string_view line) {
  while (!line.empty() && (line.back() == ':' || line.back() == '.' || line.back() == ' '))
    line.remove_suffix(1);
  std::string folded(line);
  for (char& c : folded) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  constexpr std::array<std::string_view, 24> kNames = {
      "abstract",     "introduction", "background",      "related work", "preface",
      "foreword",     "method",       "methods",         "methodology",  "materials and methods",
      "results",      "evaluation",   "experiments",     "discussion",   "limitations",
      "conclusion",   "conclusions",  "acknowledgments", "references",   "acknowledgements",
      "bibliography", "appendix",     "epilogue",        "prologue"};
  return std::find(kNames.begin(), kNames.end(), folded) != kNames.end();
}

bool is_heading_line(std::string_view line) {
  if (line.size() < 2 || line.size() > kMaxHeadingBytes) return false;
  if (is_known_heading(line)) return true;
  for (const std::string_view word :
       {"Chapter ", "CHAPTER ", "Part ", "PART ", "Book ", "BOOK ", "Section ", "SECTION ",
        "Appendix ", "APPENDIX ", "ACT ", "LETTER ", "Letter "}) {
    if (line.starts_with(word) && line.size() > word.size() &&
        (is_digit(line[word.size()]) || is_upper(line[word.size()])))
      return line.size() < 100;
  }
  const char last = line.back();
  if (last == ',' || last == ';' || last == ':' || last == '-') return false;
  const size_t number = number_length(line);
  const std::string_view words = line.substr(number);
  if (words.empty() || last == '.') return false;
  if (number > 0) return is_upper(words.front()) && words.size() < 90;
  size_t upper = 0;
  size_t lower = 0;
  for (const char c : words) {
    upper += is_upper(c) ? 1 : 0;
    lower += is_lower(c) ? 1 : 0;
  }
  return lower == 0 && upper >= 4 && words.size() < 80;
}

void DocumentBuilder::heading(std::string_view text) {
  if (text.empty()) return;
  size_t size = std::min(text.size(), kMaxHeadingBytes);
  // Not in the middle of a character.
  while (size > 0 && size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80)
    --size;
  std::string title(text.substr(0, size));
  // "CHAPTER II" above "THE VOYAGE": together they are the title.
  pending_ = pending_.empty() ? title : pending_ + ": " + title;
  if (pending_.size() > 2 * kMaxHeadingBytes) pending_ = std::move(title);
  document_.sections.push_back({pending_, {}});
}

void DocumentBuilder::paragraph(ParagraphKind kind, std::string text) {
  if (text.empty() || document_.truncated) return;
  bytes_ += text.size();
  if (bytes_ > kMaxDocumentTextBytes) {
    document_.truncated = true;
    return;
  }
  pending_.clear();
  if (document_.sections.empty()) document_.sections.emplace_back();
  document_.sections.back().paragraphs.push_back({kind, std::move(text)});
}

void DocumentBuilder::add(const std::vector<ArticleParagraph>& paragraphs) {
  for (const ArticleParagraph& one : paragraphs) {
    if (one.kind == ParagraphKind::kHeading) {
      heading(one.text);
    } else {
      paragraph(one.kind, one.text);
    }
  }
}

void DocumentBuilder::finish() {
  std::erase_if(document_.sections,
                [](const DocumentSection& section) { return section.paragraphs.empty(); });
}

}  // namespace myna::intake
