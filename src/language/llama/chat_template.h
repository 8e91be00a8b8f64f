// The Jinja template of a GGUF file turns a conversation into the text that the model was trained
// on.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "language/chat_model.h"

namespace myna::language {

// A run of a prompt. Text of messages may look like the template's control tokens; it is not.
struct PromptPart {
  std::string text;
  bool from_message = false;
};

// Immutable; safe to use from many threads.
class ChatTemplate {
 public:
  // `source` may be empty: then it is ChatML. Throws Error kCorruptData with what does not parse
  // and where.
  ChatTemplate(std::string source, std::string bos_token, std::string eos_token);
  ~ChatTemplate();
  ChatTemplate(ChatTemplate&&) noexcept;
  ChatTemplate& operator=(ChatTemplate&&) noexcept;

  // Ends where the assistant's answer begins. A system message goes into the first question when
  // the template does not take it. Throws Error kCorruptData when the template fails.
  std::vector<PromptPart> render(std::span<const Message> messages) const;

 private:
  struct Program;
  std::unique_ptr<const Program> program_;
};

}  // namespace myna::language
