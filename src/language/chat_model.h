// A language model that answers in a conversation: one that runs here (llama/llama_chat_model.h) or
// one behind an address (remote/remote_chat_model.h). The caller keeps the conversation; a model
// keeps nothing but caches.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace myna::language {

enum class Role : uint8_t { kSystem, kUser, kAssistant };

// "system", "user", "assistant": as in chat templates and in OpenAI's protocol.
std::string_view role_name(Role role);

struct Message {
  Role role = Role::kUser;
  std::string text;  // UTF-8
};

// Out of range values are refused with kInvalidArgument.
struct Sampling {
  float temperature = 0.3f;     // 0: always the likeliest token; at most 5
  int top_k = 40;               // the likeliest so many; 0: all
  float top_p = 0.9f;           // the likeliest that together have this probability; 1: all
  float min_p = 0.05f;          // of the likeliest one's probability; 0: all
  float repeat_penalty = 1.1f;  // divides the logits of the answer's recent tokens; 1: none
  int repeat_window = 64;       // how many tokens are recent
  uint32_t seed = 0;            // the same one gives the same answer; 0: another each time
};

// What the answer has to look like, enforced token by token.
struct AnswerForm {
  enum class Kind : uint8_t { kFree, kGrammar, kJsonSchema };
  Kind kind = Kind::kFree;
  std::string text;  // a GBNF grammar whose root is `root`, or a JSON schema
};

struct AnswerRequest {
  std::vector<Message> messages;  // the first may be kSystem; the last is the user's
  Sampling sampling;
  AnswerForm form;
  int max_tokens = 0;             // of the answer; 0: until the model or its context ends
  std::vector<std::string> stop;  // texts that end the answer; they are not part of it
  const std::atomic<bool>* cancel = nullptr;  // outlives the call
};

enum class AnswerEnd : uint8_t {
  kComplete,     // the model said that it is done
  kStopText,     // one of AnswerRequest::stop came
  kTokenLimit,   // max_tokens
  kContextFull,  // no room for another token
  kCancelled,    // what had come until then is in the answer
};

struct AnswerStatistics {
  int prompt_tokens = 0;
  int reused_tokens = 0;  // of the prompt, that an earlier turn had computed
  int answer_tokens = 0;
  double prompt_s = 0;  // until the first token, without waiting for other answers to end
  double answer_s = 0;  // from the first token to the last
};

struct Answer {
  std::string text;
  AnswerEnd end = AnswerEnd::kComplete;
  AnswerStatistics statistics;
};

// Safe to use from many threads: answers that overlap are computed together where the model can.
class ChatModel {
 public:
  // Gets pieces of the answer as they come: whole UTF-8 characters, in order, on the thread that
  // called answer(). What it throws ends the answer and leaves answer().
  using OnText = std::function<void(std::string_view)>;

  virtual ~ChatModel() = default;

  // Blocks until the answer is complete or cancelled. Throws Error: kInvalidArgument for options,
  // a grammar or a schema that cannot be used; kResourceExhausted when the messages do not fit into
  // the context, or an endpoint is overloaded; kUnavailable and kIo for an endpoint that does not
  // answer or breaks off (what had come was given to on_text); kCorruptData for nonsense from it.
  virtual Answer answer(const AnswerRequest& request, const OnText& on_text) = 0;

  // What the messages take of the context; an estimate where the model is not here.
  virtual int count_tokens(std::span<const Message> messages) = 0;
  // Of one conversation, question and answer together; 0 where nobody says.
  virtual int context_tokens() const = 0;
  // For people: "SmolLM2-135M-Instruct (llama 135M Q4_1)".
  virtual const std::string& name() const = 0;
};

// Throws Error kInvalidArgument that names the option.
void check_sampling(const Sampling& sampling);

}  // namespace myna::language
