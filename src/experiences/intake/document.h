// A document of any length as sections with headings: what a conversation about it is made from.
// HTML pages, Markdown, plain text, EPUB books and what pdftotext gives of a PDF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "experiences/intake/article.h"

namespace myna::intake {

enum class DocumentFormat : uint8_t { kHtml, kMarkdown, kText, kEpub, kPdf };
std::string_view document_format_name(DocumentFormat format);  // "HTML", "EPUB", ...

struct DocumentSection {
  std::string title;                         // empty: what stands before the first heading
  std::vector<ArticleParagraph> paragraphs;  // no headings; never empty
};

struct Document {
  DocumentFormat format = DocumentFormat::kText;
  std::string title;
  std::string author;
  std::string publisher;  // of a page: its site
  std::string language;
  std::vector<DocumentSection> sections;  // in order; empty when there is no text
  size_t page_count = 0;                  // of a PDF
  bool truncated = false;                 // over a limit: what came before it is here

  size_t word_count() const;
};

inline constexpr size_t kMaxDocumentBytes = size_t{64} << 20;      // as it came
inline constexpr size_t kMaxDocumentTextBytes = size_t{24} << 20;  // of its text

// What bytes are: by their first bytes, then by the type of a response, then by the name's ending.
DocumentFormat guess_document_format(std::string_view bytes, std::string_view content_type,
                                     std::string_view name);

// bytes: as they came, in any encoding; never throws for what they say.
Document read_html_document(std::string_view bytes, std::string_view content_type);
Document read_markdown_document(std::string_view bytes);
Document read_text_document(std::string_view bytes);
// text: what `pdftotext -enc UTF-8` writes, pages ended by form feeds.
Document read_pdf_text(std::string_view text);
// Throws Error kCorruptData for what is no EPUB, or is one that is encrypted;
// kResourceExhausted for one that unpacks to more than the limits.
Document read_epub_document(std::string_view bytes);

}  // namespace myna::intake
