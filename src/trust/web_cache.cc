#include "trust/web_cache.h"

#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/sha256.h"

namespace myna::trust {
namespace {

using nlohmann::json;

}  // namespace

WebCache::WebCache(std::filesystem::path directory, SafeFetcher* fetcher)
    : directory_(std::move(directory)), fetcher_(fetcher) {}

// A file is a line of JSON and the body.
std::filesystem::path WebCache::path_of(const std::string& url) const {
  return directory_ / (sha256_hex(std::as_bytes(std::span(url.data(), url.size()))) + ".page");
}

std::optional<WebCache::Entry> WebCache::load(const std::string& url) const {
  if (directory_.empty() || !std::filesystem::exists(path_of(url))) return std::nullopt;
  const std::string file = read_file(path_of(url), size_t{64} << 20);
  const size_t end = file.find('\n');
  if (end == std::string::npos) return std::nullopt;
  const json head =
      json::parse(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
  if (!head.is_object()) return std::nullopt;
  try {
    Entry entry;
    entry.page.url = head.at("url").get<std::string>();
    entry.page.content_type = head.at("type").get<std::string>();
    entry.etag = head.at("etag").get<std::string>();
    entry.last_modified = head.at("modified").get<std::string>();
    entry.page.body = file.substr(end + 1);
    return entry;
  } catch (const json::exception&) {
    return std::nullopt;  // as if it were not there
  }
}

void WebCache::store(const std::string& url, const Entry& entry) const {
  if (directory_.empty()) return;
  std::filesystem::create_directories(directory_);
  const json head = {{"url", entry.page.url},
                     {"type", entry.page.content_type},
                     {"etag", entry.etag},
                     {"modified", entry.last_modified}};
  write_file_atomically(path_of(url), head.dump(-1, ' ', true, json::error_handler_t::replace) +
                                          "\n" + entry.page.body);
}

CachedPage WebCache::get(const std::string& url) {
  std::optional<Entry> kept = load(url);
  if (fetcher_ == nullptr) {
    if (kept) return std::move(kept->page);
    throw Error(ErrorCode::kUnavailable,
                "there is no copy of '" + url + "', and nothing is fetched (--offline)");
  }
  try {
    FetchRequest request{url};
    if (kept) {
      request.if_none_match = kept->etag;
      request.if_modified_since = kept->last_modified;
    }
    FetchResponse response = fetcher_->fetch(request);
    if (response.status == 304 && kept) {
      kept->page.fresh = true;
      return std::move(kept->page);
    }
    Entry entry;
    entry.page = {std::move(response.url), std::move(response.content_type),
                  std::move(response.body), true, ""};
    entry.etag = std::move(response.etag);
    entry.last_modified = std::move(response.last_modified);
    store(url, entry);
    return std::move(entry.page);
  } catch (const Error& error) {
    if (!kept || error.code() == ErrorCode::kInvalidArgument ||
        error.code() == ErrorCode::kCancelled)
      throw;
    kept->page.problem = error.message();
    return std::move(kept->page);
  }
}

}  // namespace myna::trust
