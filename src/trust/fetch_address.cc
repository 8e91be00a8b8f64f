#include "trust/fetch_address.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netdb.h>
#include <netinet/in.h>

#include <memory>
#include <vector>

#include "base/error.h"
#include "trust/global_address.h"

namespace myna::trust {
namespace {

struct UrlCloser {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
struct AddressCloser {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

std::string url_part(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK || text == nullptr) return {};
  std::string result = text;
  curl_free(text);
  return result;
}

std::string text_of(const sockaddr* address, socklen_t length) {
  char buffer[NI_MAXHOST];
  if (getnameinfo(address, length, buffer, sizeof buffer, nullptr, 0, NI_NUMERICHOST) != 0)
    return {};
  std::string text = buffer;
  return text.substr(0, text.find('%'));  // a scope is no part of an address that is global
}

}  // namespace

FetchAddress parse_fetch_address(std::string_view text) {
  const std::string shown(text.substr(0, 200));
  const std::unique_ptr<CURLU, UrlCloser> url(curl_url());
  if (url == nullptr ||
      curl_url_set(url.get(), CURLUPART_URL, std::string(text).c_str(), 0) != CURLUE_OK) {
    throw Error(ErrorCode::kInvalidArgument, "'" + shown + "' is not a web address",
                "it begins with http:// or https://");
  }
  FetchAddress address;
  address.scheme = url_part(url.get(), CURLUPART_SCHEME);
  if (address.scheme != "http" && address.scheme != "https") {
    throw Error(ErrorCode::kInvalidArgument,
                "'" + shown + "' is refused: only http and https are fetched");
  }
  if (!url_part(url.get(), CURLUPART_USER).empty() ||
      !url_part(url.get(), CURLUPART_PASSWORD).empty()) {
    throw Error(ErrorCode::kInvalidArgument, "an address with a user name in it is refused: " +
                                                 url_part(url.get(), CURLUPART_HOST));
  }
  curl_url_set(url.get(), CURLUPART_FRAGMENT, nullptr, 0);
  address.url = url_part(url.get(), CURLUPART_URL);
  address.host = url_part(url.get(), CURLUPART_HOST);
  address.port = url_part(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  if (address.host.starts_with('[')) address.host = address.host.substr(1, address.host.size() - 2);
  return address;
}

std::string resolve_checked(const FetchAddress& address, AddressPolicy policy) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int result = getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &found);
  if (result != 0) {
    throw Error(ErrorCode::kIo,
                "the host '" + address.host + "' is not found: " + gai_strerror(result));
  }
  const std::unique_ptr<addrinfo, AddressCloser> list(found);
  std::string addresses;
  for (const addrinfo* entry = list.get(); entry != nullptr; entry = entry->ai_next) {
    const std::string text = text_of(entry->ai_addr, entry->ai_addrlen);
    if (text.empty()) continue;
    if (policy == AddressPolicy::kGlobalOnly && !is_global(*entry->ai_addr)) {
      throw Error(ErrorCode::kInvalidArgument,
                  "'" + address.host + "' is refused: its address " + text +
                      " is not of the public internet",
                  "--allow-local permits addresses of your own machine and network");
    }
    if (!addresses.empty()) addresses += ',';
    addresses += text.find(':') == std::string::npos ? text : "[" + text + "]";
  }
  if (addresses.empty())
    throw Error(ErrorCode::kIo, "the host '" + address.host + "' has no address");
  const std::string host =
      address.host.find(':') == std::string::npos ? address.host : "[" + address.host + "]";
  return host + ":" + address.port + ":" + addresses;
}

}  // namespace myna::trust
