// What pdftotext writes: lines of pages, in reading order, with blank lines between blocks. Running
// heads and page numbers go, lines become paragraphs, hyphens at ends of lines are taken back where
// the word is known from elsewhere in the text.
#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/plain_text.h"
#include "base/utf8.h"
#include "experiences/intake/document.h"
#include "experiences/intake/document_builder.h"
#include "experiences/intake/html_text.h"

namespace myna::intake {
namespace {

using Lines = std::vector<std::string>;

std::vector<Lines> pages_of(std::string_view text) {
  std::vector<Lines> pages;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\f', at), text.size());
    Lines lines;
    for (size_t begin = at; begin <= end && begin < text.size();) {
      const size_t stop = std::min(std::min(text.find('\n', begin), text.size()), end);
      lines.push_back(fold_blanks(text.substr(begin, stop - begin)));
      begin = stop + 1;
    }
    while (!lines.empty() && lines.back().empty()) lines.pop_back();
    pages.push_back(std::move(lines));
    at = end + 1;
  }
  return pages;
}

// A line as it is on every page: digits are one sign.
std::string shape_of(const std::string& line) {
  std::string shape;
  for (const char c : line) {
    const bool digit = std::isdigit(static_cast<unsigned char>(c)) != 0;
    if (digit && !shape.empty() && shape.back() == '#') continue;
    shape += digit ? '#' : c;
  }
  return shape;
}

bool is_page_number(const std::string& line) {
  const std::string shape = shape_of(line);
  return shape == "#" || shape == "- # -" || shape == "Page #" || shape == "Page # of #" ||
         shape == "# / #" || shape == "# of #";
}

void drop_running_heads(std::vector<Lines>& pages) {
  constexpr size_t kEdge = 3;  // lines from the edge of a page
  const auto is_edge = [](const Lines& lines, size_t at) {
    return at < kEdge || at + kEdge >= lines.size();
  };
  std::map<std::string, size_t> seen;
  for (const Lines& lines : pages) {
    std::set<std::string> here;
    for (size_t i = 0; i < lines.size(); ++i) {
      if (is_edge(lines, i) && !lines[i].empty()) here.insert(shape_of(lines[i]));
    }
    for (const std::string& shape : here) ++seen[shape];
  }
  const size_t often = std::max<size_t>(3, pages.size() / 5);
  for (Lines& lines : pages) {
    for (size_t i = 0; i < lines.size(); ++i) {
      if (!is_edge(lines, i) || lines[i].empty()) continue;
      if (is_page_number(lines[i]) || seen[shape_of(lines[i])] >= often) lines[i].clear();
    }
  }
}

// Lines of a table, of a formula, of a picture's labels: little of it is words.
bool is_prose(const std::string& block) {
  size_t letters = 0;
  size_t signs = 0;
  size_t words = 0;
  size_t long_words = 0;
  size_t run = 0;
  for (size_t i = 0; i <= block.size(); ++i) {
    const bool blank = i == block.size() || block[i] == ' ';
    if (blank) {
      words += run > 0 ? 1 : 0;
      long_words += run >= 3 ? 1 : 0;
      run = 0;
      continue;
    }
    ++run;
    ++signs;
    letters += std::isalpha(static_cast<unsigned char>(block[i])) != 0 || (block[i] & 0x80) != 0;
  }
  return signs > 0 && letters * 10 >= signs * 8 && words >= 4 && long_words * 5 >= words * 2;
}

class PdfReader {
 public:
  explicit PdfReader(std::string_view text) : pages_(pages_of(text)) {
    document_.format = DocumentFormat::kPdf;
    document_.page_count = pages_.size();
    drop_running_heads(pages_);
    for (const Lines& lines : pages_) {
      for (const std::string& line : lines) {
        for (const std::string& word : words_of(line)) vocabulary_.insert(word);
      }
    }
  }

  Document read() {
    DocumentBuilder builder(document_);
    std::string paragraph;
    const auto end_paragraph = [&] {
      if (is_prose(paragraph)) builder.paragraph(ParagraphKind::kText, paragraph);
      paragraph.clear();
    };
    bool first = true;
    for (const Lines& lines : pages_) {
      for (size_t at = 0; at < lines.size();) {
        while (at < lines.size() && lines[at].empty()) ++at;
        size_t end = at;
        while (end < lines.size() && !lines[end].empty()) ++end;
        if (at == end) break;
        Lines block(lines.begin() + static_cast<std::ptrdiff_t>(at),
                    lines.begin() + static_cast<std::ptrdiff_t>(end));
        at = end;
        if (first) {
          first = false;
          if (take_title(block)) continue;
        }
        // A heading may stand right above its text.
        while (!block.empty() && is_heading_line(block.front()) &&
               (block.size() == 1 || is_known_heading(block.front()) ||
                std::isdigit(static_cast<unsigned char>(block.front()[0])) != 0)) {
          end_paragraph();
          builder.heading(block.front());
          block.erase(block.begin());
        }
        if (block.empty()) continue;
        const std::string text = joined(block);
        const bool goes_on = !paragraph.empty() && !ends_sentence(paragraph) &&
                             std::islower(static_cast<unsigned char>(text[0])) != 0;
        if (goes_on) {
          append_line(paragraph, text);
        } else {
          end_paragraph();
          paragraph = text;
        }
      }
    }
    end_paragraph();
    builder.finish();
    return std::move(document_);
  }

 private:
  static std::vector<std::string> words_of(const std::string& line) {
    std::vector<std::string> words;
    std::string word;
    for (size_t i = 0; i <= line.size(); ++i) {
      const char c = i < line.size() ? line[i] : ' ';
      if (std::isalpha(static_cast<unsigned char>(c)) != 0 || (c == '-' && !word.empty())) {
        word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      } else if (!word.empty()) {
        words.push_back(std::move(word));
        word.clear();
      }
    }
    return words;
  }

  static bool ends_sentence(const std::string& text) {
    const char last = text.back();
    return last == '.' || last == '!' || last == '?' || last == ':' || text.ends_with("”") ||
           last == '"' || last == ')';
  }

  // The first block of the first page, when it looks like one.
  bool take_title(const Lines& block) {
    const std::string text = joined(block);
    if (text.size() > 200 || text.size() < 4 || block.size() > 4 || text.back() == '.')
      return false;
    document_.title = text;
    return true;
  }

  void append_line(std::string& text, const std::string& line) const {
    if (text.empty()) {
      text = line;
      return;
    }
    const bool hyphen = text.size() >= 2 && text.back() == '-' &&
                        std::isalpha(static_cast<unsigned char>(text[text.size() - 2])) != 0 &&
                        std::islower(static_cast<unsigned char>(line[0])) != 0;
    if (!hyphen) {
      text += " " + line;
      return;
    }
    const size_t begin = text.find_last_of(' ');
    const std::vector<std::string> before =
        words_of(text.substr(begin == std::string::npos ? 0 : begin + 1));
    const std::vector<std::string> after = words_of(line.substr(0, line.find(' ')));
    // "well-" + "known" stays with its hyphen where the text has "well-known" elsewhere.
    const bool keep =
        !before.empty() && !after.empty() && vocabulary_.contains(before.back() + after.front());
    if (!keep) text.pop_back();
    text += line;
  }

  std::string joined(const Lines& block) const {
    std::string text;
    for (const std::string& line : block) append_line(text, line);
    return text;
  }

  std::vector<Lines> pages_;
  std::set<std::string> vocabulary_;
  Document document_;
};

}  // namespace

Document read_pdf_text(std::string_view text) {
  const std::string valid = find_invalid_utf8(text) ? to_utf8(to_utf32(text)) : std::string(text);
  return PdfReader(valid).read();
}

}  // namespace myna::intake
