#include "experiences/intake/html_nodes.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <map>

namespace myna::intake {
namespace {

GumboOptions limits() {
  GumboOptions options = kGumboDefaultOptions;
  options.max_errors = 0;
  return options;
}

std::string squeezed(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (!std::isspace(static_cast<unsigned char>(c))) {
      result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return result;
}

// Elements that end by themselves, or have no end.
bool nests(std::string_view name) {
  constexpr std::string_view kNames[] = {"br",    "hr",     "img",    "input", "meta", "link",
                                         "p",     "li",     "td",     "th",    "tr",   "dd",
                                         "dt",    "option", "source", "wbr",   "area", "col",
                                         "track", "param",  "path",   "base",  "embed"};
  return std::find(std::begin(kNames), std::end(kNames), name) == std::end(kNames);
}

// Where the page begins to be nested deeper than any page that is read by people: the parser takes
// a time that is quadratic in depth. No end tag counts for more than its own name.
size_t reasonable_length(std::string_view html) {
  constexpr size_t kMaxOpen = 3000;
  std::map<std::string, size_t> open;
  size_t depth = 0;
  for (size_t at = html.find('<'); at != std::string_view::npos; at = html.find('<', at + 1)) {
    const bool end_tag = at + 1 < html.size() && html[at + 1] == '/';
    const size_t begin = at + (end_tag ? 2 : 1);
    size_t end = begin;
    while (end < html.size() && end - begin < 16 &&
           std::isalnum(static_cast<unsigned char>(html[end])))
      ++end;
    const std::string name = squeezed(html.substr(begin, end - begin));
    if (name.empty() || !nests(name)) continue;
    size_t& count = open[name];
    if (!end_tag) {
      ++count;
      if (++depth > kMaxOpen) return at;
    } else if (count > 0) {
      --count;
      --depth;
    }
  }
  return html.size();
}

}  // namespace

void HtmlPage::Closer::operator()(GumboOutput* output) const {
  const GumboOptions options = limits();
  gumbo_destroy_output(&options, output);
}

HtmlPage::HtmlPage(std::string_view html) {
  html = html.substr(0, kMaxHtmlBytes);
  html = html.substr(0, reasonable_length(html));
  const GumboOptions options = limits();
  output_.reset(gumbo_parse_with_options(&options, html.data(), html.size()));
}

bool is_element(const GumboNode* node, GumboTag tag) {
  return node->type == GUMBO_NODE_ELEMENT && node->v.element.tag == tag;
}
bool is_any_element(const GumboNode* node) { return node->type == GUMBO_NODE_ELEMENT; }
bool is_text(const GumboNode* node) {
  return node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_CDATA ||
         node->type == GUMBO_NODE_WHITESPACE;
}

const GumboVector& children_of(const GumboNode* node) {
  static const GumboVector kNone{nullptr, 0, 0};
  if (node->type == GUMBO_NODE_DOCUMENT) return node->v.document.children;
  return is_any_element(node) ? node->v.element.children : kNone;
}

std::string_view attribute_of(const GumboNode* node, const char* name) {
  if (!is_any_element(node)) return {};
  const GumboAttribute* attribute = gumbo_get_attribute(&node->v.element.attributes, name);
  return attribute == nullptr ? std::string_view() : std::string_view(attribute->value);
}

std::string tag_name(const GumboNode* node) {
  if (!is_any_element(node)) return {};
  if (node->v.element.tag != GUMBO_TAG_UNKNOWN)
    return gumbo_normalized_tagname(node->v.element.tag);
  GumboStringPiece piece = node->v.element.original_tag;
  gumbo_tag_from_original_text(&piece);
  return squeezed({piece.data, piece.length});
}

bool is_block(const GumboNode* node) {
  if (!is_any_element(node)) return false;
  switch (node->v.element.tag) {
    case GUMBO_TAG_ADDRESS:
    case GUMBO_TAG_ARTICLE:
    case GUMBO_TAG_ASIDE:
    case GUMBO_TAG_BLOCKQUOTE:
    case GUMBO_TAG_BODY:
    case GUMBO_TAG_CENTER:
    case GUMBO_TAG_DD:
    case GUMBO_TAG_DETAILS:
    case GUMBO_TAG_DIV:
    case GUMBO_TAG_DL:
    case GUMBO_TAG_DT:
    case GUMBO_TAG_FIELDSET:
    case GUMBO_TAG_FIGCAPTION:
    case GUMBO_TAG_FIGURE:
    case GUMBO_TAG_FOOTER:
    case GUMBO_TAG_FORM:
    case GUMBO_TAG_H1:
    case GUMBO_TAG_H2:
    case GUMBO_TAG_H3:
    case GUMBO_TAG_H4:
    case GUMBO_TAG_H5:
    case GUMBO_TAG_H6:
    case GUMBO_TAG_HEADER:
    case GUMBO_TAG_HGROUP:
    case GUMBO_TAG_HR:
    case GUMBO_TAG_HTML:
    case GUMBO_TAG_LI:
    case GUMBO_TAG_MAIN:
    case GUMBO_TAG_NAV:
    case GUMBO_TAG_OL:
    case GUMBO_TAG_P:
    case GUMBO_TAG_PRE:
    case GUMBO_TAG_SECTION:
    case GUMBO_TAG_SUMMARY:
    case GUMBO_TAG_TABLE:
    case GUMBO_TAG_TBODY:
    case GUMBO_TAG_TD:
    case GUMBO_TAG_TFOOT:
    case GUMBO_TAG_TH:
    case GUMBO_TAG_THEAD:
    case GUMBO_TAG_TR:
    case GUMBO_TAG_UL:
      return true;
    default:
      return false;
  }
}

bool is_never_text(const GumboNode* node) {
  if (!is_any_element(node)) return !is_text(node);
  if (node->v.element.tag_namespace != GUMBO_NAMESPACE_HTML) return true;
  switch (node->v.element.tag) {
    case GUMBO_TAG_SCRIPT:
    case GUMBO_TAG_STYLE:
    case GUMBO_TAG_TEMPLATE:
    case GUMBO_TAG_NOSCRIPT:
    case GUMBO_TAG_HEAD:
    case GUMBO_TAG_IFRAME:
    case GUMBO_TAG_OBJECT:
    case GUMBO_TAG_EMBED:
    case GUMBO_TAG_APPLET:
    case GUMBO_TAG_VIDEO:
    case GUMBO_TAG_AUDIO:
    case GUMBO_TAG_CANVAS:
    case GUMBO_TAG_BUTTON:
    case GUMBO_TAG_SELECT:
    case GUMBO_TAG_TEXTAREA:
    case GUMBO_TAG_INPUT:
    case GUMBO_TAG_MAP:
      return true;
    default:
      return false;
  }
}

bool is_hidden(const GumboNode* node) {
  if (!is_any_element(node)) return false;
  const GumboVector& attributes = node->v.element.attributes;
  if (attributes.length == 0) return false;
  if (gumbo_get_attribute(&attributes, "hidden") != nullptr) return true;
  if (attribute_of(node, "aria-hidden") == "true") return true;
  const std::string_view raw_style = attribute_of(node, "style");
  if (raw_style.empty()) return false;
  const std::string style = ";" + squeezed(raw_style) + ";";
  for (const std::string_view rule : {";display:none", ";visibility:hidden", ";opacity:0;",
                                      ";font-size:0;", ";font-size:0px", ";text-indent:-9999"}) {
    if (style.find(rule) != std::string::npos) return true;
  }
  return false;
}

}  // namespace myna::intake
