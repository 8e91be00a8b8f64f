// A feed and its items, whatever format they came in: RSS 0.9x to 2.0, RSS 1.0 (RDF), Atom 0.3 and
// 1.0, CDF, JSON Feed 1 and 1.1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace myna::intake {

enum class FeedFormat : uint8_t { kUnknown, kRss, kRdf, kAtom, kCdf, kJson };
std::string_view feed_format_name(FeedFormat format);  // "RSS", "Atom", ...

struct Enclosure {
  std::string url;
  std::string type;  // "audio/mpeg"
  uint64_t length = 0;
};

struct FeedItem {
  std::string id;                      // guid, atom:id; empty when the feed gives none
  std::string link;                    // absolute, when the feed or its address allows it
  std::string title;                   // plain text
  std::string author;                  // plain text
  std::string summary;                 // HTML, as the feed gives it
  std::string content;                 // HTML of the whole article, when the feed has it
  std::optional<int64_t> published_s;  // seconds since 1970, UTC
  std::optional<int64_t> updated_s;
  std::vector<std::string> categories;
  std::vector<Enclosure> enclosures;
  std::vector<Enclosure> transcripts;  // of a podcast's episode
};

struct Feed {
  FeedFormat format = FeedFormat::kUnknown;
  std::string title;
  std::string link;
  std::string description;
  std::string language;
  std::vector<FeedItem> items;  // in the order of the feed
  bool faulty = false;          // not well-formed; what could be read is here
  bool truncated = false;       // over a limit
};

inline constexpr size_t kMaxFeedItems = 20'000;

// bytes: the document as it came; content_type and url as of the response, may be empty: links are
// made absolute with them. Never throws for what the bytes say: what is no feed has kUnknown and no
// items.
Feed parse_feed(std::string_view bytes, std::string_view content_type = {},
                std::string_view url = {});

struct OpmlEntry {
  std::string title;
  std::string url;
  std::string folder;  // titles of the outlines around it, joined by " / "
};
// The feeds of an OPML list, in order, each address once. Empty when it is none.
std::vector<OpmlEntry> parse_opml(std::string_view bytes);

}  // namespace myna::intake
