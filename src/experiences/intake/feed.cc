#include "experiences/intake/feed.h"

#include <set>

#include "experiences/intake/character_encoding.h"
#include "experiences/intake/feed_reader.h"
#include "experiences/intake/html_text.h"
#include "experiences/intake/markup_tree.h"
#include "experiences/intake/web_address.h"

namespace myna::intake {
namespace {

void collect_outlines(const MarkupNode& node, const std::string& folder,
                      std::set<std::string>& seen, std::vector<OpmlEntry>& entries) {
  for (const MarkupNode& child : node.children) {
    if (child.is_text()) continue;
    if (child.name != "outline") {
      collect_outlines(child, folder, seen, entries);
      continue;
    }
    const std::string* title = child.attribute("title");
    if (title == nullptr || title->empty()) title = child.attribute("text");
    const std::string name = title == nullptr ? std::string() : fold_blanks(*title);
    const std::string* address = child.attribute("xmlurl");
    if (address != nullptr && !address->empty()) {
      std::string url = fold_blanks(*address);
      if (seen.insert(url).second) entries.push_back({name, std::move(url), folder});
    }
    std::string inner = folder;
    if (!inner.empty()) inner += " / ";
    inner += name;
    collect_outlines(child, inner, seen, entries);
  }
}

}  // namespace

std::string_view feed_format_name(FeedFormat format) {
  switch (format) {
    case FeedFormat::kRss:
      return "RSS";
    case FeedFormat::kRdf:
      return "RSS 1.0";
    case FeedFormat::kAtom:
      return "Atom";
    case FeedFormat::kCdf:
      return "CDF";
    case FeedFormat::kJson:
      return "JSON Feed";
    case FeedFormat::kUnknown:
      break;
  }
  return "unknown";
}

Feed parse_feed(std::string_view bytes, std::string_view content_type, std::string_view url) {
  const DecodedText decoded = decode_document(bytes, content_type);
  const size_t start = decoded.text.find_first_not_of(" \t\r\n");
  if (start == std::string::npos) return {};
  if (decoded.text[start] == '{') return read_json_feed(decoded.text, url);
  return read_feed_tree(parse_markup(decoded.text), url);
}

std::vector<OpmlEntry> parse_opml(std::string_view bytes) {
  const MarkupTree tree = parse_markup(decode_document(bytes, {}).text);
  std::vector<OpmlEntry> entries;
  for (const MarkupNode& child : tree.root.children) {
    if (child.name != "opml") continue;
    std::set<std::string> seen;
    collect_outlines(child, "", seen, entries);
  }
  return entries;
}

}  // namespace myna::intake
