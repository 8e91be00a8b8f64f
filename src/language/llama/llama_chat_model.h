// A GGUF model on this machine, through llama.cpp.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "language/chat_model.h"

namespace myna::language {

struct LlamaOptions {
  int context_tokens = 0;  // of each chat; 0: what the model was trained for, at most kMostContext
  int chats = 1;           // answers that are computed together, 1 to kMostChats; each has a cache
  int threads = 0;         // 0: one a processor
  // Refused when the file is larger; nothing: what the system says is free. 0: not checked.
  std::optional<uint64_t> memory_bytes;

  static constexpr int kMostContext = 8192;
  static constexpr int kMostChats = 64;
};

class LlamaChatModel final : public ChatModel {
 public:
  // Throws Error: what inspect_model_file() throws, kCorruptData for a model that llama.cpp does
  // not know or a chat template that does not parse, kResourceExhausted when its caches do not fit,
  // kInvalidArgument for options out of range.
  static std::unique_ptr<LlamaChatModel> open(const std::filesystem::path& path,
                                              const LlamaOptions& options = {});
  ~LlamaChatModel() override;

  Answer answer(const AnswerRequest& request, const OnText& on_text) override;
  int count_tokens(std::span<const Message> messages) override;
  int context_tokens() const override;
  const std::string& name() const override;

  // The prompt as the template writes it, for people.
  std::string render(std::span<const Message> messages) const;
  int threads() const;

 private:
  struct State;
  explicit LlamaChatModel(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace myna::language
