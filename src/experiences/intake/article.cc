// Two steps, after the idea of Readability: find the element whose paragraphs have the most text
// that is not links, then take out of it what is not the article's.
#include "experiences/intake/article.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <set>

#include "experiences/intake/html_nodes.h"
#include "experiences/intake/html_text.h"
#include "experiences/intake/page_metadata.h"
#include "experiences/intake/page_shape.h"

namespace myna::intake {
namespace {

constexpr size_t kParagraphBytes = 30;  // what counts when the article's place is looked for

bool is_heading(const GumboNode* node) {
  return is_any_element(node) && node->v.element.tag >= GUMBO_TAG_H1 &&
         node->v.element.tag <= GUMBO_TAG_H6;
}

bool is_list(const GumboNode* node) {
  return is_element(node, GUMBO_TAG_UL) || is_element(node, GUMBO_TAG_OL) ||
         is_element(node, GUMBO_TAG_DL);
}

bool is_side_element(const GumboNode* node) {
  if (!is_any_element(node)) return false;
  switch (node->v.element.tag) {
    case GUMBO_TAG_NAV:
    case GUMBO_TAG_ASIDE:
    case GUMBO_TAG_FOOTER:
    case GUMBO_TAG_FIGURE:
    case GUMBO_TAG_FIGCAPTION:
    case GUMBO_TAG_FORM:
    case GUMBO_TAG_ADDRESS:
    case GUMBO_TAG_DETAILS:
      return true;
    default:
      return false;
  }
}

// A block that holds no other block with text: its text is one paragraph.
bool holds_blocks(const GumboNode* node, unsigned depth) {
  if (depth > kMaxHtmlDepth) return false;
  const GumboVector& children = children_of(node);
  for (unsigned i = 0; i < children.length; ++i) {
    const GumboNode* child = child_at(children, i);
    if (is_block(child) || holds_blocks(child, depth + 1)) return true;
  }
  return false;
}

// Some wrap the whole article in an element that is called "content-widget" or "with-sidebar".
bool holds_article(const GumboNode* node, std::string_view names, const TextShape& page) {
  if (names.find("comment") != std::string_view::npos) return false;
  const TextShape shape = shape_of(node);
  return shape.paragraphs >= 3 && shape.paragraphs * 5 >= page.paragraphs * 2 &&
         shape.link_share() < 0.4;
}

// Step one.
class PlaceFinder {
 public:
  explicit PlaceFinder(const TextShape& page) : page_(page) {}

  const GumboNode* find(const GumboNode* body) {
    walk(body, 0, 1);
    const GumboNode* best = nullptr;
    double best_score = 0;
    for (const auto& [node, raw] : scores_) {
      const TextShape shape = shape_of(node);
      const double score = raw * (1 - shape.link_share());
      if (score > best_score || best == nullptr) {
        best = node;
        best_score = score;
      }
    }
    return best == nullptr ? nullptr : widened(best, best_score);
  }

 private:
  void walk(const GumboNode* node, unsigned depth, double trust) {
    if (depth > kMaxHtmlDepth || !is_any_element(node) || is_never_text(node) || is_hidden(node))
      return;
    if (is_side_element(node) && !is_element(node, GUMBO_TAG_FORM)) return;
    const std::string names = names_of(node);
    const bool top = is_element(node, GUMBO_TAG_BODY) || is_element(node, GUMBO_TAG_HTML) ||
                     is_element(node, GUMBO_TAG_ARTICLE) || is_element(node, GUMBO_TAG_MAIN);
    if (!top && is_boilerplate_name(names) && !holds_article(node, names, page_)) trust *= 0.2;
    const bool leaf = is_element(node, GUMBO_TAG_P) || is_element(node, GUMBO_TAG_PRE) ||
                      is_element(node, GUMBO_TAG_BLOCKQUOTE) ||
                      (is_block(node) && !holds_blocks(node, depth));
    if (leaf && !is_heading(node)) {
      score_paragraph(node, trust);
      return;
    }
    if (!is_heading(node)) score_loose_text(node, trust);
    const GumboVector& children = children_of(node);
    for (unsigned i = 0; i < children.length; ++i) walk(child_at(children, i), depth + 1, trust);
  }

  static double value_of(const TextShape& shape) {
    if (shape.text < kParagraphBytes) return 0;
    const double own = static_cast<double>(shape.text - shape.linked);
    return 1 + static_cast<double>(shape.commas) + std::min(own / 100, 6.0);
  }

  void score_paragraph(const GumboNode* node, double trust) {
    const TextShape shape = shape_of(node);
    const double list = is_element(node, GUMBO_TAG_LI) ? 0.4 : 1;
    give(node->parent, value_of(shape) * (1 - shape.link_share()) * trust * list);
  }

  // Text that stands beside blocks, as in pages that have <br> for paragraphs.
  void score_loose_text(const GumboNode* node, double trust) {
    TextShape shape;
    const GumboVector& children = children_of(node);
    for (unsigned i = 0; i < children.length; ++i) {
      const GumboNode* child = child_at(children, i);
      if (is_block(child) || holds_blocks(child, 0)) continue;
      const TextShape part = shape_of(child);
      shape.text += part.text;
      shape.linked += part.linked;
      shape.commas += part.commas;
    }
    if (shape.text < 2 * kParagraphBytes) return;
    const double own = static_cast<double>(shape.text - shape.linked);
    give(node, (static_cast<double>(shape.commas) + own / 100) * (1 - shape.link_share()) * trust);
  }

  void give(const GumboNode* parent, double value) {
    double share = 1;
    for (int level = 0; parent != nullptr && is_any_element(parent) && level < 5; ++level) {
      auto [entry, is_new] = scores_.emplace(parent, 0.0);
      if (is_new) entry->second = bonus(parent);
      entry->second += value * share;
      share = level == 0 ? 0.6 : share * 0.6;
      parent = parent->parent;
    }
  }

  static double bonus(const GumboNode* node) {
    double bonus = 10.0 * name_hint(names_of(node));
    if (is_element(node, GUMBO_TAG_ARTICLE)) bonus += 15;
    if (is_element(node, GUMBO_TAG_MAIN)) bonus += 8;
    if (is_element(node, GUMBO_TAG_BODY)) bonus -= 5;
    if (names_of(node).find("articlebody") != std::string::npos) bonus += 25;
    return bonus;
  }

  // An ancestor, when its other branches have about as much to say: an article in several sections.
  const GumboNode* widened(const GumboNode* best, double best_score) const {
    constexpr int kLevels = 5;
    const GumboNode* branch = best;
    double sum = best_score;
    for (int level = 0; level < kLevels; ++level) {
      const GumboNode* parent = branch->parent;
      if (parent == nullptr || !is_any_element(parent) || is_element(parent, GUMBO_TAG_HTML)) break;
      double others = 0;
      const GumboVector& children = children_of(parent);
      for (unsigned i = 0; i < children.length; ++i) {
        const GumboNode* child = child_at(children, i);
        const auto found = scores_.find(child);
        if (child == branch || found == scores_.end() || is_boilerplate_name(names_of(child)))
          continue;
        const double score = found->second * (1 - shape_of(child).link_share());
        if (score > 0.15 * best_score) others += score;
      }
      branch = parent;
      if (others < 0.25 * sum) continue;
      best = parent;
      sum += others;
    }
    return best;
  }

  const TextShape& page_;
  std::map<const GumboNode*, double> scores_;
};

// Step two.
class ArticleReader {
 public:
  ArticleReader(Article& article, const TextShape& page) : article_(article), page_(page) {}

  void read(const GumboNode* place) {
    place_ = place;
    visit(place, 0, ParagraphKind::kText);
    end_paragraph();
    drop_tail();
  }

 private:
  bool is_left_out(const GumboNode* node) const {
    if (is_never_text(node) || is_hidden(node)) return true;
    if (node == place_ || !is_any_element(node)) return false;
    if (is_side_element(node)) {
      const bool form = is_element(node, GUMBO_TAG_FORM);
      return !(form && shape_of(node).text > 2000);
    }
    const std::string names = names_of(node);
    if (is_boilerplate_name(names)) {
      if (!holds_article(node, names, page_)) return true;
    }
    if (!is_block(node) || is_element(node, GUMBO_TAG_P)) return false;
    const TextShape shape = shape_of(node);
    if (is_list(node)) return shape.link_share() > 0.5 && shape.text > 0;
    if (is_element(node, GUMBO_TAG_TABLE)) return shape.link_share() > 0.5;
    return shape.link_share() > 0.6 && shape.text < 2000 && shape.paragraphs == 0;
  }

  void visit(const GumboNode* node, unsigned depth, ParagraphKind kind) {
    if (is_text(node)) {
      paragraph_ += node->v.text.text;
      return;
    }
    if (depth > kMaxHtmlDepth || is_left_out(node)) return;
    if (is_element(node, GUMBO_TAG_BR)) {
      // Two line breaks are a paragraph's end.
      if (break_at_ == paragraph_.size() && break_at_ > 0) end_paragraph();
      paragraph_ += ' ';
      break_at_ = paragraph_.size();
      return;
    }
    const bool linked = is_element(node, GUMBO_TAG_A);
    if (is_heading(node)) kind = ParagraphKind::kHeading;
    if (is_element(node, GUMBO_TAG_LI)) kind = ParagraphKind::kListItem;
    if (is_element(node, GUMBO_TAG_BLOCKQUOTE)) kind = ParagraphKind::kQuote;
    const bool block = is_block(node);
    if (block) {
      end_paragraph();
      kind_ = kind;
    }
    const size_t before = paragraph_.size();
    const GumboVector& children = children_of(node);
    for (unsigned i = 0; i < children.length; ++i) visit(child_at(children, i), depth + 1, kind);
    if (linked && paragraph_.size() >= before) linked_ += paragraph_.size() - before;
    if (block) {
      end_paragraph();
      kind_ = ParagraphKind::kText;
    }
  }

  void end_paragraph() {
    std::string text = fold_blanks(paragraph_);
    const size_t linked = linked_;
    paragraph_.clear();
    linked_ = 0;
    break_at_ = 0;
    if (text.empty()) return;
    // A line that is nothing but a link leads elsewhere.
    const bool all_link = linked * 10 >= text.size() * 9;
    if (all_link && (kind_ == ParagraphKind::kText || kind_ == ParagraphKind::kListItem) &&
        text.size() < 200)
      return;
    if (is_teaser(text)) return;
    if (!seen_.insert(text).second && text.size() > 40) return;
    article_.paragraphs.push_back({kind_, std::move(text)});
  }

  static bool is_teaser(std::string_view text) {
    std::string folded(text.substr(0, 60));
    for (char& c : folded) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (text.size() < 200) {
      for (const std::string_view start : {"read more",
                                           "read also",
                                           "also read",
                                           "related:",
                                           "see also",
                                           "more:",
                                           "advertisement",
                                           "share this",
                                           "follow us",
                                           "subscribe",
                                           "sign up",
                                           "click here",
                                           "photo:",
                                           "image:",
                                           "continue reading",
                                           "watch:",
                                           "(adsbygoogle",
                                           "related articles",
                                           "related stories",
                                           "recommended",
                                           "story continues below",
                                           "read:",
                                           "read next",
                                           "image copyright",
                                           "media caption",
                                           "image caption",
                                           "copyright ©",
                                           "©",
                                           "filed under",
                                           "tags:",
                                           "posted in",
                                           "leave a comment",
                                           "print this",
                                           "published:",
                                           "updated:"}) {
        if (folded.starts_with(start)) return true;
      }
    }
    return false;
  }

  // Headings with nothing behind them.
  void drop_tail() {
    while (!article_.paragraphs.empty() &&
           article_.paragraphs.back().kind == ParagraphKind::kHeading) {
      article_.paragraphs.pop_back();
    }
  }

  Article& article_;
  const TextShape& page_;
  const GumboNode* place_ = nullptr;
  std::string paragraph_;
  size_t linked_ = 0;
  size_t break_at_ = 0;
  ParagraphKind kind_ = ParagraphKind::kText;
  std::set<std::string> seen_;
};

const GumboNode* find_body(const GumboNode* root) {
  const GumboVector& children = children_of(root);
  for (unsigned i = 0; i < children.length; ++i) {
    if (is_element(child_at(children, i), GUMBO_TAG_BODY)) return child_at(children, i);
  }
  return nullptr;
}

}  // namespace

std::string Article::text() const {
  std::string result;
  for (const ArticleParagraph& paragraph : paragraphs) {
    if (!result.empty()) result += "\n\n";
    result += paragraph.text;
  }
  return result;
}

Article extract_article(std::string_view html) {
  Article article;
  const HtmlPage page(html);
  read_metadata(page.root(), article);
  const GumboNode* body = find_body(page.root());
  if (body == nullptr) return article;
  const TextShape shape = shape_of(body);
  const GumboNode* place = PlaceFinder(shape).find(body);
  ArticleReader(article, shape).read(place == nullptr ? body : place);
  // The headline is not said twice.
  if (!article.paragraphs.empty() && article.paragraphs.front().text == article.title) {
    article.paragraphs.erase(article.paragraphs.begin());
  }
  return article;
}

Article article_of_snippet(std::string_view html) {
  Article article;
  const HtmlPage page(html);
  const GumboNode* body = find_body(page.root());
  if (body == nullptr) return article;
  const TextShape shape = shape_of(body);
  ArticleReader(article, shape).read(body);
  return article;
}

}  // namespace myna::intake
