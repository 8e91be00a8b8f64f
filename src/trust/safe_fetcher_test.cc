#include "trust/safe_fetcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "base/error.h"
#include "tests/support/loopback_server.h"

namespace myna::trust {
namespace {

using test::LoopbackServer;
using ::testing::HasSubstr;
using ::testing::Not;

FetchOptions local_options() {
  FetchOptions options;
  options.addresses = AddressPolicy::kAnyAddress;
  options.host_interval_s = 0;
  options.timeout_s = 5;
  return options;
}

ErrorCode code_of(SafeFetcher& fetcher, const std::string& url, std::string* message = nullptr) {
  try {
    fetcher.fetch({url});
  } catch (const Error& error) {
    if (message != nullptr) *message = error.message();
    return error.code();
  }
  ADD_FAILURE() << url << " was fetched";
  return ErrorCode::kInternal;
}

std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(SafeFetcher, FetchesAndTellsWhatCame) {
  LoopbackServer server([](const std::string&, const LoopbackServer::Send& send) {
    send(LoopbackServer::ok("<rss/>", "Content-Type: application/rss+xml\r\nETag: \"a1\"\r\n"));
  });
  std::vector<FetchRecord> records;
  FetchOptions options = local_options();
  options.record = [&](const FetchRecord& record) { records.push_back(record); };
  SafeFetcher fetcher(options);
  const FetchResponse response = fetcher.fetch({server.url("/feed#part")});
  EXPECT_EQ(response.body, "<rss/>");
  EXPECT_EQ(response.content_type, "application/rss+xml");
  EXPECT_EQ(response.etag, "\"a1\"");
  EXPECT_EQ(response.url, server.url("/feed"));
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].outcome, "200");
}

TEST(SafeFetcher, RefusesLocalAddressesBeforeItConnects) {
  LoopbackServer server([](const std::string&, const LoopbackServer::Send& send) {
    send(LoopbackServer::ok("secret"));
  });
  SafeFetcher fetcher;
  const std::string port = std::to_string(server.port());
  for (const std::string& host :
       {std::string("127.0.0.1"), std::string("localhost"), std::string("2130706433"),
        std::string("0x7f.1"), std::string("127.1"), std::string("[::1]"),
        std::string("[::ffff:127.0.0.1]"), std::string("169.254.169.254"), std::string("10.0.0.1"),
        std::string("0.0.0.0")}) {
    std::string url = "http://";
    url.append(host).append(":").append(port).append("/");
    EXPECT_EQ(code_of(fetcher, url), ErrorCode::kInvalidArgument) << host;
  }
  EXPECT_TRUE(server.requests().empty());
}

TEST(SafeFetcher, RefusesOtherSchemesAndCredentials) {
  SafeFetcher fetcher(local_options());
  for (const char* url :
       {"file:///etc/passwd", "ftp://example.org/", "gopher://example.org/", "dict://127.0.0.1/",
        "http://user:secret@example.org/", "", "http://", "javascript:alert(1)", "/etc/passwd"}) {
    EXPECT_EQ(code_of(fetcher, url), ErrorCode::kInvalidArgument) << url;
  }
}

TEST(SafeFetcher, FollowsRedirectsAndChecksEach) {
  LoopbackServer server([](const std::string& request, const LoopbackServer::Send& send) {
    if (request.starts_with("GET /start ")) {
      send(LoopbackServer::redirect("/end"));
    } else if (request.starts_with("GET /file ")) {
      send(LoopbackServer::redirect("file:///etc/passwd"));
    } else if (request.starts_with("GET /loop ")) {
      send(LoopbackServer::redirect("/loop"));
    } else {
      send(LoopbackServer::ok("end"));
    }
  });
  SafeFetcher fetcher(local_options());
  const FetchResponse response = fetcher.fetch({server.url("/start")});
  EXPECT_EQ(response.body, "end");
  EXPECT_EQ(response.url, server.url("/end"));
  EXPECT_EQ(code_of(fetcher, server.url("/file")), ErrorCode::kInvalidArgument);
  std::string message;
  EXPECT_EQ(code_of(fetcher, server.url("/loop"), &message), ErrorCode::kIo);
  EXPECT_THAT(message, HasSubstr("redirects more than 5 times"));
}

TEST(SafeFetcher, StopsAnEndlessStream) {
  LoopbackServer server([](const std::string&, const LoopbackServer::Send& send) {
    send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    const std::string block(1 << 16, 'x');
    while (send(block)) {
    }
  });
  FetchOptions options = local_options();
  options.max_bytes = 1 << 20;
  SafeFetcher fetcher(options);
  EXPECT_EQ(code_of(fetcher, server.url()), ErrorCode::kResourceExhausted);
}

TEST(SafeFetcher, CountsBytesAfterDecompression) {
  const std::string bomb = gzip(std::string(32 << 20, ' '));
  ASSERT_LT(bomb.size(), size_t{64} << 10);
  LoopbackServer server([&](const std::string& request, const LoopbackServer::Send& send) {
    send(LoopbackServer::ok(request.starts_with("GET /bomb") ? bomb : gzip("hello"),
                            "Content-Encoding: gzip\r\n"));
  });
  FetchOptions options = local_options();
  options.max_bytes = 1 << 20;
  SafeFetcher fetcher(options);
  EXPECT_EQ(fetcher.fetch({server.url()}).body, "hello");
  EXPECT_EQ(code_of(fetcher, server.url("/bomb")), ErrorCode::kResourceExhausted);
}

TEST(SafeFetcher, GivesUpOnASlowServer) {
  LoopbackServer server([](const std::string&, const LoopbackServer::Send& send) {
    send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    while (send("x")) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  });
  FetchOptions options = local_options();
  options.timeout_s = 0.4;
  SafeFetcher fetcher(options);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(code_of(fetcher, server.url()), ErrorCode::kIo);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(3));
}

TEST(SafeFetcher, StopsWhenItIsCancelled) {
  std::atomic<bool> cancel = false;
  LoopbackServer server([&](const std::string&, const LoopbackServer::Send& send) {
    send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    cancel = true;
    while (send("x")) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  });
  FetchOptions options = local_options();
  options.cancel = &cancel;
  SafeFetcher fetcher(options);
  EXPECT_EQ(code_of(fetcher, server.url()), ErrorCode::kCancelled);
}

TEST(SafeFetcher, SendsValidatorsAndTakesNotModified) {
  LoopbackServer server([](const std::string& request, const LoopbackServer::Send& send) {
    if (request.find("If-None-Match: \"a1\"") != std::string::npos) {
      send("HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n");
    } else {
      send(LoopbackServer::ok("new"));
    }
  });
  SafeFetcher fetcher(local_options());
  EXPECT_EQ(fetcher.fetch({server.url(), "\"a1\""}).status, 304);
  EXPECT_EQ(fetcher.fetch({server.url()}).status, 200);
  // A validator cannot bring headers of its own.
  fetcher.fetch({server.url(), "x\r\nX-Evil: 1"});
  EXPECT_THAT(server.requests().back(), Not(HasSubstr("X-Evil")));
}

TEST(SafeFetcher, SaysWhatTheServerAnswers) {
  LoopbackServer server([](const std::string& request, const LoopbackServer::Send& send) {
    if (request.starts_with("GET /gone")) {
      send("HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n");
    } else if (request.starts_with("GET /head")) {
      std::string head = "HTTP/1.1 200 OK\r\n";
      for (int i = 0; i < 5000; ++i) head += "X-Filler: aaaaaaaaaaaaaaaaaaaaaaaa\r\n";
      send(head + "\r\n");
    } else {
      send("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n");
    }
  });
  SafeFetcher fetcher(local_options());
  EXPECT_EQ(code_of(fetcher, server.url("/gone")), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(fetcher, server.url("/error")), ErrorCode::kIo);
  EXPECT_EQ(code_of(fetcher, server.url("/head")), ErrorCode::kResourceExhausted);
}

TEST(SafeFetcher, WaitsBetweenRequestsToOneHost) {
  LoopbackServer server(
      [](const std::string&, const LoopbackServer::Send& send) { send(LoopbackServer::ok("x")); });
  FetchOptions options = local_options();
  options.host_interval_s = 0.15;
  SafeFetcher fetcher(options);
  const auto start = std::chrono::steady_clock::now();
  fetcher.fetch({server.url()});
  fetcher.fetch({server.url()});
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(150));
}

}  // namespace
}  // namespace myna::trust
