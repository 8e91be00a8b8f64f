// Rendered prompts as tokens. Private to language/llama.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "language/llama/chat_template.h"
#include "language/llama/llama_library.h"

namespace myna::language {

enum class ControlTokens : uint8_t {
  kRead,   // "<|im_end|>" is the token
  kPlain,  // "<|im_end|>" is text
};

// Throws Error kResourceExhausted above 2^31 tokens.
std::vector<llama_token> tokenize(const llama_vocab* vocabulary, std::string_view text,
                                  ControlTokens control);

// Of a rendered prompt. What messages write is never a control token. Stops at the first `limit`
// tokens of a prompt that is longer than any that fits: then there are `limit` or more.
std::vector<llama_token> tokenize_prompt(const llama_vocab* vocabulary,
                                         std::span<const PromptPart> parts, size_t limit);

// With control tokens spelled out.
std::string spell_token(const llama_vocab* vocabulary, llama_token token);

}  // namespace myna::language
