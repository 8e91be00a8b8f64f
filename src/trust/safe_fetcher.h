// Fetching a web page or feed that a user named, without being led elsewhere by it.
//
// Refused are schemes other than http and https, names and passwords in addresses, hosts with an
// address outside of the public internet (unless the user allows them), and redirects to any of
// these or from https to http. The checked addresses are the ones connected to. Bytes are counted
// after decompression. No cookies, no proxy of the environment, no files.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace myna::trust {

enum class AddressPolicy : uint8_t {
  kGlobalOnly,
  kAnyAddress,  // the user's own machine and network too
};

// One request that left the machine, or that was refused: for a log that the user can read.
struct FetchRecord {
  std::string url;
  std::string outcome;  // "200", "304", or the error
  size_t bytes = 0;     // of the body, decompressed
  double seconds = 0;
};

struct FetchOptions {
  AddressPolicy addresses = AddressPolicy::kGlobalOnly;
  size_t max_bytes = size_t{8} << 20;  // of a body, decompressed
  double timeout_s = 20;               // of a whole fetch, redirects included, name look-ups not
  int max_redirects = 5;
  double host_interval_s = 0.5;  // between two requests to one host
  std::string user_agent = "Myna/0.1 (personal feed reader)";
  const std::atomic<bool>* cancel = nullptr;       // then kCancelled, within a second
  std::function<void(const FetchRecord&)> record;  // after each request; may be empty
};

struct FetchRequest {
  std::string url;
  std::string if_none_match = {};      // a validator of an earlier response; empty: none
  std::string if_modified_since = {};  // the same
};

struct FetchResponse {
  int status = 0;            // 200..299, or 304 for a request with validators
  std::string url;           // after redirects
  std::string content_type;  // the header, as it came
  std::string etag;
  std::string last_modified;
  std::string body;  // decompressed
};

// Not thread-safe.
class SafeFetcher {
 public:
  explicit SafeFetcher(FetchOptions options = {});

  // Throws Error: kInvalidArgument for what is refused, kResourceExhausted for a body that is too
  // long, kNotFound for 404 and 410, kIo for every other failure and for the time limit,
  // kCancelled.
  FetchResponse fetch(const FetchRequest& request);

 private:
  FetchResponse follow(const FetchRequest& request);
  void be_polite(const std::string& host);

  using Clock = std::chrono::steady_clock;
  FetchOptions options_;
  std::map<std::string, Clock::time_point> last_request_;  // by host
};

}  // namespace myna::trust
