#include "experiences/intake/page_shape.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <initializer_list>

namespace myna::intake {
namespace {

// Words of class names: "Post-relatedLinks_x" is post, related, links, x.
class NameWords {
 public:
  explicit NameWords(std::string_view names) : names_(names) {}
  // `word` occurs as a word, or as the beginning of one when it ends in '*'.
  bool has(std::string_view word) const {
    const bool prefix = word.ends_with('*');
    if (prefix) word.remove_suffix(1);
    for (size_t at = names_.find(word); at != std::string_view::npos;
         at = names_.find(word, at + 1)) {
      const bool begins = at == 0 || !std::isalpha(static_cast<unsigned char>(names_[at - 1]));
      const size_t end = at + word.size();
      const bool ends =
          end == names_.size() || !std::isalpha(static_cast<unsigned char>(names_[end]));
      if (begins && (prefix || ends)) return true;
    }
    return false;
  }
  bool has_any(std::initializer_list<std::string_view> words) const {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return has(word); });
  }

 private:
  std::string_view names_;
};

void add_names(std::string& names, std::string_view value) {
  bool lower_before = false;
  if (!value.empty() && !names.empty()) names += ' ';
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isupper(byte) && lower_before) names += '-';  // camelCase
    lower_before = std::islower(byte) != 0;
    names += static_cast<char>(std::tolower(byte));
  }
}

void measure(const GumboNode* node, unsigned depth, bool linked, TextShape& shape) {
  if (is_text(node)) {
    bool blank = true;
    for (const char* c = node->v.text.text; *c != '\0'; ++c) {
      const bool is_blank = std::isspace(static_cast<unsigned char>(*c)) != 0;
      if (!is_blank || !blank) {
        ++shape.text;
        if (linked) ++shape.linked;
      }
      if (*c == ',') ++shape.commas;
      blank = is_blank;
    }
    return;
  }
  if (depth > kMaxHtmlDepth || is_never_text(node) || is_hidden(node)) return;
  const size_t before = shape.text;
  const GumboVector& children = children_of(node);
  for (unsigned i = 0; i < children.length; ++i) {
    measure(child_at(children, i), depth + 1, linked || is_element(node, GUMBO_TAG_A), shape);
  }
  if (is_element(node, GUMBO_TAG_P) && shape.text - before >= 40) ++shape.paragraphs;
}

}  // namespace

TextShape shape_of(const GumboNode* node, unsigned depth) {
  TextShape shape;
  measure(node, depth, false, shape);
  return shape;
}

std::string names_of(const GumboNode* node) {
  std::string names;
  for (const char* attribute : {"class", "id", "role", "itemprop", "data-component", "data-testid",
                                "data-type", "data-module"}) {
    add_names(names, attribute_of(node, attribute));
  }
  return names;
}

bool is_boilerplate_name(std::string_view names) {
  if (names.empty()) return false;
  const NameWords words(names);
  return words.has_any({"related*",
                        "share",
                        "sharing",
                        "sharedaddy",
                        "social*",
                        "comment",
                        "comments",
                        "commentlist",
                        "disqus*",
                        "respond",
                        "sidebar*",
                        "newsletter*",
                        "subscribe*",
                        "subscription*",
                        "promo*",
                        "advert*",
                        "ad",
                        "ads",
                        "adsbygoogle",
                        "sponsor*",
                        "recommend*",
                        "breadcrumb*",
                        "pagination",
                        "pager",
                        "navigation",
                        "nav",
                        "navbar",
                        "menu",
                        "footer",
                        "cookie*",
                        "popup*",
                        "modal",
                        "outbrain*",
                        "taboola*",
                        "widget",
                        "widgets",
                        "toolbar",
                        "tags",
                        "taglist",
                        "tagcloud",
                        "byline*",
                        "dateline",
                        "author-bio",
                        "author-box",
                        "authorbio",
                        "author-info",
                        "about-author",
                        "caption*",
                        "wp-caption*",
                        "figcaption",
                        "credit*",
                        "copyright",
                        "print-only",
                        "printonly",
                        "screen-reader*",
                        "sr-only",
                        "visually-hidden",
                        "visuallyhidden",
                        "skip-link*",
                        "trending",
                        "popular",
                        "most-read",
                        "readmore",
                        "read-more",
                        "more-on",
                        "more-stories",
                        "see-also",
                        "signup",
                        "sign-up",
                        "login",
                        "paywall*",
                        "gallery",
                        "slideshow",
                        "carousel",
                        "video-player",
                        "jwplayer",
                        "infobox",
                        "navbox",
                        "toc",
                        "mw-editsection",
                        "reference",
                        "reflist",
                        "noprint",
                        "metadata",
                        "timestamp",
                        "post-meta",
                        "entry-meta",
                        "article-meta",
                        "story-meta",
                        "contentinfo",
                        "complementary",
                        "banner",
                        "search",
                        "rating*",
                        "poll",
                        "survey",
                        "donate*",
                        "donation*",
                        "teaser*",
                        "dropdown*",
                        "tooltip*",
                        "overlay",
                        "disclaimer",
                        "feedback",
                        "next-article",
                        "prev-next",
                        "up-next",
                        "also-read",
                        "embed-card",
                        "pullquote",
                        "pull-quote",
                        "inline-related",
                        "storylink*"});
}

int name_hint(std::string_view names) {
  if (names.empty()) return 0;
  const NameWords words(names);
  if (words.has_any({"articlebody",    "article-body",  "article-content",
                     "articlecontent", "entry-content", "post-content",
                     "post-body",      "story-body",    "storybody",
                     "story-content",  "article-text",  "body-copy",
                     "content-body",   "article",       "story",
                     "post",           "entry",         "hentry",
                     "text",           "body",          "content",
                     "main",           "blog"})) {
    return 1;
  }
  return 0;
}

}  // namespace myna::intake
