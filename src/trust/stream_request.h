// A request to a service that the user has named, whose response is read while it comes: language
// models behind an address. Unlike SafeFetcher's pages, such a service may lie on the user's own
// network. No redirects are followed, so that nobody else gets the headers; no proxy of the
// environment, no cookies.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace myna::trust {

struct StreamRequest {
  std::string url;                   // http or https, without a name or password in it
  std::vector<std::string> headers;  // "Name: value"
  std::string body;
  double connect_s = 10;  // the longest wait for a connection
  double silence_s = 60;  // the longest wait for the next bytes
  size_t max_bytes = size_t{64} << 20;
  const std::atomic<bool>* cancel = nullptr;  // then kCancelled, within 100 ms
};

struct StreamHead {
  int status = 0;
  std::string content_type;
  double retry_after_s = 0;  // 0: not said
};

// POSTs; on_bytes gets the parts of the body with the head, and ends the transfer by returning
// false. Returns the head. Throws Error: kInvalidArgument for an address that cannot be one,
// kUnavailable when nobody answers there, kIo when the response breaks off or nothing comes for
// silence_s, kResourceExhausted above max_bytes, kCancelled, and what on_bytes throws. Safe from
// many threads.
StreamHead post_stream(const StreamRequest& request,
                       const std::function<bool(const StreamHead&, std::string_view)>& on_bytes);

// Whether the address is of this machine: 127.*, ::1 or localhost. Without a look-up.
bool is_this_machine(const std::string& url);

}  // namespace myna::trust
