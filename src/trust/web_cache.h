// Feeds and pages as they were last fetched, with the validators for a conditional GET, so that a
// feed which has not changed costs one short answer, and a day without network still has a show.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "trust/safe_fetcher.h"

namespace myna::trust {

struct CachedPage {
  std::string url;  // after redirects
  std::string content_type;
  std::string body;
  bool fresh = false;   // fetched, or confirmed, by this run
  std::string problem;  // why it could not be fetched, when an older copy is given
};

// Not thread-safe.
class WebCache {
 public:
  // `fetcher` may be null: then nothing is fetched. An empty directory keeps nothing.
  WebCache(std::filesystem::path directory, SafeFetcher* fetcher);

  // Throws what the fetcher throws when there is no copy; kUnavailable without fetcher and copy;
  // kInvalidArgument and kCancelled always.
  CachedPage get(const std::string& url);

 private:
  struct Entry {
    CachedPage page;
    std::string etag;
    std::string last_modified;
  };
  std::filesystem::path path_of(const std::string& url) const;
  std::optional<Entry> load(const std::string& url) const;
  void store(const std::string& url, const Entry& entry) const;

  std::filesystem::path directory_;
  SafeFetcher* fetcher_;
};

}  // namespace myna::trust
