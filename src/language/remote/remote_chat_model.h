// A model behind an address that speaks OpenAI's chat completions: a llama-server in the next room,
// a company's service. The only part of language that leaves this machine, and only when named.
#pragma once

#include <memory>

#include "language/chat_model.h"

namespace myna::language {

struct RemoteOptions {
  std::string url;    // up to and with the version: http://127.0.0.1:8080/v1
  std::string model;  // as the service calls it; may be empty where it has only one
  // The environment's variable that has the key; there is no other way to give one.
  std::string key_variable = "MYNA_CHAT_KEY";
  double connect_s = 10;
  double silence_s = 120;  // the longest wait for the next piece: a large model reads long
  int tries = 3;           // of a request that is refused as too much, before anything came
  double first_pause_s =
      1;                   // before the second try; doubled for each more, or what Retry-After says
  int context_tokens = 0;  // if known
};

// Thread-safe: each answer is a request of its own.
class RemoteChatModel final : public ChatModel {
 public:
  // Asks nobody. Throws Error kInvalidArgument for an address that cannot be one, and when a key
  // would go unencrypted to another machine.
  explicit RemoteChatModel(RemoteOptions options);
  ~RemoteChatModel() override;

  // Beyond what ChatModel::answer() throws: kInvalidArgument for a refused key or request,
  // kNotFound for an address or a model that is not there.
  Answer answer(const AnswerRequest& request, const OnText& on_text) override;
  // A third of the bytes, and a few a message: high for English.
  int count_tokens(std::span<const Message> messages) override;
  int context_tokens() const override { return options_.context_tokens; }
  const std::string& name() const override { return name_; }

 private:
  RemoteOptions options_;
  std::string name_;
  std::string key_;
};

}  // namespace myna::language
