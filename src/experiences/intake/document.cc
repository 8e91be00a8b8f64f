#include "experiences/intake/document.h"

#include <md4c-html.h>

#include <algorithm>
#include <array>

#include "base/plain_text.h"
#include "experiences/intake/character_encoding.h"
#include "experiences/intake/document_builder.h"
#include "experiences/intake/html_text.h"

namespace myna::intake {
namespace {

size_t count_words(std::string_view text) {
  size_t words = 0;
  bool inside = false;
  for (const char c : text) {
    const bool blank = c == ' ';
    words += !blank && !inside ? 1 : 0;
    inside = !blank;
  }
  return words;
}

Document document_of(const Article& article, DocumentFormat format) {
  Document document;
  document.format = format;
  document.title = article.title;
  document.author = article.author;
  document.publisher = article.site;
  document.language = article.language;
  DocumentBuilder builder(document);
  builder.add(article.paragraphs);
  builder.finish();
  return document;
}

// Between "---" lines at the beginning: "title: x" and "author: y" are understood.
std::string_view without_front_matter(std::string_view text, Document& document) {
  if (!text.starts_with("---\n")) return text;
  const size_t end = text.find("\n---", 3);
  if (end == std::string_view::npos) return text;
  for (std::string_view head = text.substr(4, end - 3); !head.empty();) {
    const size_t line_end = std::min(head.find('\n'), head.size());
    const std::string_view line = head.substr(0, line_end);
    head.remove_prefix(std::min(head.size(), line_end + 1));
    for (const auto& [key, field] :
         {std::pair<std::string_view, std::string*>{"title:", &document.title},
          {"author:", &document.author}}) {
      if (!line.starts_with(key)) continue;
      std::string_view value = trimmed(line.substr(key.size()));
      if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
          value.back() == value.front())
        value = value.substr(1, value.size() - 2);
      *field = value;
    }
  }
  const size_t after = text.find('\n', end + 1);
  return after == std::string_view::npos ? std::string_view() : text.substr(after + 1);
}

void append_html(const MD_CHAR* text, MD_SIZE size, void* out) {
  static_cast<std::string*>(out)->append(text, size);
}

// Code, tables and footnotes' marks are nothing to be heard.
std::string without_elements(const std::string& html, std::string_view open,
                             std::string_view close) {
  std::string out;
  size_t at = 0;
  while (at < html.size()) {
    const size_t begin = html.find(open, at);
    if (begin == std::string::npos) break;
    out.append(html, at, begin - at);
    const size_t end = html.find(close, begin);
    at = end == std::string::npos ? html.size() : end + close.size();
  }
  out.append(html, std::min(at, html.size()));
  return out;
}

}  // namespace

std::string_view document_format_name(DocumentFormat format) {
  constexpr std::array<std::string_view, 5> kNames = {"HTML", "Markdown", "text", "EPUB", "PDF"};
  return kNames.at(static_cast<size_t>(format));
}

size_t Document::word_count() const {
  size_t words = 0;
  for (const DocumentSection& section : sections) {
    for (const ArticleParagraph& paragraph : section.paragraphs)
      words += count_words(paragraph.text);
  }
  return words;
}

DocumentFormat guess_document_format(std::string_view bytes, std::string_view content_type,
                                     std::string_view name) {
  // PDF readers accept some bytes before the mark.
  if (bytes.substr(0, 1024).find("%PDF-") != std::string_view::npos) return DocumentFormat::kPdf;
  if (bytes.starts_with("PK\x03\x04")) return DocumentFormat::kEpub;
  const std::string type = ascii_lower(content_type);
  if (type.find("html") != std::string::npos) return DocumentFormat::kHtml;
  if (type.find("markdown") != std::string::npos) return DocumentFormat::kMarkdown;
  const std::string ending =
      ascii_lower(name.substr(std::min(name.size(), name.find_last_of("./"))));
  if (ending == ".md" || ending == ".markdown") return DocumentFormat::kMarkdown;
  if (ending == ".pdf") return DocumentFormat::kPdf;
  if (ending == ".epub") return DocumentFormat::kEpub;
  if (ending == ".html" || ending == ".htm" || ending == ".xhtml") return DocumentFormat::kHtml;
  const std::string head = ascii_lower(bytes.substr(0, 2048));
  for (const std::string_view mark : {"<!doctype html", "<html", "<head", "<body", "<article"}) {
    if (head.find(mark) != std::string::npos) return DocumentFormat::kHtml;
  }
  return type.empty() && ending != ".txt" && head.starts_with("# ") ? DocumentFormat::kMarkdown
                                                                    : DocumentFormat::kText;
}

Document read_html_document(std::string_view bytes, std::string_view content_type) {
  return document_of(extract_article(decode_document(bytes, content_type).text),
                     DocumentFormat::kHtml);
}

Document read_markdown_document(std::string_view bytes) {
  Document head;
  const std::string text = decode_document(bytes, "text/plain").text;
  const std::string_view body = without_front_matter(text, head);
  std::string html;
  md_html(body.data(), static_cast<MD_SIZE>(std::min(body.size(), kMaxDocumentTextBytes)),
          append_html, &html, MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH, 0);
  html = without_elements(html, "<pre>", "</pre>");
  html = without_elements(html, "<table>", "</table>");
  Article article = article_of_snippet(html);
  // A heading in front of everything is the title.
  if (head.title.empty() && !article.paragraphs.empty() &&
      article.paragraphs.front().kind == ParagraphKind::kHeading) {
    const bool another = std::any_of(
        article.paragraphs.begin() + 1, article.paragraphs.end(),
        [](const ArticleParagraph& one) { return one.kind == ParagraphKind::kHeading; });
    if (another || html.find("<h2") == std::string::npos) {
      head.title = article.paragraphs.front().text;
      article.paragraphs.erase(article.paragraphs.begin());
    }
  }
  article.title = head.title;
  article.author = head.author;
  return document_of(article, DocumentFormat::kMarkdown);
}

Document read_text_document(std::string_view bytes) {
  Document document;
  document.format = DocumentFormat::kText;
  std::string text = decode_document(bytes, "text/plain").text;
  std::erase(text, '\r');
  DocumentBuilder builder(document);
  bool first = true;
  size_t at = 0;
  while (at < text.size()) {
    // A paragraph ends with a line that has nothing on it.
    size_t end = at;
    while (end < text.size()) {
      const size_t line_end = std::min(text.find('\n', end), text.size());
      if (trimmed(std::string_view(text).substr(end, line_end - end)).empty()) break;
      end = line_end + 1;
    }
    end = std::min(end, text.size());
    const std::string_view raw = std::string_view(text).substr(at, end - at);
    at = std::min(text.size(), std::min(text.find('\n', end), text.size()) + 1);
    const std::string paragraph = fold_blanks(raw);
    if (paragraph.empty()) continue;
    const bool one_line = trimmed(raw).find('\n') == std::string_view::npos;
    if (first && one_line && paragraph.size() < 120) {
      document.title = paragraph;
    } else if (one_line && is_heading_line(paragraph)) {
      builder.heading(paragraph);
    } else {
      builder.paragraph(ParagraphKind::kText, paragraph);
    }
    first = false;
  }
  builder.finish();
  return document;
}

}  // namespace myna::intake
