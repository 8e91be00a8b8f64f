// JSON Feed 1 and 1.1.
#include <nlohmann/json.hpp>

#include "base/plain_text.h"
#include "experiences/intake/feed_dates.h"
#include "experiences/intake/feed_reader.h"
#include "experiences/intake/html_text.h"
#include "experiences/intake/markup_tree.h"
#include "experiences/intake/web_address.h"

namespace myna::intake {
namespace {

using nlohmann::json;

constexpr int kMaxDepth = 32;

const json* member(const json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

// A number is fine for an id.
std::string text_of(const json& object, const char* name) {
  const json* value = member(object, name);
  if (value == nullptr) return {};
  if (value->is_string()) return value->get<std::string>();
  return value->is_number() ? value->dump() : std::string();
}

std::string author_of(const json& object) {
  if (const json* authors = member(object, "authors"); authors != nullptr && authors->is_array()) {
    for (const json& author : *authors) {
      if (std::string name = text_of(author, "name"); !name.empty()) return fold_blanks(name);
    }
  }
  const json* author = member(object, "author");
  return author == nullptr ? std::string() : fold_blanks(text_of(*author, "name"));
}

FeedItem read_item(const json& source, std::string_view base) {
  FeedItem item;
  item.id = text_of(source, "id");
  item.link = resolve_address(base, text_of(source, "url"));
  if (item.link.empty()) item.link = resolve_address(base, text_of(source, "external_url"));
  item.title = fold_blanks(text_of(source, "title"));
  item.author = author_of(source);
  item.summary = escaped_markup(text_of(source, "summary"));
  item.content = text_of(source, "content_html");
  if (item.content.empty()) item.content = escaped_markup(text_of(source, "content_text"));
  item.published_s = parse_feed_date(text_of(source, "date_published"));
  item.updated_s = parse_feed_date(text_of(source, "date_modified"));
  if (const json* tags = member(source, "tags"); tags != nullptr && tags->is_array()) {
    for (const json& tag : *tags) {
      if (tag.is_string()) item.categories.push_back(fold_blanks(tag.get<std::string>()));
    }
  }
  if (const json* list = member(source, "attachments"); list != nullptr && list->is_array()) {
    for (const json& attachment : *list) {
      const json* size = member(attachment, "size_in_bytes");
      item.enclosures.push_back(
          {resolve_address(base, text_of(attachment, "url")), text_of(attachment, "mime_type"),
           size != nullptr && size->is_number_unsigned() ? size->get<uint64_t>() : 0});
    }
  }
  return item;
}

}  // namespace

Feed read_json_feed(std::string_view text, std::string_view base) {
  Feed feed;
  bool too_deep = false;
  const json document = json::parse(
      text,
      [&](int depth, json::parse_event_t, json&) {
        too_deep |= depth > kMaxDepth;
        return depth <= kMaxDepth;
      },
      /*allow_exceptions=*/false);
  if (document.is_discarded() || !document.is_object()) return feed;
  const json* items = member(document, "items");
  const bool versioned = text_of(document, "version").find("jsonfeed.org") != std::string::npos;
  if (items == nullptr || !items->is_array() ||
      (!versioned && text_of(document, "title").empty())) {
    return feed;
  }
  feed.format = FeedFormat::kJson;
  feed.faulty = !versioned;
  feed.truncated = too_deep || items->size() > kMaxFeedItems;
  feed.title = fold_blanks(text_of(document, "title"));
  feed.link = resolve_address(base, text_of(document, "home_page_url"));
  feed.description = escaped_markup(text_of(document, "description"));
  feed.language = text_of(document, "language");
  for (const json& item : *items) {
    if (feed.items.size() >= kMaxFeedItems) break;
    if (item.is_object()) feed.items.push_back(read_item(item, base));
  }
  return feed;
}

}  // namespace myna::intake
