// Paragraphs in the order of a document become sections. Private to src/experiences/intake.
#pragma once

#include <string>
#include <string_view>

#include "experiences/intake/document.h"

namespace myna::intake {

class DocumentBuilder {
 public:
  explicit DocumentBuilder(Document& document) : document_(document) {}

  void heading(std::string_view text);
  void paragraph(ParagraphKind kind, std::string text);
  void add(const std::vector<ArticleParagraph>& paragraphs);
  // Sections without text are dropped; their headings stand before the next one that has none.
  void finish();

 private:
  Document& document_;
  std::string pending_;  // a heading that had no text yet
  size_t bytes_ = 0;
};

// Whether a line by itself is a heading: "CHAPTER IV", "3.2 Results", "THE TIDE", "Abstract".
bool is_heading_line(std::string_view line);
// "Abstract", "Introduction", "References" and the like, alone on a line.
bool is_known_heading(std::string_view line);

}  // namespace myna::intake
