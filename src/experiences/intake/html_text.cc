#include "experiences/intake/html_text.h"

#include "base/utf8.h"
#include "experiences/intake/html_nodes.h"

namespace myna::intake {
namespace {

class TextCollector {
 public:
  void visit(const GumboNode* node, unsigned depth) {
    if (is_text(node)) {
      add(node->v.text.text);
      return;
    }
    if (depth > kMaxHtmlDepth || is_never_text(node) || is_hidden(node)) return;
    if (is_element(node, GUMBO_TAG_BR)) {
      add(" ");
      return;
    }
    const bool block = is_block(node);
    if (block) end_paragraph();
    const GumboVector& children = children_of(node);
    for (unsigned i = 0; i < children.length; ++i) visit(child_at(children, i), depth + 1);
    if (block) end_paragraph();
  }

  std::string finish() {
    end_paragraph();
    return std::move(text_);
  }

 private:
  void add(std::string_view text) { paragraph_ += text; }
  void end_paragraph() {
    const std::string folded = fold_blanks(paragraph_);
    paragraph_.clear();
    if (folded.empty()) return;
    if (!text_.empty()) text_ += "\n\n";
    text_ += folded;
  }

  std::string paragraph_;
  std::string text_;
};

}  // namespace

std::string fold_blanks(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  bool blank = false;
  for (size_t at = 0; at < text.size();) {
    const DecodedCodePoint decoded = decode_utf8(text, at);
    const char32_t c = decoded.code_point;
    const std::string_view bytes = text.substr(at, decoded.byte_count);
    at += decoded.byte_count;
    if (c <= 0x20 || c == 0xA0 || c == 0x2028 || c == 0x2029 || (c >= 0x2000 && c <= 0x200A) ||
        c == 0x202F || c == 0x205F || c == 0x3000) {
      blank = true;
      continue;
    }
    // Zero-width characters and soft hyphens are no text.
    if (c == 0xAD || c == 0x200B || c == 0x200C || c == 0x2060 || c == 0xFEFF || c == 0x7F)
      continue;
    if (blank && !result.empty()) result += ' ';
    blank = false;
    result += bytes;
  }
  return result;
}

std::string html_to_text(std::string_view html) {
  const HtmlPage page(html);
  TextCollector collector;
  collector.visit(page.root(), 0);
  return collector.finish();
}

std::string html_to_line(std::string_view html) {
  if (html.find_first_of("<&") == std::string_view::npos) return fold_blanks(html);
  return fold_blanks(html_to_text(html));
}

}  // namespace myna::intake
