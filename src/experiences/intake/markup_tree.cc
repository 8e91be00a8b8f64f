#include "experiences/intake/markup_tree.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>

#include "base/plain_text.h"
#include "base/utf8.h"
#include "experiences/intake/html_entities.h"

namespace myna::intake {
namespace {

struct NamedVocabulary {
  std::string_view name;
  Vocabulary vocabulary;
};

// By the beginning of the namespace's address, lower case, without http(s)://.
constexpr NamedVocabulary kNamespaces[] = {
    {"www.w3.org/2005/atom", Vocabulary::kAtom},
    {"purl.org/atom/", Vocabulary::kAtom},
    {"example.com/newformat#", Vocabulary::kAtom},
    {"example.com/necho", Vocabulary::kAtom},
    {"purl.org/echo/", Vocabulary::kAtom},
    {"uri/of/echo/namespace#", Vocabulary::kAtom},
    {"purl.org/pie/", Vocabulary::kAtom},
    {"purl.org/dc/", Vocabulary::kDublinCore},
    {"purl.org/rss/1.0/modules/content", Vocabulary::kContent},
    {"www.itunes.com/dtds/podcast", Vocabulary::kItunes},
    {"example.com/dtds/podcast", Vocabulary::kItunes},
    {"search.yahoo.com/mrss", Vocabulary::kMedia},
    {"podcastindex.org/namespace/1.0", Vocabulary::kPodcast},
    {"github.com/podcastindex-org/podcast-namespace", Vocabulary::kPodcast},
    {"www.w3.org/1999/xhtml", Vocabulary::kXhtml},
    {"www.w3.org/1999/02/22-rdf-syntax-ns", Vocabulary::kRdf},
    {"www.w3.org/xml/1998/namespace", Vocabulary::kXml},
    {"rssnamespace.org/feedburner", Vocabulary::kFeedburner},
    {"purl.org/rss/1.0/modules", Vocabulary::kOther},
    {"purl.org/rss/", Vocabulary::kNone},
    {"purl.org/net/rss", Vocabulary::kNone},
    {"my.netscape.com/rdf/simple/0.9", Vocabulary::kNone},
    {"channel.netscape.com/rdf/simple/0.9", Vocabulary::kNone},
    {"my.netscape.com/publish/formats/rss", Vocabulary::kNone},
    {"backend.userland.com/rss", Vocabulary::kNone},
    {"blogs.law.harvard.edu/tech/rss", Vocabulary::kNone},
};

constexpr NamedVocabulary kPrefixes[] = {
    {"atom", Vocabulary::kAtom},
    {"atom10", Vocabulary::kAtom},
    {"dc", Vocabulary::kDublinCore},
    {"dcterms", Vocabulary::kDublinCore},
    {"content", Vocabulary::kContent},
    {"itunes", Vocabulary::kItunes},
    {"media", Vocabulary::kMedia},
    {"podcast", Vocabulary::kPodcast},
    {"xhtml", Vocabulary::kXhtml},
    {"rdf", Vocabulary::kRdf},
    {"xml", Vocabulary::kXml},
    {"rss", Vocabulary::kNone},
    {"feedburner", Vocabulary::kFeedburner},
};

Vocabulary vocabulary_of_namespace(std::string_view address) {
  std::string name = ascii_lower(trimmed(address));
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (name.starts_with(scheme)) name.erase(0, scheme.size());
  }
  if (name.empty()) return Vocabulary::kNone;
  for (const NamedVocabulary& known : kNamespaces) {
    if (name.starts_with(known.name)) return known.vocabulary;
  }
  return Vocabulary::kOther;
}

bool is_name_start(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) || c == '_' || c == ':' || (c & 0x80) != 0;
}
bool is_name(char c) {
  return is_name_start(c) || std::isdigit(static_cast<unsigned char>(c)) || c == '-' || c == '.';
}
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

// Void elements of HTML, which have no end tag in sloppy feeds. <link> is one of RSS too, with one.
bool is_void_html(std::string_view name) {
  constexpr std::array<std::string_view, 6> kNames = {"br", "hr", "img", "input", "wbr", "area"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

class TreeBuilder {
 public:
  explicit TreeBuilder(std::string_view source) : source_(source) {
    open_.push_back({&tree_.root, "", {}, Vocabulary::kNone});
  }

  MarkupTree build() {
    while (at_ < source_.size() && !tree_.truncated) {
      if (source_[at_] != '<') {
        read_text();
      } else if (!read_markup()) {
        add_text("<");
        ++at_;
        tree_.faulty = true;
      }
    }
    if (open_.size() > 1) tree_.faulty = true;
    return std::move(tree_);
  }

 private:
  struct Open {
    MarkupNode* node;
    std::string raw_name;
    std::map<std::string, Vocabulary> declared;  // prefixes of this element
    Vocabulary default_vocabulary;
  };

  std::string_view rest() const { return source_.substr(at_); }

  void read_text() {
    const size_t end = std::min(source_.find('<', at_), source_.size());
    add_text(decode_references(source_.substr(at_, end - at_)));
    at_ = end;
  }

  void add_text(std::string_view text) {
    if (text.empty()) return;
    std::vector<MarkupNode>& children = open_.back().node->children;
    if (!children.empty() && children.back().is_text()) {
      children.back().text += text;
      return;
    }
    if (!count_node()) return;
    MarkupNode node;
    node.text = text;
    children.push_back(std::move(node));
  }

  bool count_node() {
    if (++node_count_ <= kMaxMarkupNodes) return true;
    tree_.truncated = true;
    return false;
  }

  bool read_markup() {
    if (rest().starts_with("<!--")) {
      const size_t end = source_.find("-->", at_ + 4);
      skip_to(end, 3);
      return true;
    }
    if (rest().starts_with("<![CDATA[")) {
      const size_t end = source_.find("]]>", at_ + 9);
      const size_t stop = std::min(end, source_.size());
      add_text(source_.substr(at_ + 9, stop - at_ - 9));
      skip_to(end, 3);
      return true;
    }
    if (rest().starts_with("<?")) {
      skip_to(source_.find('>', at_), 1);
      return true;
    }
    if (rest().starts_with("<!")) {
      skip_declaration();
      return true;
    }
    if (rest().starts_with("</")) return read_end_tag();
    return read_start_tag();
  }

  void skip_to(size_t end, size_t length) {
    if (end == std::string_view::npos) tree_.faulty = true;
    at_ = end == std::string_view::npos ? source_.size() : end + length;
  }

  // A document type, with its internal subset: quotes and brackets may hold ">".
  void skip_declaration() {
    int brackets = 0;
    char quote = 0;
    for (; at_ < source_.size(); ++at_) {
      const char c = source_[at_];
      if (quote != 0) {
        if (c == quote) quote = 0;
      } else if (brackets > 0 && rest().starts_with("<!--")) {
        const size_t end = source_.find("-->", at_ + 4);
        if (end == std::string_view::npos) break;
        at_ = end + 2;
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '[') {
        ++brackets;
      } else if (c == ']') {
        --brackets;
      } else if (c == '>' && brackets <= 0) {
        ++at_;
        return;
      }
    }
    at_ = source_.size();
    tree_.faulty = true;
  }

  std::string read_name() {
    const size_t begin = at_;
    while (at_ < source_.size() && is_name(source_[at_])) ++at_;
    return ascii_lower(source_.substr(begin, at_ - begin));
  }

  void skip_blanks() {
    while (at_ < source_.size() && is_blank(source_[at_])) ++at_;
  }

  bool read_end_tag() {
    const size_t begin = at_;
    at_ += 2;
    if (at_ >= source_.size() || !is_name_start(source_[at_])) {
      at_ = begin;
      return false;
    }
    const std::string name = read_name();
    skip_to(source_.find('>', at_), 1);
    for (size_t depth = open_.size(); depth-- > 1;) {
      if (open_[depth].raw_name != name) continue;
      if (depth + 1 != open_.size()) tree_.faulty = true;
      open_.resize(depth);
      return true;
    }
    tree_.faulty = true;
    return true;
  }

  bool read_start_tag() {
    const size_t begin = at_++;
    if (at_ >= source_.size() || !is_name_start(source_[at_])) {
      at_ = begin;
      return false;
    }
    const std::string raw_name = read_name();
    std::vector<std::pair<std::string, std::string>> raw_attributes;
    bool empty_element = false;
    while (at_ < source_.size()) {
      skip_blanks();
      if (at_ >= source_.size()) break;
      const char c = source_[at_];
      if (c == '>') {
        ++at_;
        break;
      }
      if (c == '<') {  // the tag's end is missing
        tree_.faulty = true;
        break;
      }
      if (c == '/') {
        ++at_;
        empty_element = at_ < source_.size() && source_[at_] == '>';
        continue;
      }
      if (!is_name(c)) {
        tree_.faulty = true;
        ++at_;
        continue;
      }
      std::string name = read_name();
      skip_blanks();
      std::string value;
      if (at_ < source_.size() && source_[at_] == '=') {
        ++at_;
        skip_blanks();
        value = read_value();
      }
      if (raw_attributes.size() < 256)
        raw_attributes.emplace_back(std::move(name), std::move(value));
    }
    open_element(raw_name, raw_attributes, empty_element);
    return true;
  }

  std::string read_value() {
    if (at_ >= source_.size()) return {};
    const char quote = source_[at_];
    if (quote == '"' || quote == '\'') {
      const size_t end = source_.find(quote, at_ + 1);
      const size_t stop = std::min(end, source_.size());
      std::string value = decode_references(source_.substr(at_ + 1, stop - at_ - 1));
      skip_to(end, 1);
      return value;
    }
    const size_t begin = at_;
    while (at_ < source_.size() && !is_blank(source_[at_]) && source_[at_] != '>') ++at_;
    tree_.faulty = true;
    return decode_references(source_.substr(begin, at_ - begin));
  }

  Vocabulary vocabulary_of_prefix(const std::string& prefix) const {
    for (size_t depth = open_.size(); depth-- > 0;) {
      const auto found = open_[depth].declared.find(prefix);
      if (found != open_[depth].declared.end()) return found->second;
    }
    for (const NamedVocabulary& known : kPrefixes) {
      if (known.name == prefix) return known.vocabulary;
    }
    return Vocabulary::kOther;
  }

  void open_element(const std::string& raw_name,
                    const std::vector<std::pair<std::string, std::string>>& raw_attributes,
                    bool empty_element) {
    if (!count_node()) return;
    close_forgotten(raw_name);
    Open next{nullptr, raw_name, {}, open_.back().default_vocabulary};
    for (const auto& [name, value] : raw_attributes) {
      if (name == "xmlns") {
        next.default_vocabulary = vocabulary_of_namespace(value);
      } else if (name.starts_with("xmlns:")) {
        next.declared[name.substr(6)] = vocabulary_of_namespace(value);
      }
    }
    const bool too_deep = open_.size() >= kMaxMarkupDepth;
    if (too_deep) tree_.truncated = true;
    open_.push_back(std::move(next));

    MarkupNode node;
    const auto split = [&](const std::string& name, Vocabulary plain) {
      const size_t colon = name.find(':');
      if (colon == std::string::npos || colon + 1 == name.size()) return std::pair(plain, name);
      return std::pair(vocabulary_of_prefix(name.substr(0, colon)), name.substr(colon + 1));
    };
    std::tie(node.vocabulary, node.name) = split(raw_name, open_.back().default_vocabulary);
    for (const auto& [name, value] : raw_attributes) {
      if (name == "xmlns" || name.starts_with("xmlns:")) continue;
      auto [vocabulary, local] = split(name, Vocabulary::kNone);
      node.attributes.push_back({vocabulary, std::move(local), value});
    }
    const bool closed = empty_element || is_void_html(node.name);
    std::vector<MarkupNode>& children = open_[open_.size() - 2].node->children;
    children.push_back(std::move(node));
    open_.back().node = &children.back();
    if (closed || too_deep) open_.pop_back();
  }

  // Items do not stand in items: the end tag of the one before is missing.
  void close_forgotten(const std::string& raw_name) {
    if (raw_name != "item" && raw_name != "entry") return;
    for (size_t depth = open_.size(); depth-- > 1;) {
      if (open_[depth].raw_name != raw_name) continue;
      open_.resize(depth);
      tree_.faulty = true;
      return;
    }
  }

  std::string_view source_;
  size_t at_ = 0;
  size_t node_count_ = 0;
  MarkupTree tree_;
  std::vector<Open> open_;
};

void append_text(std::string& out, const MarkupNode& node) {
  out += node.text;
  for (const MarkupNode& child : node.children) append_text(out, child);
}

void append_markup(std::string& out, const MarkupNode& node) {
  if (node.is_text()) {
    out += escaped_markup(node.text);
    return;
  }
  out += '<' + node.name;
  for (const MarkupAttribute& attribute : node.attributes) {
    out += ' ' + attribute.name + "=\"";
    out += escaped_markup(attribute.value);
    out += '"';
  }
  out += '>';
  if (is_void_html(node.name)) return;
  for (const MarkupNode& child : node.children) append_markup(out, child);
  out += "</" + node.name + '>';
}

}  // namespace

const std::string* MarkupNode::attribute(std::string_view attribute_name) const {
  return attribute(Vocabulary::kNone, attribute_name);
}

const std::string* MarkupNode::attribute(Vocabulary attribute_vocabulary,
                                         std::string_view attribute_name) const {
  for (const MarkupAttribute& candidate : attributes) {
    if (candidate.vocabulary == attribute_vocabulary && candidate.name == attribute_name) {
      return &candidate.value;
    }
  }
  return nullptr;
}

MarkupTree parse_markup(std::string_view source) {
  if (!find_invalid_utf8(source)) return TreeBuilder(source).build();
  const std::string repaired = to_utf8(to_utf32(source));
  return TreeBuilder(repaired).build();
}

std::string inner_text(const MarkupNode& node) {
  std::string text;
  append_text(text, node);
  return text;
}

std::string inner_markup(const MarkupNode& node) {
  std::string markup;
  for (const MarkupNode& child : node.children) append_markup(markup, child);
  return markup;
}

std::string decode_references(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  size_t at = 0;
  while (at < text.size()) {
    const size_t ampersand = std::min(text.find('&', at), text.size());
    out += text.substr(at, ampersand - at);
    at = ampersand;
    if (at == text.size()) break;
    constexpr size_t kLongestName = 32;
    size_t end = at + 1;
    while (end < text.size() && end - at < kLongestName &&
           (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '#')) {
      ++end;
    }
    const std::string_view name = text.substr(at + 1, end - at - 1);
    const bool closed = end < text.size() && text[end] == ';';
    const auto resolved = resolve_reference(name);
    // Without its semicolon only a number is surely meant as a reference.
    if (resolved && (closed || name.starts_with('#'))) {
      out += *resolved;
      at = end + (closed ? 1 : 0);
    } else {
      out += '&';
      ++at;
    }
  }
  return out;
}

}  // namespace myna::intake
