#include "cli/chat_model_options.h"

#include <CLI/CLI.hpp>

#include "base/error.h"
#include "base/file.h"
#include "language/llama/llama_chat_model.h"
#include "language/remote/remote_chat_model.h"
#include "weights/model_package.h"

namespace myna::cli {
namespace {

constexpr size_t kMostFormBytes = size_t{1} << 20;

}  // namespace

void add_chat_model_options(CLI::App& command, ChatModelOptions& options) {
  command.add_option("-m,--model", options.model, "A model package, or the path of a .gguf file")
      ->envname("MYNA_CHAT_MODEL")
      ->capture_default_str();
  command.add_option(
      "--endpoint", options.endpoint,
      "Use a service that speaks OpenAI's protocol instead: http://127.0.0.1:8080/v1; "
      "its key is taken from $MYNA_CHAT_KEY");
  command.add_option("--endpoint-model", options.remote_model, "The model's name at that service");
  command
      .add_option("--context", options.context_tokens,
                  "Tokens that the model sees at once; the model's own, at most 8192, without it")
      ->check(CLI::Range(64, 1 << 20));
  command
      .add_option("--lm-threads", options.threads, "Threads of the language model; one a processor")
      ->check(CLI::Range(1, 256));
}

void add_answer_options(CLI::App& command, AnswerOptions& options) {
  language::Sampling& sampling = options.sampling;
  command.add_option("--temperature", sampling.temperature, "0 always takes the likeliest word")
      ->check(CLI::Range(0.0, 5.0))
      ->capture_default_str();
  command.add_option("--top-k", sampling.top_k, "Draw from the likeliest so many; 0: all")
      ->check(CLI::Range(0, 1 << 20))
      ->capture_default_str();
  command.add_option("--top-p", sampling.top_p, "Draw from the likeliest with this share together")
      ->check(CLI::Range(0.01, 1.0))
      ->capture_default_str();
  command
      .add_option("--min-p", sampling.min_p, "Leave out what is less likely, beside the likeliest")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command.add_option("--repeat-penalty", sampling.repeat_penalty, "Against repetition; 1: none")
      ->check(CLI::Range(0.5, 5.0))
      ->capture_default_str();
  command.add_option("--chat-seed", sampling.seed, "The same number gives the same answer");
  command.add_option("--max-tokens", options.max_tokens, "The longest answer")
      ->check(CLI::Range(1, 1 << 20));
  command.add_option("--stop", options.stop, "A text that ends the answer; may be given again")
      ->allow_extra_args(false);
  CLI::Option* grammar = command.add_option("--grammar", options.grammar_file,
                                            "A GBNF file that the answer has to fit");
  command
      .add_option("--json-schema", options.schema_file, "A JSON schema that the answer has to fit")
      ->excludes(grammar);
}

std::string chat_model_file(const std::string& model) {
  if (model.find('/') != std::string::npos || model.ends_with(".gguf")) return model;
  const ModelPackage package = ModelPackage::open(model);
  if (package.card().architecture != "gguf") {
    throw Error(ErrorCode::kInvalidArgument, "'" + model + "' is no language model",
                "`myna models list` shows what there is");
  }
  return package.file("model.gguf").string();
}

std::unique_ptr<language::ChatModel> open_chat_model(const ChatModelOptions& options, int chats) {
  if (!options.endpoint.empty()) {
    language::RemoteOptions remote;
    remote.url = options.endpoint;
    remote.model = options.remote_model;
    remote.context_tokens = options.context_tokens;
    return std::make_unique<language::RemoteChatModel>(remote);
  }
  language::LlamaOptions local;
  local.context_tokens = options.context_tokens;
  local.threads = options.threads;
  local.chats = chats;
  return language::LlamaChatModel::open(chat_model_file(options.model), local);
}

language::AnswerForm answer_form(const AnswerOptions& options) {
  if (!options.grammar_file.empty()) {
    return {language::AnswerForm::Kind::kGrammar, read_file(options.grammar_file, kMostFormBytes)};
  }
  if (!options.schema_file.empty()) {
    return {language::AnswerForm::Kind::kJsonSchema,
            read_file(options.schema_file, kMostFormBytes)};
  }
  return {};
}

}  // namespace myna::cli
