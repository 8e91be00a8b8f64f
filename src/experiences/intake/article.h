// The article of a web page: its text without navigation, advertisements, comments, captions and
// teasers. By the shape of the page (lengths of text, shares of links, names of classes); no list
// of sites.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace myna::intake {

enum class ParagraphKind : uint8_t { kText, kHeading, kListItem, kQuote };

struct ArticleParagraph {
  ParagraphKind kind = ParagraphKind::kText;
  std::string text;  // on one line, never empty
};

struct Article {
  std::string title;
  std::string author;
  std::string site;
  std::string language;
  std::string canonical;  // address, as the page gives it
  std::optional<int64_t> published_s;
  std::vector<ArticleParagraph> paragraphs;  // empty when the page has no text

  std::string text() const;  // paragraphs with a blank line between them
};

// `html` is UTF-8. Pages of scripts alone give no paragraphs. Safe from many threads.
Article extract_article(std::string_view html);

// A snippet of a feed, all of it article: what html_to_text gives, as paragraphs.
Article article_of_snippet(std::string_view html);

}  // namespace myna::intake
