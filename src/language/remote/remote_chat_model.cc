#include "language/remote/remote_chat_model.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/error.h"
#include "language/remote/event_stream.h"
#include "trust/stream_request.h"

namespace myna::language {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::json;

constexpr double kLongestPause_s = 30;
constexpr size_t kMostErrorBytes = size_t{64} << 10;

Json describe_form(const AnswerForm& form) {
  const Json schema = Json::parse(form.text, nullptr, false);
  if (schema.is_discarded()) {
    throw Error(ErrorCode::kInvalidArgument, "the JSON schema is no JSON");
  }
  return {{"type", "json_schema"},
          {"json_schema", {{"name", "answer"}, {"strict", true}, {"schema", schema}}}};
}

std::string request_body(const AnswerRequest& request, const std::string& model) {
  Json body = {{"stream", true}, {"stream_options", {{"include_usage", true}}}};
  if (!model.empty()) body["model"] = model;
  for (const Message& message : request.messages) {
    body["messages"].push_back({{"role", role_name(message.role)}, {"content", message.text}});
  }
  body["temperature"] = request.sampling.temperature;
  body["top_p"] = request.sampling.top_p;
  if (request.sampling.seed != 0) body["seed"] = request.sampling.seed;
  if (request.max_tokens > 0) body["max_tokens"] = request.max_tokens;
  if (!request.stop.empty()) body["stop"] = request.stop;
  if (request.form.kind == AnswerForm::Kind::kJsonSchema) {
    body["response_format"] = describe_form(request.form);
  } else if (request.form.kind == AnswerForm::Kind::kGrammar) {
    body["grammar"] = request.form.text;  // llama-server's
  }
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// "message" of {"error": {"message": ...}}, {"error": ...}, or the text itself, in one short line.
std::string error_text(const std::string& body) {
  const Json json = Json::parse(body, nullptr, false);
  std::string text = body;
  if (json.is_object() && json.contains("error")) {
    const Json& error = json["error"];
    if (error.is_string()) text = error.get<std::string>();
    if (error.is_object() && error.contains("message") && error["message"].is_string()) {
      text = error["message"].get<std::string>();
    }
  }
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20; }, ' ');
  if (text.size() > 300) text = text.substr(0, 300) + "...";
  return text.empty() ? "no reason given" : text;
}

bool is_worth_another_try(int status) {
  return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

Error status_error(const std::string& url, int status, const std::string& body,
                   const std::string& key_variable) {
  const std::string what =
      "'" + url + "' answers " + std::to_string(status) + ": " + error_text(body);
  if (status == 401 || status == 403) {
    return Error(ErrorCode::kInvalidArgument, what, "the key is taken from $" + key_variable);
  }
  if (status == 404) {
    return Error(ErrorCode::kNotFound, what, "check the address, which ends in /v1, and the model");
  }
  if (status == 429) {
    return Error(ErrorCode::kResourceExhausted, what,
                 "the service is overloaded, or your quota is used up");
  }
  if (status >= 500) return Error(ErrorCode::kUnavailable, what, "try again later");
  return Error(ErrorCode::kInvalidArgument, what);
}

// Reads the response of one try.
class Reader {
 public:
  Reader(std::string url, Answer& answer, const ChatModel::OnText& on_text)
      : url_(std::move(url)), answer_(answer), on_text_(on_text) {}

  bool take(const trust::StreamHead& head, std::string_view bytes) {
    if (head.status != 200 || head.content_type.starts_with("application/json")) {
      // An error, or a service that does not stream.
      if (head.status == 200 || body_.size() < kMostErrorBytes) body_ += bytes;
      return true;
    }
    for (const std::string& event : events_.append(bytes)) {
      if (event == "[DONE]") {
        done_ = true;
      } else if (!event.empty()) {
        take_json(event);
      }
    }
    return true;
  }

  void finish() {
    if (!body_.empty()) take_json(body_);
    if (done_ || finished_) return;
    throw Error(ErrorCode::kIo, "'" + url_ + "' broke off in the middle of the answer",
                answer_.text.empty() ? "" : "what had come is above");
  }

  const std::string& body() const { return body_; }
  bool has_text() const { return !answer_.text.empty(); }
  Clock::time_point first_text() const { return first_text_; }

 private:
  void take_json(const std::string& text) {
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object()) {
      throw Error(ErrorCode::kCorruptData,
                  "'" + url_ + "' does not answer as OpenAI's protocol has it");
    }
    if (json.contains("error") && !json["error"].is_null()) {
      throw Error(ErrorCode::kIo, "'" + url_ + "' gave up: " + error_text(text));
    }
    if (json.contains("usage") && json["usage"].is_object()) {
      answer_.statistics.prompt_tokens = number(json["usage"], "prompt_tokens");
      answer_.statistics.answer_tokens = number(json["usage"], "completion_tokens");
      const Json& details = json["usage"].value("prompt_tokens_details", Json());
      if (details.is_object()) answer_.statistics.reused_tokens = number(details, "cached_tokens");
    }
    if (!json.contains("choices") || !json["choices"].is_array() || json["choices"].empty()) return;
    const Json& choice = json["choices"][0];
    if (!choice.is_object()) return;
    for (const char* key : {"delta", "message"}) {
      if (choice.contains(key) && choice[key].is_object()) show(choice[key]);
    }
    if (choice.contains("finish_reason") && choice["finish_reason"].is_string()) {
      finished_ = true;
      if (choice["finish_reason"] == "length") answer_.end = AnswerEnd::kTokenLimit;
    }
  }

  void show(const Json& part) {
    if (!part.contains("content") || !part["content"].is_string()) return;
    const auto text = part["content"].get<std::string>();
    if (text.empty()) return;
    if (answer_.text.empty()) first_text_ = Clock::now();
    answer_.text += text;
    if (on_text_) on_text_(text);
  }

  static int number(const Json& json, const char* key) {
    return json.contains(key) && json[key].is_number_integer() ? json[key].get<int>() : 0;
  }

  std::string url_;
  Answer& answer_;
  const ChatModel::OnText& on_text_;
  EventStream events_;
  std::string body_;
  bool done_ = false;
  bool finished_ = false;
  Clock::time_point first_text_{};
};

// False when it was cancelled meanwhile.
bool pause(double seconds, const std::atomic<bool>* cancel) {
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  while (Clock::now() < end) {
    if (cancel != nullptr && cancel->load()) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace

RemoteChatModel::RemoteChatModel(RemoteOptions options) : options_(std::move(options)) {
  while (options_.url.ends_with('/')) options_.url.pop_back();
  const bool here = trust::is_this_machine(options_.url);
  if (const char* key = std::getenv(options_.key_variable.c_str())) key_ = key;
  if (!key_.empty() && !here && !options_.url.starts_with("https:")) {
    throw Error(
        ErrorCode::kInvalidArgument,
        "the key of $" + options_.key_variable + " would go unencrypted to '" + options_.url + "'",
        "use https, or run without the key");
  }
  name_ = (options_.model.empty() ? "the model" : options_.model) + " at " + options_.url;
}

RemoteChatModel::~RemoteChatModel() = default;

int RemoteChatModel::count_tokens(std::span<const Message> messages) {
  size_t bytes = 0;
  for (const Message& message : messages) bytes += message.text.size() + 24;
  return static_cast<int>(std::min<size_t>(bytes / 3, 1 << 30));
}

Answer RemoteChatModel::answer(const AnswerRequest& request, const OnText& on_text) {
  check_sampling(request.sampling);
  trust::StreamRequest http;
  http.url = options_.url + "/chat/completions";
  http.body = request_body(request, options_.model);
  http.headers = {"Content-Type: application/json", "Accept: text/event-stream"};
  if (!key_.empty()) http.headers.push_back("Authorization: Bearer " + key_);
  http.connect_s = options_.connect_s;
  http.silence_s = options_.silence_s;
  http.cancel = request.cancel;

  Answer answer;
  for (int tried = 1;; ++tried) {
    const Clock::time_point begun = Clock::now();
    Reader reader(options_.url, answer, on_text);
    try {
      const trust::StreamHead head =
          trust::post_stream(http, [&](const trust::StreamHead& so_far, std::string_view bytes) {
            return reader.take(so_far, bytes);
          });
      if (head.status == 200) {
        reader.finish();
        answer.statistics.prompt_s = seconds_between(begun, reader.first_text());
        answer.statistics.answer_s = seconds_between(reader.first_text(), Clock::now());
        return answer;
      }
      if (!is_worth_another_try(head.status) || tried >= options_.tries) {
        throw status_error(options_.url, head.status, reader.body(), options_.key_variable);
      }
      const double wanted =
          head.retry_after_s > 0 ? head.retry_after_s : options_.first_pause_s * (1 << (tried - 1));
      if (!pause(std::min(wanted, kLongestPause_s), request.cancel)) break;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kCancelled) throw;
      break;
    }
  }
  answer.end = AnswerEnd::kCancelled;
  return answer;
}

}  // namespace myna::language
