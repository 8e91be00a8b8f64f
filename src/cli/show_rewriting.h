// The language model of a show, if it has one.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>

#include "cli/chat_model_options.h"
#include "experiences/rewording/model_rewriter.h"

namespace CLI {
class App;
}

namespace myna::cli {

struct RewritingOptions {
  ChatModelOptions model;
  bool llm = false;
  bool no_llm = false;
};

// --llm, --no-llm, and those of add_chat_model_options().
void add_rewriting_options(CLI::App& command, RewritingOptions& options);

struct ShowRewriter {
  std::unique_ptr<language::ChatModel> model;
  std::unique_ptr<rewording::ModelRewriter> rewriter;
};

// Null without --llm. Throws what open_chat_model() throws.
std::unique_ptr<ShowRewriter> open_rewriter(const RewritingOptions& options,
                                            const std::atomic<bool>& cancel,
                                            std::function<void(size_t asked)> progress);

// For --json.
nlohmann::ordered_json rewriting_report(const ShowRewriter& rewriter);

}  // namespace myna::cli
