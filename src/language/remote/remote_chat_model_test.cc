#include "language/remote/remote_chat_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <thread>

#include "base/error.h"
#include "tests/support/loopback_server.h"

namespace myna::language {
namespace {

using test::LoopbackServer;
using ::testing::HasSubstr;

constexpr const char* kHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";

std::string piece(const std::string& text) {
  return "data: {\"choices\":[{\"delta\":{\"content\":\"" + text + "\"}}]}\n\n";
}

std::string refusal(const std::string& status, const std::string& headers = "") {
  const std::string body = R"({"error":{"message":"not today"}})";
  return "HTTP/1.1 " + status + "\r\n" + headers +
         "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n\r\n" + body;
}

RemoteOptions options_for(const LoopbackServer& server) {
  RemoteOptions options;
  options.url = server.url("/v1");
  options.model = "tiny";
  options.first_pause_s = 0.01;
  options.silence_s = 5;
  return options;
}

AnswerRequest question(const std::string& text) {
  AnswerRequest request;
  request.messages = {{Role::kSystem, "Be brief."}, {Role::kUser, text}};
  return request;
}

Error failure(RemoteChatModel& model, const AnswerRequest& request, std::string* shown = nullptr) {
  try {
    model.answer(request, [&](std::string_view text) {
      if (shown != nullptr) *shown += text;
    });
  } catch (const Error& error) {
    return error;
  }
  return Error(ErrorCode::kInternal, "it was answered");
}

TEST(RemoteChatModel, StreamsAnAnswer) {
  LoopbackServer server([](const std::string&, const LoopbackServer::Send& send) {
    send(kHead + piece("Hel") + ": a comment\n\n");
    send(piece("lo").substr(0, 20));
    send(piece("lo").substr(20) +
         "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
         "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2,"
         "\"prompt_tokens_details\":{\"cached_tokens\":3}}}\n\ndata: [DONE]\n\n");
  });
  ::setenv("MYNA_TEST_KEY", "sesame", 1);
  RemoteOptions options = options_for(server);
  options.key_variable = "MYNA_TEST_KEY";
  RemoteChatModel model(options);
  ::unsetenv("MYNA_TEST_KEY");
  AnswerRequest request = question("Hi \"there\"");
  request.stop = {"##"};
  request.max_tokens = 9;
  request.form = {AnswerForm::Kind::kJsonSchema, R"({"type":"object"})"};
  std::vector<std::string> pieces;
  const Answer answer =
      model.answer(request, [&](std::string_view text) { pieces.emplace_back(text); });
  EXPECT_EQ(answer.text, "Hello");
  EXPECT_EQ(pieces, (std::vector<std::string>{"Hel", "lo"}));
  EXPECT_EQ(answer.end, AnswerEnd::kComplete);
  EXPECT_EQ(answer.statistics.prompt_tokens, 7);
  EXPECT_EQ(answer.statistics.reused_tokens, 3);
  EXPECT_EQ(answer.statistics.answer_tokens, 2);
  const std::string sent = server.requests().at(0);
  EXPECT_THAT(sent, HasSubstr("POST /v1/chat/completions "));
  EXPECT_THAT(sent, HasSubstr("Authorization: Bearer sesame"));
  EXPECT_THAT(sent, HasSubstr(R"({"content":"Hi \"there\"","role":"user"})"));
  EXPECT_THAT(sent, HasSubstr(R"("stop":["##"])"));
  EXPECT_THAT(sent, HasSubstr(R"("max_tokens":9)"));
  EXPECT_THAT(sent, HasSubstr(R"("type":"json_schema")"));
}

TEST(RemoteChatModel, TakesAnAnswerThatIsNotStreamed) {
  LoopbackServer server([](const std::string&, const LoopbackServer::Send& send) {
    send(LoopbackServer::ok(
        R"({"choices":[{"message":{"content":"whole"},"finish_reason":"length"}]})",
        "Content-Type: application/json\r\n"));
  });
  RemoteChatModel model(options_for(server));
  const Answer answer = model.answer(question("x"), {});
  EXPECT_EQ(answer.text, "whole");
  EXPECT_EQ(answer.end, AnswerEnd::kTokenLimit);
}

TEST(RemoteChatModel, TriesAgainWhatWasTooMuch) {
  int count = 0;
  LoopbackServer server([&](const std::string&, const LoopbackServer::Send& send) {
    ++count;
    if (count == 1) send(refusal("429 Too Many Requests", "Retry-After: 0.01\r\n"));
    if (count == 2) send(refusal("500 Internal Server Error"));
    if (count == 3) send(kHead + piece("third time") + "data: [DONE]\n\n");
  });
  RemoteChatModel model(options_for(server));
  EXPECT_EQ(model.answer(question("x"), {}).text, "third time");
}

TEST(RemoteChatModel, SaysWhatTheServiceSays) {
  std::string status;
  LoopbackServer server(
      [&](const std::string&, const LoopbackServer::Send& send) { send(refusal(status)); });
  RemoteChatModel model(options_for(server));
  const std::vector<std::pair<std::string, ErrorCode>> cases = {
      {"429 Too Many Requests", ErrorCode::kResourceExhausted},
      {"500 Internal Server Error", ErrorCode::kUnavailable},
      {"401 Unauthorized", ErrorCode::kInvalidArgument},
      {"404 Not Found", ErrorCode::kNotFound},
      {"400 Bad Request", ErrorCode::kInvalidArgument},
      {"302 Found", ErrorCode::kInvalidArgument}};
  for (const auto& [line, code] : cases) {
    status = line;
    const Error error = failure(model, question("x"));
    EXPECT_EQ(error.code(), code) << line;
    EXPECT_THAT(error.message(), HasSubstr("not today")) << line;
  }
  // Three tries for the first two, one for the others.
  EXPECT_EQ(server.requests().size(), 10u);
}

TEST(RemoteChatModel, GivesUpOnSilence) {
  LoopbackServer server([](const std::string&, const LoopbackServer::Send& send) {
    send(kHead + piece("Once upon"));
    while (send("")) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  });
  RemoteOptions options = options_for(server);
  options.silence_s = 0.2;
  RemoteChatModel model(options);
  std::string shown;
  const Error error = failure(model, question("x"), &shown);
  EXPECT_EQ(error.code(), ErrorCode::kIo);
  EXPECT_THAT(error.message(), HasSubstr("has sent nothing for"));
  EXPECT_EQ(shown, "Once upon");
}

TEST(RemoteChatModel, SaysWhenTheStreamBreaks) {
  std::string rest;
  LoopbackServer server([&](const std::string&, const LoopbackServer::Send& send) {
    send(kHead + piece("Once") + rest);
  });
  RemoteChatModel model(options_for(server));
  std::string shown;
  Error error = failure(model, question("x"), &shown);
  EXPECT_EQ(error.code(), ErrorCode::kIo);
  EXPECT_THAT(error.message(), HasSubstr("broke off"));
  EXPECT_EQ(shown, "Once");
  rest = "data: {\"error\":{\"message\":\"out of memory\"}}\n\n";
  error = failure(model, question("x"));
  EXPECT_THAT(error.message(), HasSubstr("gave up: out of memory"));
  rest = "data: <html>\n\n";
  EXPECT_EQ(failure(model, question("x")).code(), ErrorCode::kCorruptData);
}

TEST(RemoteChatModel, SaysWhenNobodyIsThere) {
  int port = 0;
  {
    LoopbackServer server([](const std::string&, const LoopbackServer::Send&) {});
    port = server.port();
  }
  RemoteOptions options;
  options.url = "http://127.0.0.1:" + std::to_string(port) + "/v1";
  RemoteChatModel model(options);
  EXPECT_EQ(failure(model, question("x")).code(), ErrorCode::kUnavailable);
}

TEST(RemoteChatModel, KeepsWhatCameBeforeACancel) {
  std::atomic<bool> cancel = false;
  LoopbackServer server([&](const std::string&, const LoopbackServer::Send& send) {
    send(kHead + piece("Once"));
    while (send("")) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  });
  RemoteChatModel model(options_for(server));
  AnswerRequest request = question("x");
  request.cancel = &cancel;
  const auto begun = std::chrono::steady_clock::now();
  const Answer answer = model.answer(request, [&](std::string_view) { cancel = true; });
  EXPECT_EQ(answer.end, AnswerEnd::kCancelled);
  EXPECT_EQ(answer.text, "Once");
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(1));
}

TEST(RemoteChatModel, LetsAnErrorOfTheListenerThrough) {
  LoopbackServer server([](const std::string&, const LoopbackServer::Send& send) {
    send(kHead + piece("a") + piece("b"));
  });
  RemoteChatModel model(options_for(server));
  EXPECT_THROW(
      model.answer(question("x"), [](std::string_view) { throw std::logic_error("full"); }),
      std::logic_error);
}

TEST(RemoteChatModel, SendsNoKeyInTheOpen) {
  ::setenv("MYNA_TEST_KEY", "sesame", 1);
  RemoteOptions options;
  options.key_variable = "MYNA_TEST_KEY";
  options.url = "http://models.example.org/v1";
  EXPECT_THROW(RemoteChatModel{options}, Error);
  ::unsetenv("MYNA_TEST_KEY");
  EXPECT_NO_THROW(RemoteChatModel{options});
  for (const char* url :
       {"", "ftp://example.org", "example.org", "http://me:secret@example.org/v1"}) {
    options.url = url;
    EXPECT_THROW(RemoteChatModel{options}, Error) << url;
  }
}

}  // namespace
}  // namespace myna::language
