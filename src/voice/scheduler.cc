#include "voice/scheduler.h"

#include <algorithm>
#include <deque>
#include <exception>
#include <string>
#include <utility>

#include "base/error.h"

namespace myna::voice {
namespace {

constexpr std::chrono::milliseconds kCancelPoll(10);
// What a piece costs besides its phonemes: many tiny ones are not free.
constexpr double kPieceCost = 20;

bool is_cancelled(const SynthesisRequest& request) {
  return request.cancel != nullptr && request.cancel->load(std::memory_order_relaxed);
}

}  // namespace

struct SynthesisScheduler::Piece {
  enum class State : uint8_t { kWaiting, kInWork, kDone };

  const SynthesisRequest* request = nullptr;
  State state = State::kWaiting;
  std::optional<Clock::time_point> deadline;
  Speech speech;
  std::exception_ptr error;

  double cost() const { return kPieceCost + static_cast<double>(request->phonemes.size()); }
};

struct SynthesisScheduler::FlowState {
  FlowOptions options;
  double served = 0;  // virtual time at which its next piece is due
  std::deque<Piece*> waiting;
};

class SynthesisScheduler::Flow final : public Voice {
 public:
  Flow(SynthesisScheduler& scheduler, FlowState& state) : scheduler_(scheduler), state_(state) {}
  ~Flow() override { scheduler_.close(state_); }

  std::string_view tier() const override { return voice().tier(); }
  int sample_rate() const override { return voice().sample_rate(); }
  std::span<const Speaker> speakers() const override { return voice().speakers(); }
  size_t max_phonemes() const override { return voice().max_phonemes(); }
  bool has_symbol(char32_t symbol) const override { return voice().has_symbol(symbol); }
  size_t preferred_batch_items() const override { return voice().preferred_batch_items(); }
  Speech synthesize(const SynthesisRequest& request) override {
    return std::move(scheduler_.speak(state_, {&request, 1}).front());
  }
  // Too little work to queue for.
  Speech foretell(const SynthesisRequest& request) override {
    return scheduler_.voice_.foretell(request);
  }
  std::vector<Speech> synthesize_batch(std::span<const SynthesisRequest> requests) override {
    return scheduler_.speak(state_, requests);
  }

 private:
  const Voice& voice() const { return scheduler_.voice_; }

  SynthesisScheduler& scheduler_;
  FlowState& state_;
};

SynthesisScheduler::SynthesisScheduler(Voice& voice, const SchedulerOptions& options)
    : voice_(voice), options_(options) {
  if (options_.max_waiting == 0 || options_.max_flows == 0 || options_.workers == 0) {
    throw Error(ErrorCode::kInvalidArgument, "a scheduler needs a queue, flows and workers");
  }
  if (options_.max_batch == 0)
    options_.max_batch = std::max<size_t>(1, voice.preferred_batch_items());
  for (size_t i = 0; i < options_.workers; ++i) workers_.emplace_back([this] { work(); });
}

SynthesisScheduler::~SynthesisScheduler() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  work_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

std::unique_ptr<Voice> SynthesisScheduler::open(const FlowOptions& options) {
  if (!(options.weight >= 0.01 && options.weight <= 100)) {
    throw Error(ErrorCode::kInvalidArgument, "the weight of a flow is outside 0.01 to 100");
  }
  const std::lock_guard lock(mutex_);
  if (flows_.size() >= options_.max_flows) {
    throw Error(ErrorCode::kResourceExhausted,
                "the voice already serves " + std::to_string(flows_.size()) + " requests",
                "try again later");
  }
  flows_.push_back({options, virtual_time_, {}});
  return std::make_unique<Flow>(*this, flows_.back());
}

void SynthesisScheduler::close(FlowState& flow) {
  const std::lock_guard lock(mutex_);
  flows_.remove_if([&](const FlowState& other) { return &other == &flow; });
}

SchedulerStatistics SynthesisScheduler::statistics() const {
  const std::lock_guard lock(mutex_);
  SchedulerStatistics statistics = statistics_;
  statistics.flows = flows_.size();
  return statistics;
}

void SynthesisScheduler::add(FlowState& flow, std::span<Piece> pieces) {
  if (statistics_.waiting + pieces.size() > options_.max_waiting) {
    ++statistics_.refused;
    throw Error(ErrorCode::kResourceExhausted,
                "the voice is busy: " + std::to_string(statistics_.waiting) +
                    " pieces wait, the limit is " + std::to_string(options_.max_waiting),
                "try again later");
  }
  // Time in which it asked for nothing is not saved up.
  if (flow.waiting.empty()) flow.served = std::max(flow.served, virtual_time_);
  for (Piece& piece : pieces) {
    if (flow.options.patience) piece.deadline = Clock::now() + *flow.options.patience;
    flow.waiting.push_back(&piece);
  }
  statistics_.waiting += pieces.size();
  work_.notify_all();
}

std::vector<Speech> SynthesisScheduler::speak(FlowState& flow,
                                              std::span<const SynthesisRequest> requests) {
  std::vector<Piece> pieces(requests.size());
  for (size_t i = 0; i < requests.size(); ++i) pieces[i].request = &requests[i];
  std::unique_lock lock(mutex_);
  add(flow, pieces);
  std::exception_ptr error;
  for (;;) {
    expire(Clock::now());
    const auto failed = std::find_if(pieces.begin(), pieces.end(), [](const Piece& piece) {
      return piece.state == Piece::State::kDone && piece.error;
    });
    const bool cancelled = std::any_of(requests.begin(), requests.end(), is_cancelled);
    if (failed != pieces.end()) {
      error = failed->error;
    } else if (cancelled) {
      error = std::make_exception_ptr(Error(ErrorCode::kCancelled, "synthesis was cancelled"));
    }
    const bool done = std::all_of(pieces.begin(), pieces.end(), [](const Piece& piece) {
      return piece.state == Piece::State::kDone;
    });
    if (error || done) break;
    done_.wait_for(lock, kCancelPoll);
  }
  withdraw(lock, pieces);
  if (error) std::rethrow_exception(error);
  std::vector<Speech> speech;
  speech.reserve(pieces.size());
  for (Piece& piece : pieces) speech.push_back(std::move(piece.speech));
  return speech;
}

void SynthesisScheduler::withdraw(std::unique_lock<std::mutex>& lock, std::span<Piece> pieces) {
  const auto is_ours = [&](const Piece* piece) {
    return piece >= pieces.data() && piece < pieces.data() + pieces.size();
  };
  for (FlowState& flow : flows_) {
    const size_t gone = std::erase_if(flow.waiting, is_ours);
    statistics_.waiting -= gone;
    statistics_.failed += gone;
  }
  // The voice looks at the same flags.
  done_.wait(lock, [&] {
    return std::none_of(pieces.begin(), pieces.end(),
                        [](const Piece& piece) { return piece.state == Piece::State::kInWork; });
  });
}

void SynthesisScheduler::expire(Clock::time_point now) {
  for (FlowState& flow : flows_) {
    std::erase_if(flow.waiting, [&](Piece* piece) {
      if (!piece->deadline || *piece->deadline > now) return false;
      piece->state = Piece::State::kDone;
      piece->error = std::make_exception_ptr(
          Error(ErrorCode::kResourceExhausted, "the voice was busy until the deadline had passed",
                "try again later"));
      --statistics_.waiting;
      ++statistics_.expired;
      return true;
    });
  }
}

// The fairest first. Pieces of one flow may go together too: then nobody else waits, or less.
std::vector<SynthesisScheduler::Piece*> SynthesisScheduler::next_batch() {
  std::vector<Piece*> batch;
  while (batch.size() < options_.max_batch) {
    FlowState* next = nullptr;
    for (FlowState& flow : flows_) {
      if (!flow.waiting.empty() && (next == nullptr || flow.served < next->served)) next = &flow;
    }
    if (next == nullptr) break;
    Piece* piece = next->waiting.front();
    next->waiting.pop_front();
    --statistics_.waiting;
    virtual_time_ = std::max(virtual_time_, next->served);
    next->served += piece->cost() / next->options.weight;
    piece->state = Piece::State::kInWork;
    batch.push_back(piece);
  }
  return batch;
}

void SynthesisScheduler::synthesize(const std::vector<Piece*>& batch) {
  if (batch.size() > 1) {
    std::vector<SynthesisRequest> requests;
    requests.reserve(batch.size());
    for (const Piece* piece : batch) requests.push_back(*piece->request);
    try {
      std::vector<Speech> speech = voice_.synthesize_batch(requests);
      for (size_t i = 0; i < batch.size(); ++i) batch[i]->speech = std::move(speech[i]);
      return;
    } catch (...) {
      // One that was cancelled or is wrong ends a batch; the others have done nothing.
    }
  }
  for (Piece* piece : batch) {
    try {
      piece->speech = voice_.synthesize(*piece->request);
    } catch (...) {
      piece->error = std::current_exception();
    }
  }
}

void SynthesisScheduler::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    work_.wait(lock, [this] { return stop_ || statistics_.waiting > 0; });
    if (stop_) return;
    expire(Clock::now());
    const std::vector<Piece*> batch = next_batch();
    if (!batch.empty()) {
      lock.unlock();
      synthesize(batch);
      lock.lock();
      for (Piece* piece : batch) {
        piece->state = Piece::State::kDone;
        ++(piece->error ? statistics_.failed : statistics_.pieces);
      }
      ++statistics_.batches;
    }
    done_.notify_all();
  }
}

}  // namespace myna::voice
