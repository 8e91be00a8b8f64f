#include "language/llama/batch_decoder.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>

#include "base/error.h"

namespace myna::language {
namespace {

using Clock = std::chrono::steady_clock;

double seconds(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

size_t common_prefix(std::span<const llama_token> a, std::span<const llama_token> b) {
  return static_cast<size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first -
                             a.begin());
}

// Waking who waits for text costs a small model a fiftieth of its speed when it is done for every
// token; nobody reads faster than this.
constexpr auto kShowEvery = std::chrono::milliseconds(25);

}  // namespace

// What the caller and the worker share. Under mutex_: ready, done, error, given_up.
struct BatchDecoder::Task {
  explicit Task(DecodeJob wanted) : job(std::move(wanted)) {}

  DecodeJob job;
  Answer answer;
  Clock::time_point begun, first_token, last_token;
  Clock::time_point shown;  // when the caller was last woken for text
  std::string ready;        // shown next
  bool done = false;
  std::exception_ptr error;
  std::atomic<bool> given_up = false;

  bool cancelled() const {
    return given_up || (job.cancel != nullptr && job.cancel->load(std::memory_order_relaxed));
  }
};

// A sequence of the context and what it holds.
struct BatchDecoder::Place {
  llama_seq_id sequence = 0;
  std::vector<llama_token> held;     // computed: token i is at position i
  std::vector<llama_token> pending;  // of the task, to be computed next
  size_t in_batch = 0;               // of pending, in the batch that is computed now
  int output = -1;                   // its last token's place in the batch, when that gives logits
  uint64_t last_used = 0;
  std::shared_ptr<Task> task;
};

BatchDecoder::BatchDecoder(const llama_model* model, llama_context* context, int places,
                           int place_tokens)
    : vocabulary_(llama_model_get_vocab(model)),
      context_(context),
      place_tokens_(place_tokens),
      batch_tokens_(static_cast<int>(llama_n_batch(context))),
      batch_(llama_batch_init(batch_tokens_, 0, 1)),
      places_(static_cast<size_t>(places)) {
  for (int i = 0; i < places; ++i) places_[static_cast<size_t>(i)].sequence = i;
  llama_set_abort_callback(context_, &BatchDecoder::should_abort, this);
  thread_ = std::thread([this] { work(); });
}

BatchDecoder::~BatchDecoder() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
  llama_batch_free(batch_);
}

Answer BatchDecoder::run(DecodeJob job, const ChatModel::OnText& on_text) {
  const auto task = std::make_shared<Task>(std::move(job));
  std::unique_lock lock(mutex_);
  waiting_.push_back(task);
  changed_.notify_all();
  std::string shown;
  try {
    while (true) {
      // Woken now and then, because nobody says when a flag is set, or when the last text came
      // too soon after the one before to be worth a call.
      while (!changed_.wait_for(lock, std::chrono::milliseconds(50),
                                [&] { return task->done || !task->ready.empty(); })) {
        if (task->cancelled() && std::erase(waiting_, task) > 0) {
          task->answer.end = AnswerEnd::kCancelled;
          task->done = true;
        }
      }
      shown.clear();
      shown.swap(task->ready);
      const bool done = task->done;
      lock.unlock();
      if (!shown.empty() && on_text) on_text(shown);
      lock.lock();
      if (done && task->ready.empty()) break;
    }
  } catch (...) {
    task->given_up = true;
    throw;
  }
  if (task->error) std::rethrow_exception(task->error);
  return std::move(task->answer);
}

bool BatchDecoder::all_cancelled() const {
  return std::all_of(places_.begin(), places_.end(),
                     [](const Place& place) { return !place.task || place.task->cancelled(); });
}

// Called by llama.cpp between operations, on its threads.
bool BatchDecoder::should_abort(void* self) {
  const auto* decoder = static_cast<const BatchDecoder*>(self);
  return decoder->stop_ || decoder->all_cancelled();
}

// A place that holds at least half of its tokens in common with the prompt goes on with that
// conversation; otherwise the one that was not used for longest loses what it has.
BatchDecoder::Place* BatchDecoder::choose_place(const Task& task) {
  Place* best = nullptr;
  Place* oldest = nullptr;
  size_t best_common = 0;
  for (Place& place : places_) {
    if (place.task) continue;
    const size_t common = common_prefix(place.held, task.job.prompt);
    if (common > best_common && 2 * common >= place.held.size()) {
      best = &place;
      best_common = common;
    }
    if (oldest == nullptr || place.last_used < oldest->last_used) oldest = &place;
  }
  return best != nullptr ? best : oldest;
}

void BatchDecoder::assign(Place& place, std::shared_ptr<Task> task) {
  const std::vector<llama_token>& prompt = task->job.prompt;
  // The last token is computed in any case: its logits are the answer's beginning.
  size_t common = std::min(common_prefix(place.held, prompt), prompt.size() - 1);
  llama_memory_t memory = llama_get_memory(context_);
  if (!llama_memory_seq_rm(memory, place.sequence, static_cast<llama_pos>(common), -1)) {
    // Recurrent models keep a state that cannot be cut.
    llama_memory_seq_rm(memory, place.sequence, -1, -1);
    common = 0;
  }
  place.held.resize(common);
  place.pending.assign(prompt.begin() + static_cast<ptrdiff_t>(common), prompt.end());
  place.last_used = ++clock_;
  task->answer.statistics.prompt_tokens = static_cast<int>(prompt.size());
  task->answer.statistics.reused_tokens = static_cast<int>(common);
  task->begun = Clock::now();
  place.task = std::move(task);
}

void BatchDecoder::finish(Place& place, AnswerEnd end) {
  Task& task = *place.task;
  AnswerStatistics& statistics = task.answer.statistics;
  if (statistics.answer_tokens > 0) {
    statistics.prompt_s = seconds(task.begun, task.first_token);
    statistics.answer_s = seconds(task.first_token, task.last_token);
  }
  const std::string rest = task.job.text.stopped() ? "" : task.job.text.finish();
  task.answer.text += rest;
  task.answer.end = end;
  {
    const std::lock_guard lock(mutex_);
    task.ready += rest;
    task.done = true;
  }
  changed_.notify_all();
  place.pending.clear();
  place.task.reset();
}

// False: nothing to do, or the end.
bool BatchDecoder::take_tasks() {
  std::unique_lock lock(mutex_);
  const auto busy = [this] {
    return std::any_of(places_.begin(), places_.end(), [](const Place& p) { return p.task; });
  };
  if (!busy()) changed_.wait(lock, [this] { return stop_ || !waiting_.empty(); });
  if (stop_) return false;
  while (!waiting_.empty()) {
    Place* place = choose_place(*waiting_.front());
    if (place == nullptr) break;
    assign(*place, std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return true;
}

// Tokens of answers first, then prompts in the order in which they came.
int BatchDecoder::fill_batch() {
  batch_.n_tokens = 0;
  std::vector<Place*> order;
  for (Place& place : places_) {
    place.in_batch = 0;
    place.output = -1;
    if (place.task) order.push_back(&place);
  }
  std::sort(order.begin(), order.end(), [](const Place* a, const Place* b) {
    return std::make_pair(a->pending.size() > 1, a->last_used) <
           std::make_pair(b->pending.size() > 1, b->last_used);
  });
  for (Place* place : order) {
    const auto room = static_cast<size_t>(batch_tokens_ - batch_.n_tokens);
    place->in_batch = std::min(room, place->pending.size());
    const bool whole = place->in_batch == place->pending.size();
    for (size_t i = 0; i < place->in_batch; ++i) {
      const int at = batch_.n_tokens++;
      batch_.token[at] = place->pending[i];
      batch_.pos[at] = static_cast<llama_pos>(place->held.size() + i);
      batch_.n_seq_id[at] = 1;
      batch_.seq_id[at][0] = place->sequence;
      batch_.logits[at] = static_cast<int8_t>(whole && i + 1 == place->in_batch);
    }
    if (whole) place->output = batch_.n_tokens - 1;
  }
  return batch_.n_tokens;
}

void BatchDecoder::sample_place(Place& place) {
  Task& task = *place.task;
  const llama_token token = task.job.sampler->sample(llama_get_logits_ith(context_, place.output));
  AnswerStatistics& statistics = task.answer.statistics;
  task.last_token = Clock::now();
  if (statistics.answer_tokens == 0) task.first_token = task.last_token;
  if (llama_vocab_is_eog(vocabulary_, token)) {
    if (statistics.answer_tokens == 0) statistics.prompt_s = seconds(task.begun, task.last_token);
    finish(place, AnswerEnd::kComplete);
    return;
  }
  ++statistics.answer_tokens;
  std::array<char, 256> small{};
  std::string piece;
  const int length = llama_token_to_piece(vocabulary_, token, small.data(),
                                          static_cast<int>(small.size()), 0, false);
  if (length < 0) {
    piece.resize(static_cast<size_t>(-length));
    llama_token_to_piece(vocabulary_, token, piece.data(), -length, 0, false);
  } else {
    piece.assign(small.data(), static_cast<size_t>(length));
  }
  const std::string shown = task.job.text.append(piece);
  if (!shown.empty()) {
    task.answer.text += shown;
    {
      const std::lock_guard lock(mutex_);
      task.ready += shown;
    }
    if (task.last_token - task.shown >= kShowEvery) {
      task.shown = task.last_token;
      changed_.notify_all();
    }
  }
  if (task.job.text.stopped()) {
    finish(place, AnswerEnd::kStopText);
  } else if (task.job.max_tokens > 0 && statistics.answer_tokens >= task.job.max_tokens) {
    finish(place, AnswerEnd::kTokenLimit);
  } else if (place.held.size() + 1 >= static_cast<size_t>(place_tokens_)) {
    finish(place, AnswerEnd::kContextFull);
  } else {
    place.pending.assign(1, token);
  }
}

void BatchDecoder::fail_all(const std::string& why) {
  for (Place& place : places_) {
    llama_memory_seq_rm(llama_get_memory(context_), place.sequence, -1, -1);
    place.held.clear();
    if (!place.task) continue;
    place.task->error = std::make_exception_ptr(Error(ErrorCode::kInternal, why));
    finish(place, AnswerEnd::kCancelled);
  }
}

void BatchDecoder::decode_step() {
  for (Place& place : places_) {
    if (place.task && place.task->cancelled()) finish(place, AnswerEnd::kCancelled);
  }
  if (fill_batch() == 0) return;
  const LlamaComplaints complaints;
  const int result = llama_decode(context_, batch_);
  if (result == 2) {  // aborted: part of the batch may be in the memory, and nobody wants it
    for (Place& place : places_) {
      llama_memory_seq_rm(llama_get_memory(context_), place.sequence,
                          static_cast<llama_pos>(place.held.size()), -1);
    }
    return;
  }
  if (result != 0) {
    fail_all("llama.cpp cannot compute: " + complaints.first("error " + std::to_string(result)));
    return;
  }
  for (Place& place : places_) {
    if (!place.task || place.in_batch == 0) continue;
    const auto end = place.pending.begin() + static_cast<ptrdiff_t>(place.in_batch);
    place.held.insert(place.held.end(), place.pending.begin(), end);
    place.pending.erase(place.pending.begin(), end);
    if (place.output < 0) continue;
    try {
      sample_place(place);
    } catch (...) {
      if (!place.task) continue;
      place.task->error = std::current_exception();
      finish(place, AnswerEnd::kCancelled);
    }
  }
}

void BatchDecoder::work() {
  while (take_tasks()) decode_step();
  for (Place& place : places_) {
    if (place.task) finish(place, AnswerEnd::kCancelled);
  }
  std::unique_lock lock(mutex_);
  for (const auto& task : waiting_) {
    task->done = true;
    task->answer.end = AnswerEnd::kCancelled;
  }
  waiting_.clear();
  lock.unlock();
  changed_.notify_all();
}

}  // namespace myna::language
