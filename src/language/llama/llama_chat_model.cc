#include "language/llama/llama_chat_model.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "language/llama/batch_decoder.h"
#include "language/llama/chat_template.h"
#include "language/llama/model_loading.h"
#include "language/llama/prompt_tokens.h"

namespace myna::language {
namespace {

// Tokens that are computed together. A cancel is answered between operations in any case.
constexpr uint32_t kBatchTokens = 512;

int choose_context(const llama_model* model, const LlamaOptions& options) {
  if (options.context_tokens > 0) return options.context_tokens;
  const int trained = llama_model_n_ctx_train(model);
  return trained > 0 ? std::min(trained, LlamaOptions::kMostContext) : LlamaOptions::kMostContext;
}

LlamaContextHandle make_context(llama_model* model, const LlamaOptions& options, int tokens,
                                int threads) {
  llama_context_params parameters = llama_context_default_params();
  parameters.n_ctx = static_cast<uint32_t>(tokens) * static_cast<uint32_t>(options.chats);
  parameters.n_seq_max = static_cast<uint32_t>(options.chats);
  parameters.n_batch = std::min(kBatchTokens, static_cast<uint32_t>(tokens));
  parameters.n_ubatch = parameters.n_batch;
  parameters.n_outputs_max = static_cast<uint32_t>(options.chats);
  parameters.n_threads = threads;
  parameters.n_threads_batch = threads;
  parameters.no_perf = true;
  const LlamaComplaints complaints;
  LlamaContextHandle context(llama_init_from_model(model, parameters));
  if (!context) {
    throw Error(ErrorCode::kResourceExhausted,
                "there is no room for the model's caches: " + complaints.first("out of memory"),
                "take fewer chats at once or a shorter context");
  }
  return context;
}

}  // namespace

struct LlamaChatModel::State {
  LlamaModelHandle model;
  const llama_vocab* vocabulary = nullptr;
  LlamaContextHandle context;
  std::unique_ptr<ChatTemplate> chat_template;
  std::string name;
  int context_tokens = 0;
  int threads = 0;
  std::unique_ptr<BatchDecoder> decoder;  // last: it uses everything above
};

LlamaChatModel::LlamaChatModel(std::unique_ptr<State> state) : state_(std::move(state)) {}
LlamaChatModel::~LlamaChatModel() = default;

std::unique_ptr<LlamaChatModel> LlamaChatModel::open(const std::filesystem::path& path,
                                                     const LlamaOptions& options) {
  if (options.chats < 1 || options.chats > LlamaOptions::kMostChats) {
    throw Error(ErrorCode::kInvalidArgument, "between 1 and 64 chats can be computed together");
  }
  if (options.context_tokens != 0 &&
      (options.context_tokens < 64 || options.context_tokens > 1 << 20)) {
    throw Error(ErrorCode::kInvalidArgument, "a context has between 64 and 1048576 tokens");
  }
  auto state = std::make_unique<State>();
  LoadedModel loaded = load_llama_model(path, options.memory_bytes);
  state->model = std::move(loaded.model);
  state->name = std::move(loaded.name);
  const llama_model* model = state->model.get();
  state->vocabulary = llama_model_get_vocab(model);
  const char* source = llama_model_chat_template(model, nullptr);
  state->chat_template = std::make_unique<ChatTemplate>(
      source != nullptr ? source : "",
      spell_token(state->vocabulary, llama_vocab_bos(state->vocabulary)),
      spell_token(state->vocabulary, llama_vocab_eos(state->vocabulary)));
  state->threads = resolve_threads(options.threads);
  state->context_tokens = choose_context(model, options);
  state->context = make_context(state->model.get(), options, state->context_tokens, state->threads);
  state->context_tokens = static_cast<int>(llama_n_ctx_seq(state->context.get()));
  state->decoder = std::make_unique<BatchDecoder>(model, state->context.get(), options.chats,
                                                  state->context_tokens);
  return std::unique_ptr<LlamaChatModel>(new LlamaChatModel(std::move(state)));
}

Answer LlamaChatModel::answer(const AnswerRequest& request, const OnText& on_text) {
  if (request.messages.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "there is no message to answer");
  }
  const auto limit = static_cast<size_t>(state_->context_tokens);
  DecodeJob job{
      tokenize_prompt(state_->vocabulary, state_->chat_template->render(request.messages), limit),
      nullptr, AnswerText(request.stop), request.max_tokens, request.cancel};
  if (job.prompt.size() >= limit) {
    throw Error(
        ErrorCode::kResourceExhausted,
        fmt::format("the conversation has more than the {} tokens that the model takes", limit),
        "shorten it, or open the model with a longer context");
  }
  if (job.prompt.empty()) {
    throw Error(ErrorCode::kCorruptData, "the model's chat template writes nothing");
  }
  job.sampler = std::make_unique<TokenSampler>(state_->vocabulary, request.sampling, request.form);
  return state_->decoder->run(std::move(job), on_text);
}

int LlamaChatModel::count_tokens(std::span<const Message> messages) {
  const auto limit = static_cast<size_t>(state_->context_tokens);
  return static_cast<int>(
      tokenize_prompt(state_->vocabulary, state_->chat_template->render(messages), limit).size());
}

int LlamaChatModel::context_tokens() const { return state_->context_tokens; }
const std::string& LlamaChatModel::name() const { return state_->name; }
int LlamaChatModel::threads() const { return state_->threads; }

std::string LlamaChatModel::render(std::span<const Message> messages) const {
  std::string text;
  for (const PromptPart& part : state_->chat_template->render(messages)) text += part.text;
  return text;
}

}  // namespace myna::language
