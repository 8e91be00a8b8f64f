#include "experiences/intake/feed_reader.h"

#include <algorithm>
#include <charconv>
#include <functional>

#include "base/plain_text.h"
#include "base/utf8.h"
#include "experiences/intake/character_encoding.h"
#include "experiences/intake/feed_dates.h"
#include "experiences/intake/html_text.h"
#include "experiences/intake/web_address.h"

namespace myna::intake {
namespace {

bool is_plain(const MarkupNode& node) {
  return node.vocabulary == Vocabulary::kNone || node.vocabulary == Vocabulary::kAtom ||
         node.vocabulary == Vocabulary::kOther;
}
bool is_item(const MarkupNode& node) {
  return is_plain(node) && (node.name == "item" || node.name == "entry");
}

std::string trimmed_text(const MarkupNode& node) { return fold_blanks(inner_text(node)); }

std::string attribute_text(const MarkupNode& node, std::string_view name) {
  const std::string* value = node.attribute(name);
  return value == nullptr ? std::string() : fold_blanks(*value);
}

bool has_elements(const MarkupNode& node) {
  return std::any_of(node.children.begin(), node.children.end(),
                     [](const MarkupNode& child) { return !child.is_text(); });
}

std::string decode_base64(std::string_view text) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    const size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) continue;
    bits = (bits << 6 | static_cast<unsigned>(value)) & 0xFFFFFF;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>(bits >> count & 0xFF);
    }
  }
  return out;
}

// What an element with text or markup means, as HTML. Atom says how it is written; RSS is HTML,
// escaped or not.
std::string html_of(const MarkupNode& node) {
  const std::string type = attribute_text(node, "type");
  const std::string mode = attribute_text(node, "mode");
  // Atom 1.0: what has a type that is neither text nor markup is base64.
  const bool binary = type.find('/') != std::string::npos && !type.starts_with("text/") &&
                      !type.ends_with("xml") && !type.starts_with("message/") &&
                      !type.starts_with("multipart/");
  const bool coded = node.vocabulary == Vocabulary::kAtom && binary;
  if (mode == "base64" || (coded && mode.empty() && !has_elements(node))) {
    std::string bytes = decode_base64(inner_text(node));
    if (!find_invalid_utf8(bytes)) return bytes;
    // Text may be in another encoding, but an image is no text.
    return binary ? std::string() : decode_document(bytes, type).text;
  }
  if (has_elements(node)) {
    // The <div> of Atom's XHTML is not part of the content.
    const MarkupNode* only = nullptr;
    size_t count = 0;
    for (const MarkupNode& child : node.children) {
      if (child.is_text() && fold_blanks(child.text).empty()) continue;
      ++count;
      only = &child;
    }
    if (count == 1 && only->name == "div" && (type == "xhtml" || type.ends_with("xhtml+xml"))) {
      return inner_markup(*only);
    }
    return inner_markup(node);
  }
  std::string text = inner_text(node);
  const bool literal =
      type == "text" || type == "text/plain" ||
      (node.vocabulary == Vocabulary::kAtom && type.empty() && mode != "escaped") || mode == "xml";
  if (!literal) return text;
  return escaped_markup(text);
}

// A title: text of HTML, unless it says that it is text.
std::string line_of(const MarkupNode& node) { return html_to_line(html_of(node)); }

class ElementReader {
 public:
  explicit ElementReader(std::string base) : bases_{std::move(base)} {}

  void enter(const MarkupNode& node) {
    const std::string* base = node.attribute(Vocabulary::kXml, "base");
    bases_.push_back(base == nullptr ? bases_.back() : resolve_address(bases_.back(), *base));
  }
  void leave() { bases_.pop_back(); }
  std::string absolute(std::string_view address) const {
    return address.empty() ? std::string() : resolve_address(bases_.back(), address);
  }
  std::string absolute(const MarkupNode& node, std::string_view address) {
    enter(node);
    std::string result = absolute(address);
    leave();
    return result;
  }

 private:
  std::vector<std::string> bases_;
};

std::string person_of(const MarkupNode& node) {
  std::string name;
  std::string email;
  for (const MarkupNode& child : node.children) {
    if (child.name == "name") name = trimmed_text(child);
    if (child.name == "email") email = trimmed_text(child);
  }
  if (!name.empty()) return name;
  if (!email.empty()) return email;
  return has_elements(node) ? std::string() : line_of(node);
}

uint64_t number_of(std::string_view text) {
  uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Enclosure enclosure_of(ElementReader& reader, const MarkupNode& node,
                       std::string_view address_name) {
  return {reader.absolute(node, attribute_text(node, address_name)), attribute_text(node, "type"),
          number_of(attribute_text(node, "length"))};
}

bool is_html_type(std::string_view type) {
  return type.empty() || type == "text/html" || type == "application/xhtml+xml";
}

void set_if_empty(std::string& field, std::string value) {
  if (field.empty()) field = std::move(value);
}

void read_atom_link(ElementReader& reader, const MarkupNode& node, FeedItem& item) {
  std::string relation = attribute_text(node, "rel");
  if (relation.empty()) relation = "alternate";
  std::string href = reader.absolute(node, attribute_text(node, "href"));
  if (href.empty()) href = reader.absolute(node, attribute_text(node, "url"));
  if (href.empty()) return;
  if (relation == "enclosure") item.enclosures.push_back(enclosure_of(reader, node, "href"));
  if (relation == "alternate" && is_html_type(attribute_text(node, "type"))) item.link = href;
}

void read_date(const MarkupNode& node, FeedItem& item) {
  const auto date = parse_feed_date(inner_text(node));
  if (!date) return;
  const bool terms = node.vocabulary == Vocabulary::kDublinCore;
  if (node.name == "pubdate" || node.name == "published" || node.name == "issued") {
    item.published_s = date;
  } else if (node.name == "updated" || node.name == "modified" || node.name == "lastmod" ||
             (node.name == "date" && terms)) {
    item.updated_s = date;
  }
}

void read_group(ElementReader& reader, const MarkupNode& node, FeedItem& item);

void read_media(ElementReader& reader, const MarkupNode& node, FeedItem& item) {
  if (node.name == "content" && node.attribute("url") != nullptr) {
    const std::string type = attribute_text(node, "type");
    if (type.starts_with("audio") || type.starts_with("video")) {
      item.enclosures.push_back(enclosure_of(reader, node, "url"));
    }
  }
  if (node.name == "title") set_if_empty(item.title, line_of(node));
  if (node.name == "description") set_if_empty(item.summary, html_of(node));
  if (node.name == "group" || node.name == "content") read_group(reader, node, item);
}

void read_group(ElementReader& reader, const MarkupNode& node, FeedItem& item) {
  for (const MarkupNode& child : node.children) {
    if (child.vocabulary == Vocabulary::kMedia && child.name != "group") {
      read_media(reader, child, item);
    }
  }
}

// Elements of RSS, Atom and CDF, and those of vocabularies that are not known.
void read_plain_element(ElementReader& reader, const MarkupNode& node, FeedItem& item) {
  const std::string& name = node.name;
  if (name == "title") {
    item.title = line_of(node);
  } else if (name == "link") {
    if (node.attribute("href") != nullptr) {
      read_atom_link(reader, node, item);
    } else if (const std::string text = trimmed_text(node); !text.empty()) {
      item.link = reader.absolute(node, text);
    }
  } else if (name == "id" && node.vocabulary == Vocabulary::kAtom) {
    item.id = reader.absolute(node, trimmed_text(node));
  } else if (name == "guid" || name == "id") {
    item.id = trimmed_text(node);
  } else if (name == "description" || name == "abstract" || name == "summary" ||
             name == "tagline") {
    const std::string html = html_of(node);
    // Of two descriptions the second is the article, as some feeds have it.
    if (item.summary.empty() || name != "description") {
      item.summary = html;
    } else if (item.content.empty()) {
      item.content = html;
    }
  } else if (name == "content" || name == "fullitem" || name == "body") {
    item.content = html_of(node);
  } else if (name == "author" || name == "managingeditor") {
    set_if_empty(item.author, person_of(node));
  } else if (name == "category" || name == "keywords") {
    std::string term = attribute_text(node, "term");
    if (term.empty()) term = line_of(node);
    if (!term.empty()) item.categories.push_back(std::move(term));
  } else if (name == "enclosure") {
    item.enclosures.push_back(enclosure_of(reader, node, "url"));
  } else {
    read_date(node, item);
  }
}

void read_item_element(ElementReader& reader, const MarkupNode& node, FeedItem& item) {
  switch (node.vocabulary) {
    case Vocabulary::kDublinCore:
      if (node.name == "title") set_if_empty(item.title, line_of(node));
      if (node.name == "creator" || node.name == "author")
        set_if_empty(item.author, person_of(node));
      if (node.name == "subject") item.categories.push_back(line_of(node));
      if (node.name == "description") set_if_empty(item.summary, html_of(node));
      read_date(node, item);
      break;
    case Vocabulary::kContent:
      if (node.name == "encoded") item.content = html_of(node);
      break;
    case Vocabulary::kXhtml:
      if (node.name == "body" || node.name == "div") item.content = inner_markup(node);
      break;
    case Vocabulary::kItunes:
      if (node.name == "author") set_if_empty(item.author, person_of(node));
      if (node.name == "summary") set_if_empty(item.summary, html_of(node));
      break;
    case Vocabulary::kPodcast:
      if (node.name == "transcript") item.transcripts.push_back(enclosure_of(reader, node, "url"));
      break;
    case Vocabulary::kMedia:
      read_media(reader, node, item);
      break;
    case Vocabulary::kNone:
    case Vocabulary::kAtom:
      read_plain_element(reader, node, item);
      break;
    case Vocabulary::kFeedburner:
      if (node.name == "origlink") item.link = reader.absolute(trimmed_text(node));
      break;
    default:
      break;
  }
}

FeedItem read_item(ElementReader& reader, const MarkupNode& node) {
  FeedItem item;
  reader.enter(node);
  if (const std::string* about = node.attribute(Vocabulary::kRdf, "about"))
    item.id = fold_blanks(*about);
  item.link = reader.absolute(attribute_text(node, "href"));  // CDF
  if (const std::string modified = attribute_text(node, "lastmod"); !modified.empty()) {
    item.updated_s = parse_feed_date(modified);
  }
  bool permanent_id = false;
  bool atom_id = false;
  for (const MarkupNode& child : node.children) {
    if (child.is_text()) continue;
    read_item_element(reader, child, item);
    if (child.name == "guid" && is_plain(child)) {
      permanent_id = attribute_text(child, "ispermalink") != "false";
    }
    atom_id |= child.is(Vocabulary::kAtom, "id");
  }
  if (item.link.empty() && permanent_id) item.link = reader.absolute(item.id);
  // An address as Atom's id is as good as a link.
  if (item.link.empty() && atom_id && is_web_address(item.id)) item.link = item.id;
  reader.leave();
  return item;
}

void read_feed_element(ElementReader& reader, const MarkupNode& node, Feed& feed) {
  const bool plain = node.vocabulary == Vocabulary::kNone || node.vocabulary == Vocabulary::kAtom;
  if (node.name == "title") {
    if (plain) feed.title = line_of(node);
    if (node.vocabulary == Vocabulary::kDublinCore) set_if_empty(feed.title, line_of(node));
  } else if (node.name == "link" && plain) {
    if (node.attribute("href") == nullptr) {
      const std::string text = trimmed_text(node);
      if (!text.empty()) feed.link = reader.absolute(node, text);
    } else {
      FeedItem links;
      read_atom_link(reader, node, links);
      if (!links.link.empty()) feed.link = links.link;
    }
  } else if (node.is(Vocabulary::kAtom, "id") && is_web_address(trimmed_text(node))) {
    set_if_empty(feed.link, trimmed_text(node));
  } else if (node.name == "description" || node.name == "tagline" || node.name == "subtitle" ||
             node.name == "abstract") {
    if (plain)
      feed.description = html_of(node);
    else
      set_if_empty(feed.description, html_of(node));
  } else if (node.name == "language") {
    feed.language = trimmed_text(node);
  }
}

class FeedWalker {
 public:
  FeedWalker(Feed& feed, std::string_view base) : feed_(feed), reader_(std::string(base)) {}

  // Elements of the feed stand in <feed> or <channel>, items in there or beside it.
  void walk(const MarkupNode& node, bool channel) {
    reader_.enter(node);
    if (channel) {
      if (const std::string* language = node.attribute(Vocabulary::kXml, "lang"))
        feed_.language = *language;
      if (const std::string href = attribute_text(node, "href"); !href.empty()) {
        feed_.link = reader_.absolute(href);  // CDF
      }
    }
    for (const MarkupNode& child : node.children) {
      if (child.is_text()) continue;
      if (is_item(child)) {
        if (feed_.items.size() < kMaxFeedItems) {
          feed_.items.push_back(read_item(reader_, child));
        } else {
          feed_.truncated = true;
        }
      } else if (is_plain(child) && (child.name == "channel" || child.name == "feed")) {
        walk(child, true);
      } else if (is_plain(child) && child.name == "items") {
        walk(child, false);
      } else if (channel) {
        read_feed_element(reader_, child, feed_);
      }
    }
    reader_.leave();
  }

 private:
  Feed& feed_;
  ElementReader reader_;
};

const MarkupNode* first_element(const MarkupNode& node) {
  for (const MarkupNode& child : node.children) {
    if (!child.is_text()) return &child;
  }
  return nullptr;
}

bool contains_item(const MarkupNode& node) {
  return std::any_of(node.children.begin(), node.children.end(), [](const MarkupNode& child) {
    return !child.is_text() && (is_item(child) || contains_item(child));
  });
}

}  // namespace

Feed read_feed_tree(const MarkupTree& tree, std::string_view base) {
  Feed feed;
  feed.faulty = tree.faulty;
  feed.truncated = tree.truncated;
  const MarkupNode* root = first_element(tree.root);
  if (root == nullptr) return feed;
  if (root->name == "rss") feed.format = FeedFormat::kRss;
  if (root->name == "rdf") feed.format = FeedFormat::kRdf;
  if (root->name == "feed") feed.format = FeedFormat::kAtom;
  if (root->name == "channel") feed.format = FeedFormat::kCdf;
  if (feed.format == FeedFormat::kUnknown) {
    if (root->name == "html" || !contains_item(tree.root)) return feed;
    feed.format = FeedFormat::kRss;
  }
  FeedWalker walker(feed, base);
  const bool is_channel = root->name == "channel" || root->name == "feed";
  for (const MarkupNode& child : tree.root.children) {
    if (!child.is_text()) walker.walk(child, is_channel && &child == root);
  }
  return feed;
}

}  // namespace myna::intake
