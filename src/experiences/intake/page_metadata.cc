#include "experiences/intake/page_metadata.h"

#include "experiences/intake/feed_dates.h"
#include "experiences/intake/html_text.h"

namespace myna::intake {
namespace {

std::string all_text(const GumboNode* node, unsigned depth) {
  if (is_text(node)) return node->v.text.text;
  std::string text;
  if (depth > kMaxHtmlDepth) return text;
  const GumboVector& children = children_of(node);
  for (unsigned i = 0; i < children.length; ++i) text += all_text(child_at(children, i), depth + 1);
  return text;
}

struct Found {
  std::string title;
  std::string headline;  // the first <h1>
  std::string shared_title;
};

void read_meta(const GumboNode* node, Found& found, Article& article) {
  std::string name(attribute_of(node, "property"));
  if (name.empty()) name = attribute_of(node, "name");
  if (name.empty()) name = attribute_of(node, "itemprop");
  const std::string content = fold_blanks(attribute_of(node, "content"));
  if (content.empty()) return;
  if (name == "og:title") found.shared_title = content;
  if (name == "og:site_name") article.site = content;
  if (name == "author" && article.author.empty()) article.author = content;
  if (name == "article:published_time" || name == "datePublished" || name == "date") {
    if (!article.published_s) article.published_s = parse_feed_date(content);
  }
}

void walk(const GumboNode* node, unsigned depth, Found& found, Article& article) {
  if (depth > kMaxHtmlDepth || !is_any_element(node)) return;
  if (is_element(node, GUMBO_TAG_META)) read_meta(node, found, article);
  if (is_element(node, GUMBO_TAG_TITLE) && found.title.empty())
    found.title = fold_blanks(all_text(node, 0));
  if (is_element(node, GUMBO_TAG_H1) && found.headline.empty())
    found.headline = fold_blanks(all_text(node, 0));
  if (is_element(node, GUMBO_TAG_LINK) && attribute_of(node, "rel") == "canonical") {
    article.canonical = attribute_of(node, "href");
  }
  const GumboVector& children = children_of(node);
  for (unsigned i = 0; i < children.length; ++i)
    walk(child_at(children, i), depth + 1, found, article);
}

}  // namespace

void read_metadata(const GumboNode* root, Article& article) {
  Found found;
  article.language = attribute_of(root, "lang");
  walk(root, 0, found, article);
  // <title> has the site's name behind the headline.
  article.title = !found.shared_title.empty() ? found.shared_title
                  : !found.headline.empty()   ? found.headline
                                              : found.title;
}

}  // namespace myna::intake
