// The next token from logits: repetition penalty, the k likeliest, top-p, min-p, temperature and a
// draw, with a grammar that what is drawn has to fit. Private to language/llama.
#pragma once

#include <deque>
#include <vector>

#include "language/chat_model.h"
#include "language/llama/llama_library.h"

namespace myna::language {

// For one answer. Not thread-safe.
class TokenSampler {
 public:
  // Throws Error kInvalidArgument for options out of range, and for a grammar or schema that cannot
  // be used.
  TokenSampler(const llama_vocab* vocabulary, const Sampling& sampling, const AnswerForm& form);

  // `logits` has a value for each token of the vocabulary; those of recent tokens are changed.
  llama_token sample(float* logits);

 private:
  void penalise(float* logits) const;
  llama_token draw(float* logits);
  llama_token draw_within_grammar(const float* logits);
  llama_token pick(llama_token_data_array& candidates);
  bool fits_grammar(llama_token token);

  int vocabulary_size_;
  Sampling sampling_;
  std::deque<llama_token> recent_;
  std::vector<llama_token_data> candidates_;
  LlamaSamplerHandle chain_;    // top-p, min-p, temperature, draw; null: greedy
  LlamaSamplerHandle grammar_;  // null: free
};

// Throws Error kInvalidArgument when it is no JSON schema, or has what grammars cannot say.
std::string grammar_of_schema(const std::string& json_schema);

}  // namespace myna::language
