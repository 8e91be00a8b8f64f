#include "language/llama/text_scorer.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "language/llama/model_loading.h"
#include "language/llama/prompt_tokens.h"

namespace myna::language {
namespace {

constexpr int kBatchTokens = 256;

struct BatchCloser {
  void operator()(llama_batch* batch) const {
    llama_batch_free(*batch);
    delete batch;
  }
};

double log_probability_of(const float* logits, int count, llama_token token) {
  const float most = *std::max_element(logits, logits + count);
  double sum = 0;
  for (int i = 0; i < count; ++i) sum += std::exp(logits[i] - most);
  return logits[token] - most - std::log(sum);
}

}  // namespace

struct TextScorer::State {
  LoadedModel loaded;
  const llama_vocab* vocabulary = nullptr;
  LlamaContextHandle context;
  std::unique_ptr<llama_batch, BatchCloser> batch;
  llama_token begin = LLAMA_TOKEN_NULL;
  std::vector<llama_token> held;  // computed, from position 0

  // The sum over tokens[first..]; first > 0.
  double score(const std::vector<llama_token>& tokens, size_t first) {
    const auto same = std::mismatch(tokens.begin(), tokens.end(), held.begin(), held.end()).first;
    // The token before the first scored one is computed again: its logits say how likely that is.
    size_t at = std::min(static_cast<size_t>(same - tokens.begin()), first - 1);
    llama_memory_t memory = llama_get_memory(context.get());
    if (!llama_memory_seq_rm(memory, 0, static_cast<llama_pos>(at), -1)) {
      llama_memory_seq_rm(memory, 0, -1, -1);
      at = 0;
    }
    held.resize(at);
    const int count = llama_vocab_n_tokens(vocabulary);
    double sum = 0;
    while (at + 1 < tokens.size()) {  // the last token predicts nothing that is asked for
      const size_t size = std::min<size_t>(kBatchTokens, tokens.size() - 1 - at);
      batch->n_tokens = static_cast<int>(size);
      for (size_t i = 0; i < size; ++i) {
        batch->token[i] = tokens[at + i];
        batch->pos[i] = static_cast<llama_pos>(at + i);
        batch->n_seq_id[i] = 1;
        batch->seq_id[i][0] = 0;
        batch->logits[i] = static_cast<int8_t>(at + i + 1 >= first);
      }
      if (llama_decode(context.get(), *batch) != 0) {
        throw Error(ErrorCode::kInternal, "llama.cpp cannot compute");
      }
      for (size_t i = 0; i < size; ++i) {
        if (at + i + 1 < first) continue;
        sum += log_probability_of(llama_get_logits_ith(context.get(), static_cast<int>(i)), count,
                                  tokens[at + i + 1]);
      }
      held.insert(held.end(), tokens.begin() + static_cast<ptrdiff_t>(at),
                  tokens.begin() + static_cast<ptrdiff_t>(at + size));
      at += size;
    }
    return sum;
  }
};

TextScorer::TextScorer(std::unique_ptr<State> state) : state_(std::move(state)) {}
TextScorer::~TextScorer() = default;
TextScorer::TextScorer(TextScorer&&) noexcept = default;
TextScorer& TextScorer::operator=(TextScorer&&) noexcept = default;

TextScorer TextScorer::open(const std::filesystem::path& path, int threads) {
  auto state = std::make_unique<State>();
  state->loaded = load_llama_model(path);
  state->vocabulary = llama_model_get_vocab(state->loaded.model.get());
  llama_context_params parameters = llama_context_default_params();
  parameters.n_ctx = kContextTokens;
  parameters.n_batch = parameters.n_ubatch = kBatchTokens;
  parameters.n_threads = parameters.n_threads_batch = resolve_threads(threads);
  parameters.no_perf = true;
  state->context.reset(llama_init_from_model(state->loaded.model.get(), parameters));
  if (!state->context) {
    throw Error(ErrorCode::kResourceExhausted, "there is no room for the model's caches");
  }
  state->batch.reset(new llama_batch(llama_batch_init(kBatchTokens, 0, 1)));
  state->begin = llama_vocab_bos(state->vocabulary);
  if (state->begin == LLAMA_TOKEN_NULL) state->begin = llama_vocab_eos(state->vocabulary);
  return TextScorer(std::move(state));
}

TextScore TextScorer::score(std::string_view before, std::string_view text) {
  const auto prefix = tokenize(state_->vocabulary, before, ControlTokens::kPlain);
  auto tokens =
      tokenize(state_->vocabulary, std::string(before) + std::string(text), ControlTokens::kPlain);
  tokens.insert(tokens.begin(), state_->begin);
  const size_t first = std::min(prefix.size() + 1, tokens.size());
  if (tokens.size() > kContextTokens) {
    throw Error(ErrorCode::kResourceExhausted, "the text has more than 1024 tokens");
  }
  return {state_->score(tokens, first), static_cast<int>(tokens.size() - first)};
}

TextScore TextScorer::score_long(std::string_view text) {
  const auto all = tokenize(state_->vocabulary, text, ControlTokens::kPlain);
  constexpr size_t kStep = kContextTokens / 2;
  TextScore score;
  for (size_t done = 0; done < all.size();) {
    const size_t end = std::min(all.size(), done + (done == 0 ? 2 * kStep - 1 : kStep));
    const size_t from = done == 0 ? 0 : end - std::min(end, 2 * kStep - 1);
    std::vector<llama_token> window = {state_->begin};
    window.insert(window.end(), all.begin() + static_cast<ptrdiff_t>(from),
                  all.begin() + static_cast<ptrdiff_t>(end));
    score.log_probability += state_->score(window, done - from + 1);
    score.tokens += static_cast<int>(end - done);
    done = end;
  }
  return score;
}

const std::string& TextScorer::name() const { return state_->loaded.name; }

}  // namespace myna::language
