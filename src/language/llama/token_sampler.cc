#include "language/llama/token_sampler.h"

#include <json-schema-to-grammar.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <span>

#include "base/error.h"

namespace myna::language {
namespace {

LlamaSamplerHandle make_chain(const Sampling& sampling) {
  if (sampling.temperature <= 0) return nullptr;
  LlamaSamplerHandle chain(llama_sampler_chain_init({true}));
  if (sampling.top_p < 1) {
    llama_sampler_chain_add(chain.get(), llama_sampler_init_top_p(sampling.top_p, 1));
  }
  if (sampling.min_p > 0) {
    llama_sampler_chain_add(chain.get(), llama_sampler_init_min_p(sampling.min_p, 1));
  }
  llama_sampler_chain_add(chain.get(), llama_sampler_init_temp(sampling.temperature));
  const uint32_t seed = sampling.seed != 0 ? sampling.seed : std::random_device()();
  llama_sampler_chain_add(chain.get(), llama_sampler_init_dist(seed));
  return chain;
}

LlamaSamplerHandle make_grammar(const llama_vocab* vocabulary, const AnswerForm& form) {
  if (form.kind == AnswerForm::Kind::kFree) return nullptr;
  const std::string grammar =
      form.kind == AnswerForm::Kind::kGrammar ? form.text : grammar_of_schema(form.text);
  const LlamaComplaints complaints;
  LlamaSamplerHandle sampler(llama_sampler_init_grammar(vocabulary, grammar.c_str(), "root"));
  if (!sampler || grammar.empty()) {
    throw Error(ErrorCode::kInvalidArgument,
                "the grammar does not parse: " + complaints.first("it has no rule `root`"),
                "grammars are GBNF, as llama.cpp describes it");
  }
  return sampler;
}

bool likelier(const llama_token_data& a, const llama_token_data& b) { return a.logit > b.logit; }

// The first of the largest. In lanes, which compilers turn into vectors: std::max_element takes as
// long over 49,000 logits as a fiftieth of a small model's step.
llama_token likeliest(std::span<const float> logits) {
  constexpr size_t kLanes = 32;
  std::array<float, kLanes> most;
  most.fill(-INFINITY);
  const size_t whole = logits.size() / kLanes * kLanes;
  for (size_t i = 0; i < whole; i += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane) {
      const float logit = logits[i + lane];
      most[lane] = logit > most[lane] ? logit : most[lane];
    }
  }
  float largest = *std::max_element(most.begin(), most.end());
  for (const float logit : logits.subspan(whole)) largest = std::max(largest, logit);
  const auto found = std::find(logits.begin(), logits.end(), largest);
  return found == logits.end() ? 0 : static_cast<llama_token>(found - logits.begin());
}

}  // namespace

std::string grammar_of_schema(const std::string& json_schema) {
  try {
    return json_schema_to_grammar(common_json::parse(json_schema));
  } catch (const std::exception& error) {
    throw Error(ErrorCode::kInvalidArgument,
                std::string("the JSON schema cannot be used: ") + error.what());
  }
}

TokenSampler::TokenSampler(const llama_vocab* vocabulary, const Sampling& sampling,
                           const AnswerForm& form)
    : vocabulary_size_(llama_vocab_n_tokens(vocabulary)), sampling_(sampling) {
  check_sampling(sampling);
  chain_ = make_chain(sampling);
  grammar_ = make_grammar(vocabulary, form);
}

void TokenSampler::penalise(float* logits) const {
  if (sampling_.repeat_penalty == 1 || recent_.empty()) return;
  std::vector<llama_token> once(recent_.begin(), recent_.end());
  std::sort(once.begin(), once.end());
  once.erase(std::unique(once.begin(), once.end()), once.end());
  for (const llama_token token : once) {
    float& logit = logits[token];
    logit = logit > 0 ? logit / sampling_.repeat_penalty : logit * sampling_.repeat_penalty;
  }
}

llama_token TokenSampler::pick(llama_token_data_array& candidates) {
  if (!chain_) {
    return std::max_element(candidates.data, candidates.data + candidates.size,
                            [](const auto& a, const auto& b) { return likelier(b, a); })
        ->id;
  }
  llama_sampler_apply(chain_.get(), &candidates);
  return candidates.data[candidates.selected].id;
}

// One pass over the vocabulary with a heap of the k likeliest: sorting all of it costs as much as a
// tenth of a small model's step.
llama_token TokenSampler::draw(float* logits) {
  if (!chain_) return likeliest({logits, static_cast<size_t>(vocabulary_size_)});
  candidates_.clear();
  const auto limit = static_cast<size_t>(
      sampling_.top_k > 0 ? std::min(sampling_.top_k, vocabulary_size_) : vocabulary_size_);
  float least = -INFINITY;
  for (llama_token token = 0; token < vocabulary_size_; ++token) {
    if (candidates_.size() == limit && logits[token] <= least) continue;
    candidates_.push_back({token, logits[token], 0});
    if (limit == static_cast<size_t>(vocabulary_size_)) continue;
    std::push_heap(candidates_.begin(), candidates_.end(), likelier);
    if (candidates_.size() > limit) {
      std::pop_heap(candidates_.begin(), candidates_.end(), likelier);
      candidates_.pop_back();
    }
    least = candidates_.front().logit;
  }
  std::sort(candidates_.begin(), candidates_.end(), likelier);
  llama_token_data_array array{candidates_.data(), candidates_.size(), -1, true};
  return pick(array);
}

bool TokenSampler::fits_grammar(llama_token token) {
  llama_token_data one{token, 1, 0};
  llama_token_data_array array{&one, 1, -1, false};
  llama_sampler_apply(grammar_.get(), &array);
  return std::isfinite(one.logit);
}

// The slow way, for when what was drawn does not fit.
llama_token TokenSampler::draw_within_grammar(const float* logits) {
  candidates_.clear();
  for (llama_token token = 0; token < vocabulary_size_; ++token) {
    candidates_.push_back({token, logits[token], 0});
  }
  llama_token_data_array array{candidates_.data(), candidates_.size(), -1, false};
  llama_sampler_apply(grammar_.get(), &array);
  const auto end =
      std::partition(candidates_.begin(), candidates_.end(),
                     [](const auto& candidate) { return std::isfinite(candidate.logit); });
  if (end == candidates_.begin()) {
    throw Error(ErrorCode::kInvalidArgument, "the grammar allows nothing at this place",
                "what it wants cannot be written with this model's tokens");
  }
  const auto fitting = static_cast<size_t>(end - candidates_.begin());
  const size_t limit =
      sampling_.top_k > 0 ? std::min(fitting, static_cast<size_t>(sampling_.top_k)) : fitting;
  std::partial_sort(candidates_.begin(), candidates_.begin() + static_cast<ptrdiff_t>(limit), end,
                    likelier);
  array = {candidates_.data(), limit, -1, true};
  return pick(array);
}

llama_token TokenSampler::sample(float* logits) {
  penalise(logits);
  llama_token token = draw(logits);
  if (grammar_) {
    if (!fits_grammar(token)) token = draw_within_grammar(logits);
    llama_sampler_accept(grammar_.get(), token);
  }
  if (sampling_.repeat_window > 0) {
    recent_.push_back(token);
    if (recent_.size() > static_cast<size_t>(sampling_.repeat_window)) recent_.pop_front();
  }
  return token;
}

}  // namespace myna::language
