// A language model that rewords sentences for the ear. What it says is checked by the editing
// (grounding.h): it cannot add a fact, and whatever it refuses, invents or garbles leaves the
// extracted sentence as it was.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "experiences/editing/grounding.h"
#include "language/chat_model.h"

namespace myna::rewording {

// What a model made of a sentence, for who wants to judge it.
struct RewordingAnswer {
  std::string sentence;
  std::string reworded;
  std::string fault;      // the first one; empty: it is said
  bool grounded = false;  // whether check_grounding() alone would have let it pass
};

struct RewordingCounts {
  size_t asked = 0;
  size_t taken = 0;                       // other words than the sentence's, which passed
  size_t unchanged = 0;                   // the sentence itself, or nothing
  std::map<std::string, size_t> refused;  // by the first fault
  double model_s = 0;
  std::vector<RewordingAnswer> answers;  // that are not the sentence itself
};

// Not thread-safe.
class ModelRewriter final : public editing::Rewriter {
 public:
  struct Options {
    const std::atomic<bool>* cancel = nullptr;        // outlives it
    std::function<void(size_t asked)> progress = {};  // after each sentence
  };

  // The model outlives it.
  ModelRewriter(language::ChatModel& model, Options options);

  // The same sentence gets the same answer, without asking again. Empty when the model has nothing,
  // was cancelled or fails; after a failure it is not asked again.
  std::string reword(std::string_view sentence, std::string_view span) override;

  const RewordingCounts& counts() const { return counts_; }
  // Why the model was given up; empty: it was not.
  const std::string& problem() const { return problem_; }

 private:
  std::string ask(std::string_view sentence);

  language::ChatModel& model_;
  Options options_;
  std::map<std::pair<std::string, std::string>, std::string> known_;  // of sentence and span
  RewordingCounts counts_;
  std::string problem_;
};

}  // namespace myna::rewording
