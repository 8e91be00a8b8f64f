// Several conversations on one llama.cpp context, computed together: each step decodes one token of
// every answer in work and, with the room that is left in the batch, a part of the prompts that
// wait. Each place keeps what it has computed, so that the next turn of a conversation begins
// where the last one ended. Private to language/llama.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "language/answer_text.h"
#include "language/chat_model.h"
#include "language/llama/llama_library.h"
#include "language/llama/token_sampler.h"

namespace myna::language {

// An answer on its way.
struct DecodeJob {
  std::vector<llama_token> prompt;  // not empty
  std::unique_ptr<TokenSampler> sampler;
  AnswerText text;
  int max_tokens = 0;  // 0: no limit
  const std::atomic<bool>* cancel = nullptr;
};

class BatchDecoder {
 public:
  // `context` has room for `places` sequences of place_tokens each; model and context outlive it.
  BatchDecoder(const llama_model* model, llama_context* context, int places, int place_tokens);
  // Ends what is in work as cancelled.
  ~BatchDecoder();
  BatchDecoder(const BatchDecoder&) = delete;
  BatchDecoder& operator=(const BatchDecoder&) = delete;

  // Blocks. Safe from many threads; those above `places` wait their turn. `on_text` is called on
  // this thread. Throws what it throws, and Error kInternal when llama.cpp fails.
  Answer run(DecodeJob job, const ChatModel::OnText& on_text);

 private:
  struct Task;
  struct Place;

  void work();
  bool take_tasks();
  void decode_step();
  int fill_batch();
  void sample_place(Place& place);
  void finish(Place& place, AnswerEnd end);
  void fail_all(const std::string& why);
  void assign(Place& place, std::shared_ptr<Task> task);
  Place* choose_place(const Task& task);
  bool all_cancelled() const;
  static bool should_abort(void* self);

  const llama_vocab* vocabulary_;
  llama_context* context_;
  int place_tokens_;
  int batch_tokens_;
  llama_batch batch_;
  std::vector<Place> places_;  // the worker's alone
  uint64_t clock_ = 0;

  std::mutex mutex_;  // guards waiting_, stop_ and what a Task shares
  std::condition_variable changed_;
  std::deque<std::shared_ptr<Task>> waiting_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;  // last: it uses everything above
};

}  // namespace myna::language
