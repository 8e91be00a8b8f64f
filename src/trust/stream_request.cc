#include "trust/stream_request.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <memory>

#include "base/error.h"

namespace myna::trust {
namespace {

using Clock = std::chrono::steady_clock;

struct EasyCloser {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
struct MultiCloser {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct ListCloser {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct UrlCloser {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Easy = std::unique_ptr<CURL, EasyCloser>;
using Multi = std::unique_ptr<CURLM, MultiCloser>;
using HeaderList = std::unique_ptr<curl_slist, ListCloser>;

// What the callbacks share; none of them lets an exception out.
struct Transfer {
  CURL* easy = nullptr;
  const StreamRequest* request = nullptr;
  const std::function<bool(const StreamHead&, std::string_view)>* on_bytes = nullptr;
  StreamHead head;
  size_t bytes = 0;
  bool too_long = false;
  bool ended = false;  // by on_bytes
  std::exception_ptr error;
  Clock::time_point last_bytes = Clock::now();
};

size_t receive_header(char* data, size_t size, size_t count, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  transfer.last_bytes = Clock::now();
  try {
    const std::string_view line(data, size * count);
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) return size * count;
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    std::string value(line.substr(colon + 1));
    value.erase(0, value.find_first_not_of(" \t"));
    value.erase(value.find_last_not_of(" \t\r\n") + 1);
    if (name == "content-type") transfer.head.content_type = value;
    if (name == "retry-after") transfer.head.retry_after_s = std::atof(value.c_str());
    return size * count;
  } catch (...) {
    transfer.error = std::current_exception();
    return 0;
  }
}

size_t receive_body(char* data, size_t size, size_t count, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  transfer.last_bytes = Clock::now();
  const size_t bytes = size * count;
  transfer.bytes += bytes;
  if (transfer.bytes > transfer.request->max_bytes) {
    transfer.too_long = true;
    return 0;
  }
  long status = 0;
  curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
  transfer.head.status = static_cast<int>(status);
  try {
    if ((*transfer.on_bytes)(transfer.head, {data, bytes})) return bytes;
    transfer.ended = true;
  } catch (...) {
    transfer.error = std::current_exception();
  }
  return 0;
}

std::string host_of(const std::string& url) {
  const std::unique_ptr<CURLU, UrlCloser> parsed(curl_url());
  char* host = nullptr;
  char* user = nullptr;
  char* scheme = nullptr;
  std::string name;
  if (parsed && curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) == CURLUE_OK &&
      curl_url_get(parsed.get(), CURLUPART_HOST, &host, 0) == CURLUE_OK &&
      curl_url_get(parsed.get(), CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
      curl_url_get(parsed.get(), CURLUPART_USER, &user, 0) != CURLUE_OK) {
    const std::string_view used(scheme);
    if (used == "http" || used == "https") name = host;
  }
  curl_free(host);
  curl_free(user);
  curl_free(scheme);
  if (name.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "'" + url + "' is no address of a service",
                "it looks like https://example.org/v1, without a name or a password");
  }
  return name;
}

void set_up(CURL* curl, const StreamRequest& request, const HeaderList& headers,
            Transfer& transfer) {
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "Myna/0.1");
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_s * 1000));
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &receive_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &receive_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
}

HeaderList make_headers(const StreamRequest& request) {
  // No wait for "100 Continue", which many servers never send.
  curl_slist* list = curl_slist_append(nullptr, "Expect:");
  for (const std::string& header : request.headers) {
    if (header.find_first_of("\r\n") != std::string::npos) {
      curl_slist_free_all(list);
      throw Error(ErrorCode::kInvalidArgument, "a header of the request has more than one line");
    }
    list = curl_slist_append(list, header.c_str());
  }
  return HeaderList(list);
}

void require_running(const StreamRequest& request, const Transfer& transfer,
                     const std::string& host) {
  if (request.cancel != nullptr && request.cancel->load()) {
    throw Error(ErrorCode::kCancelled, "the request was cancelled");
  }
  const std::chrono::duration<double> silence = Clock::now() - transfer.last_bytes;
  if (silence.count() > request.silence_s) {
    throw Error(ErrorCode::kIo, "'" + host + "' has sent nothing for " +
                                    std::to_string(static_cast<int>(silence.count())) + " s");
  }
}

[[noreturn]] void fail(const Transfer& transfer, CURLcode code, const std::string& host) {
  if (transfer.error) std::rethrow_exception(transfer.error);
  if (transfer.too_long) {
    throw Error(ErrorCode::kResourceExhausted, "'" + host + "' sends too much");
  }
  const std::string why = curl_easy_strerror(code);
  if (transfer.bytes > 0 || code == CURLE_PARTIAL_FILE) {
    throw Error(ErrorCode::kIo, "'" + host + "' broke off: " + why);
  }
  throw Error(ErrorCode::kUnavailable, "'" + host + "' does not answer: " + why,
              "check the address and whether the service runs");
}

}  // namespace

StreamHead post_stream(const StreamRequest& request,
                       const std::function<bool(const StreamHead&, std::string_view)>& on_bytes) {
  const std::string host = host_of(request.url);
  const HeaderList headers = make_headers(request);
  const Easy easy(curl_easy_init());
  const Multi multi(curl_multi_init());
  if (!easy || !multi) throw Error(ErrorCode::kResourceExhausted, "libcurl cannot start");
  Transfer transfer;
  transfer.easy = easy.get();
  transfer.request = &request;
  transfer.on_bytes = &on_bytes;
  set_up(easy.get(), request, headers, transfer);
  curl_multi_add_handle(multi.get(), easy.get());
  struct Remover {
    CURLM* multi;
    CURL* easy;
    ~Remover() { curl_multi_remove_handle(multi, easy); }
  } const remover{multi.get(), easy.get()};

  int running = 1;
  while (running > 0) {
    require_running(request, transfer, host);
    curl_multi_perform(multi.get(), &running);
    if (running > 0) curl_multi_poll(multi.get(), nullptr, 0, 50, nullptr);
  }
  int left = 0;
  const CURLMsg* message = curl_multi_info_read(multi.get(), &left);
  const CURLcode code = message != nullptr ? message->data.result : CURLE_FAILED_INIT;
  if (code != CURLE_OK && !transfer.ended) fail(transfer, code, host);
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  transfer.head.status = static_cast<int>(status);
  return transfer.head;
}

bool is_this_machine(const std::string& url) {
  const std::string host = host_of(url);
  return host == "localhost" || host == "[::1]" ||
         (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos);
}

}  // namespace myna::trust
