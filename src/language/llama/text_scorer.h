// How likely a text is to a GGUF model: the measure of minimal pairs, cloze tests and bits a byte.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace myna::language {

struct TextScore {
  double log_probability = 0;  // natural logarithm, of all the text's tokens together
  int tokens = 0;
};

// One thread at a time. What the last score has computed of a common beginning is used again.
class TextScorer {
 public:
  // threads 0: one a processor. Throws what LlamaChatModel::open() throws.
  static TextScorer open(const std::filesystem::path& path, int threads = 0);
  ~TextScorer();
  TextScorer(TextScorer&&) noexcept;
  TextScorer& operator=(TextScorer&&) noexcept;

  // Of `text` after `before`. Without a chat template; tokenised together, and cut where `before`
  // ends by itself. An empty `before` is the model's token for a beginning. Throws Error
  // kResourceExhausted for what does not fit into kContextTokens.
  TextScore score(std::string_view before, std::string_view text);
  // The same for a text of any length, in windows of kContextTokens, of which each but the first
  // begins with the half of the one before that is not counted again.
  TextScore score_long(std::string_view text);

  const std::string& name() const;

  static constexpr int kContextTokens = 1024;

 private:
  struct State;
  explicit TextScorer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace myna::language
