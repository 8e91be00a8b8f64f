#include "language/llama/prompt_tokens.h"

#include <algorithm>

#include "base/error.h"

namespace myna::language {
namespace {

// Longer than the tokens of any text of a language; a run of blanks or dashes may have longer ones,
// which only means that a prompt is looked at in full.
constexpr size_t kMostBytesAToken = 16;

bool has_control_token(const llama_vocab* vocabulary, std::string_view text) {
  const auto tokens = tokenize(vocabulary, text, ControlTokens::kRead);
  return std::any_of(tokens.begin(), tokens.end(), [&](llama_token token) {
    return llama_vocab_is_control(vocabulary, token) || llama_vocab_is_eog(vocabulary, token);
  });
}

std::vector<llama_token> tokenize_parts(const llama_vocab* vocabulary,
                                        std::span<const PromptPart> parts) {
  // As a whole, as the model learned it, unless a message could pass for the template.
  const bool deceiving = std::any_of(parts.begin(), parts.end(), [&](const PromptPart& part) {
    return part.from_message && has_control_token(vocabulary, part.text);
  });
  if (!deceiving) {
    std::string all;
    for (const PromptPart& part : parts) all += part.text;
    return tokenize(vocabulary, all, ControlTokens::kRead);
  }
  std::vector<llama_token> tokens;
  for (const PromptPart& part : parts) {
    const auto more = tokenize(vocabulary, part.text,
                               part.from_message ? ControlTokens::kPlain : ControlTokens::kRead);
    tokens.insert(tokens.end(), more.begin(), more.end());
  }
  return tokens;
}

}  // namespace

std::vector<llama_token> tokenize(const llama_vocab* vocabulary, std::string_view text,
                                  ControlTokens control) {
  constexpr size_t kMostBytes = size_t{1} << 30;
  if (text.size() > kMostBytes) {
    throw Error(ErrorCode::kResourceExhausted, "the text is longer than 1 GiB");
  }
  std::vector<llama_token> tokens(text.size() / 3 + 16);
  const auto length = static_cast<int32_t>(text.size());
  const bool special = control == ControlTokens::kRead;
  int32_t count = llama_tokenize(vocabulary, text.data(), length, tokens.data(),
                                 static_cast<int32_t>(tokens.size()), false, special);
  if (count < 0) {
    tokens.resize(static_cast<size_t>(-count));
    count = llama_tokenize(vocabulary, text.data(), length, tokens.data(),
                           static_cast<int32_t>(tokens.size()), false, special);
  }
  tokens.resize(static_cast<size_t>(std::max(0, count)));
  return tokens;
}

std::vector<llama_token> tokenize_prompt(const llama_vocab* vocabulary,
                                         std::span<const PromptPart> parts, size_t limit) {
  size_t bytes = 0;
  for (const PromptPart& part : parts) bytes += part.text.size();
  std::vector<llama_token> tokens;
  if (bytes > limit * kMostBytesAToken) {
    // Cheaper than all of it: a beginning that is too long already.
    size_t room = limit * kMostBytesAToken;
    std::vector<PromptPart> beginning;
    for (const PromptPart& part : parts) {
      beginning.push_back({part.text.substr(0, room), part.from_message});
      room -= beginning.back().text.size();
    }
    tokens = tokenize_parts(vocabulary, beginning);
    if (tokens.size() >= limit) return tokens;
  }
  tokens = tokenize_parts(vocabulary, parts);
  const llama_token begin = llama_vocab_bos(vocabulary);
  if (llama_vocab_get_add_bos(vocabulary) && begin != LLAMA_TOKEN_NULL &&
      (tokens.empty() || tokens.front() != begin)) {
    tokens.insert(tokens.begin(), begin);
  }
  return tokens;
}

std::string spell_token(const llama_vocab* vocabulary, llama_token token) {
  if (token == LLAMA_TOKEN_NULL) return {};
  std::string text(64, '\0');
  int length = llama_token_to_piece(vocabulary, token, text.data(), 64, 0, true);
  if (length < 0) {
    text.resize(static_cast<size_t>(-length));
    length = llama_token_to_piece(vocabulary, token, text.data(), -length, 0, true);
  }
  text.resize(static_cast<size_t>(std::max(0, length)));
  return text;
}

}  // namespace myna::language
