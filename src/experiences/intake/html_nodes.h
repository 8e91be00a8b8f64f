// Gumbo's tree with the questions that text extraction asks of it. Private to
// src/experiences/intake.
#pragma once

#include <gumbo.h>

#include <memory>
#include <string>
#include <string_view>

namespace myna::intake {

inline constexpr size_t kMaxHtmlBytes = size_t{8} << 20;
inline constexpr unsigned kMaxHtmlDepth = 400;  // deeper elements are not looked into

// A parsed page. The text that it was made of must outlive it.
class HtmlPage {
 public:
  explicit HtmlPage(std::string_view html);
  const GumboNode* root() const { return output_->root; }
  const GumboNode* document() const { return output_->document; }

 private:
  struct Closer {
    void operator()(GumboOutput* output) const;
  };
  std::unique_ptr<GumboOutput, Closer> output_;
};

bool is_element(const GumboNode* node, GumboTag tag);
bool is_any_element(const GumboNode* node);
bool is_text(const GumboNode* node);  // text or CDATA, white space included
const GumboVector& children_of(const GumboNode* node);
inline const GumboNode* child_at(const GumboVector& children, unsigned index) {
  return static_cast<const GumboNode*>(children.data[index]);
}
std::string_view attribute_of(const GumboNode* node, const char* name);  // empty when not there
std::string tag_name(const GumboNode* node);

bool is_block(const GumboNode* node);
// script, style, template, noscript, forms' parts, svg, media, frames
bool is_never_text(const GumboNode* node);
bool is_hidden(const GumboNode* node);

}  // namespace myna::intake
