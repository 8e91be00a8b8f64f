#include "trust/safe_fetcher.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>

#include "base/error.h"
#include "trust/fetch_address.h"
#include "trust/global_address.h"

namespace myna::trust {
namespace {

struct EasyCloser {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
struct ListCloser {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListCloser>;

constexpr size_t kMaxHeaderBytes = size_t{64} << 10;

// What the callbacks of one transfer share. None of them lets an exception out.
struct Transfer {
  const FetchOptions* options = nullptr;
  FetchResponse response;
  size_t header_bytes = 0;
  bool too_long = false;
  bool refused_address = false;
  bool out_of_memory = false;
};

bool is_cancelled(const FetchOptions& options) {
  return options.cancel != nullptr && options.cancel->load();
}

size_t receive_body(char* data, size_t size, size_t count, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  const size_t bytes = size * count;
  if (transfer.response.body.size() + bytes > transfer.options->max_bytes) {
    transfer.too_long = true;
    return 0;
  }
  try {
    transfer.response.body.append(data, bytes);
  } catch (const std::bad_alloc&) {
    transfer.out_of_memory = true;
    return 0;
  }
  return bytes;
}

void keep_header(FetchResponse& response, std::string_view line) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) {
    // A new status line: headers of an interim response do not count.
    if (line.starts_with("HTTP/")) {
      response.content_type.clear();
      response.etag.clear();
      response.last_modified.clear();
    }
    return;
  }
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::string_view value = line.substr(colon + 1);
  while (!value.empty() && std::isspace(static_cast<unsigned char>(value.front())))
    value.remove_prefix(1);
  while (!value.empty() && std::isspace(static_cast<unsigned char>(value.back())))
    value.remove_suffix(1);
  if (name == "content-type") response.content_type = value;
  if (name == "etag") response.etag = value;
  if (name == "last-modified") response.last_modified = value;
}

size_t receive_header(char* data, size_t size, size_t count, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  const size_t bytes = size * count;
  transfer.header_bytes += bytes;
  if (transfer.header_bytes > kMaxHeaderBytes) {
    transfer.too_long = true;
    return 0;
  }
  try {
    keep_header(transfer.response, {data, bytes});
  } catch (const std::bad_alloc&) {
    transfer.out_of_memory = true;
    return 0;
  }
  return bytes;
}

int watch_progress(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return is_cancelled(*static_cast<Transfer*>(context)->options) ? 1 : 0;
}

// The last word: whatever was resolved, a socket to a refused address is never made.
curl_socket_t open_checked_socket(void* context, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(context);
  if (transfer.options->addresses == AddressPolicy::kGlobalOnly && !is_global(address->addr)) {
    transfer.refused_address = true;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

HeaderList make_headers(const FetchRequest& request) {
  curl_slist* list = nullptr;
  const auto add = [&](const std::string& line) {
    // A validator comes from a server: it may not bring lines of its own.
    if (line.find_first_of("\r\n") != std::string::npos) return;
    list = curl_slist_append(list, line.c_str());
  };
  add("Accept: application/atom+xml, application/rss+xml, application/feed+json, text/html;q=0.9, "
      "*/*;q=0.5");
  if (!request.if_none_match.empty()) add("If-None-Match: " + request.if_none_match);
  if (!request.if_modified_since.empty()) add("If-Modified-Since: " + request.if_modified_since);
  return HeaderList(list);
}

[[noreturn]] void fail(const Transfer& transfer, CURLcode code, const std::string& host) {
  if (is_cancelled(*transfer.options))
    throw Error(ErrorCode::kCancelled, "the fetch was cancelled");
  if (transfer.out_of_memory) throw std::bad_alloc();
  if (transfer.too_long) {
    throw Error(ErrorCode::kResourceExhausted,
                "'" + host + "' sends more than " +
                    std::to_string(transfer.options->max_bytes >> 20) + " MiB");
  }
  if (transfer.refused_address) {
    throw Error(ErrorCode::kInvalidArgument,
                "'" + host + "' is refused: its address is not of the public internet");
  }
  if (code == CURLE_OPERATION_TIMEDOUT) {
    throw Error(ErrorCode::kIo, "'" + host + "' takes too long to answer");
  }
  throw Error(ErrorCode::kIo, "'" + host + "' cannot be fetched: " + curl_easy_strerror(code));
}

void check_status(const FetchRequest& request, long status, const std::string& host) {
  if (status >= 200 && status < 300) return;
  const bool conditional = !request.if_none_match.empty() || !request.if_modified_since.empty();
  if (status == 304 && conditional) return;
  throw Error(status == 404 || status == 410 ? ErrorCode::kNotFound : ErrorCode::kIo,
              "'" + host + "' answers with status " + std::to_string(status));
}

void initialise_curl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

}  // namespace

SafeFetcher::SafeFetcher(FetchOptions options) : options_(std::move(options)) { initialise_curl(); }

void SafeFetcher::be_polite(const std::string& host) {
  const auto interval = std::chrono::duration_cast<Clock::duration>(
      std::chrono::duration<double>(options_.host_interval_s));
  const auto last = last_request_.find(host);
  if (last != last_request_.end()) {
    while (Clock::now() < last->second + interval && !is_cancelled(options_)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  last_request_[host] = Clock::now();
}

FetchResponse SafeFetcher::fetch(const FetchRequest& request) {
  const auto start = Clock::now();
  FetchRecord record{request.url, "", 0, 0};
  const auto note = [&] {
    record.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    if (options_.record) options_.record(record);
  };
  try {
    FetchResponse response = follow(request);
    record.outcome = std::to_string(response.status);
    record.bytes = response.body.size();
    note();
    return response;
  } catch (const Error& error) {
    record.outcome = error.message();
    note();
    throw;
  }
}

FetchResponse SafeFetcher::follow(const FetchRequest& request) {
  const auto deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                           std::chrono::duration<double>(options_.timeout_s));
  FetchAddress address = parse_fetch_address(request.url);
  const HeaderList headers = make_headers(request);
  for (int hop = 0; hop <= options_.max_redirects; ++hop) {
    const HeaderList pins(
        curl_slist_append(nullptr, resolve_checked(address, options_.addresses).c_str()));
    be_polite(address.host);
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) throw Error(ErrorCode::kIo, "'" + address.host + "' takes too long to answer");

    const std::unique_ptr<CURL, EasyCloser> curl(curl_easy_init());
    if (curl == nullptr) throw Error(ErrorCode::kInternal, "libcurl does not start");
    Transfer transfer;
    transfer.options = &options_;
    CURL* const handle = curl.get();
    curl_easy_setopt(handle, CURLOPT_URL, address.url.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_RESOLVE, pins.get());
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, std::min<long>(left, 8000L));
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(left));
    curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    curl_easy_setopt(handle, CURLOPT_USERAGENT, options_.user_agent.c_str());
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, receive_body);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, receive_header);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, open_checked_socket);
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, watch_progress);
    curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    const CURLcode code = curl_easy_perform(handle);
    if (code != CURLE_OK) fail(transfer, code, address.host);

    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    char* location = nullptr;
    curl_easy_getinfo(handle, CURLINFO_REDIRECT_URL, &location);
    if (status >= 300 && status < 400 && status != 304 && location != nullptr) {
      FetchAddress next = parse_fetch_address(location);
      if (address.scheme == "https" && next.scheme == "http") {
        throw Error(ErrorCode::kInvalidArgument,
                    "'" + address.host + "' is refused: it leads from https to http");
      }
      address = std::move(next);
      continue;
    }
    check_status(request, status, address.host);
    transfer.response.status = static_cast<int>(status);
    transfer.response.url = address.url;
    return std::move(transfer.response);
  }
  throw Error(ErrorCode::kIo, "'" + address.host + "' redirects more than " +
                                  std::to_string(options_.max_redirects) + " times");
}

}  // namespace myna::trust
