// Which language model a command uses: one of this machine, or one behind an address.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "language/chat_model.h"

namespace CLI {
class App;
}

namespace myna::cli {

inline constexpr const char* kDefaultChatModel = "myna-chat-1";

struct ChatModelOptions {
  std::string model = kDefaultChatModel;  // a package, or a .gguf file
  std::string endpoint;                   // an address instead; then `remote_model` there
  std::string remote_model;
  int context_tokens = 0;
  int threads = 0;
};

struct AnswerOptions {
  language::Sampling sampling;
  int max_tokens = 0;
  std::vector<std::string> stop;
  std::string grammar_file;
  std::string schema_file;
};

// --model --endpoint --endpoint-model --context --threads
void add_chat_model_options(CLI::App& command, ChatModelOptions& options);
// --temperature --top-k --top-p --min-p --repeat-penalty --seed --max-tokens --stop --grammar
// --json-schema
void add_answer_options(CLI::App& command, AnswerOptions& options);

// The GGUF file of a package or path. Throws Error kUnavailable for a package that is not
// installed, kInvalidArgument for one that is no language model.
std::string chat_model_file(const std::string& model);

// With caches for so many chats at once. Throws what the models' constructors throw.
std::unique_ptr<language::ChatModel> open_chat_model(const ChatModelOptions& options,
                                                     int chats = 1);

// Reads the grammar's or schema's file.
language::AnswerForm answer_form(const AnswerOptions& options);

}  // namespace myna::cli
