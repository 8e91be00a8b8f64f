// A tree of XML as it is found in feeds: well-formed or not. Nothing is an error: a missing end tag
// is added, an end tag of nothing is skipped, a bare & or < is text. Document types are skipped and
// no entity is ever expanded but the names of HTML and numbers, so that a document of n bytes gives
// at most n bytes of text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace myna::intake {

// Vocabularies by their namespace; prefixes that are not declared count as their usual meaning.
enum class Vocabulary : uint8_t {
  kNone,  // no namespace, or that of RSS
  kAtom,
  kDublinCore,
  kContent,
  kItunes,
  kMedia,
  kPodcast,
  kXhtml,
  kRdf,
  kXml,  // xml:lang, xml:base
  kFeedburner,
  kOther,
};

struct MarkupAttribute {
  Vocabulary vocabulary = Vocabulary::kNone;
  std::string name;  // lower case, without prefix
  std::string value;
};

struct MarkupNode {
  Vocabulary vocabulary = Vocabulary::kNone;
  std::string name;  // lower case, without prefix; empty for text
  std::string text;  // of a text node, references resolved
  std::vector<MarkupAttribute> attributes;
  std::vector<MarkupNode> children;

  bool is_text() const { return name.empty(); }
  bool is(Vocabulary other, std::string_view other_name) const {
    return vocabulary == other && name == other_name;
  }
  // Value of the attribute without namespace, nullptr when it is not there.
  const std::string* attribute(std::string_view attribute_name) const;
  const std::string* attribute(Vocabulary attribute_vocabulary,
                               std::string_view attribute_name) const;
};

struct MarkupTree {
  MarkupNode root;  // without name; its children are the document's
  bool faulty = false;
  bool truncated = false;  // over a limit: what came before it is there
};

inline constexpr size_t kMaxMarkupDepth = 128;
inline constexpr size_t kMaxMarkupNodes = 2'000'000;

// `source` is UTF-8; ill-formed bytes become U+FFFD.
MarkupTree parse_markup(std::string_view source);

// All text below a node.
std::string inner_text(const MarkupNode& node);
// What stands below a node, as HTML.
std::string inner_markup(const MarkupNode& node);

// Resolves the character references of HTML: "&eacute;", "&#233;", "&#xE9;". What is none stays.
std::string decode_references(std::string_view text);

}  // namespace myna::intake
