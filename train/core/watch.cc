#include "train/core/watch.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <torch/csrc/distributed/c10d/Store.hpp>
#include <vector>

#include "train/core/run_log.h"

namespace myna::train {
namespace {

constexpr auto kBeat = std::chrono::milliseconds(500);
constexpr const char* kVerdict = "watch/verdict";
constexpr const char* kDoubt = "watch/doubt";
constexpr const char* kGone = "watch/gone";  // how many have left

std::vector<uint8_t> bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

}  // namespace

// Lives on with the thread when that hangs in a store that answers no more.
struct Watch::State {
  c10::intrusive_ptr<c10d::Store> store;
  int rank = 0, processes = 1;
  bool store_is_launchers = false;
  Limits limits;

  std::mutex mutex;
  std::condition_variable changed;
  std::string verdict;
  std::string failure;  // of this process
  bool doubt = false, leaving = false, ended = false;

  // Of rank 0: what each process said last, and when that was new.
  struct Seen {
    std::vector<uint8_t> pulse;
    double at_s = now_s();
  };
  std::vector<Seen> seen;

  void conclude(const std::string& text) {
    const std::lock_guard lock(mutex);
    if (verdict.empty()) verdict = text;
    changed.notify_all();
  }

  void look_at_all() {
    std::vector<std::string> keys;
    for (int other = 0; other < processes; ++other) keys.push_back(pulse_key(other));
    const auto pulses = store->multiGet(keys);
    const double limit = store->check({kDoubt}) ? limits.doubt_s : limits.silence_s;
    for (int other = 1; other < processes; ++other) {
      Seen& last = seen[static_cast<size_t>(other)];
      const auto& pulse = pulses[static_cast<size_t>(other)];
      if (pulse != last.pulse || pulse == bytes_of("left")) {
        last = {pulse, now_s()};
      } else if (now_s() - last.at_s > limit) {
        store->set(kVerdict, bytes_of("rank " + std::to_string(other) +
                                      " has died or hangs: no sign of life for " +
                                      std::to_string(static_cast<int>(limit)) + " s"));
        return;
      }
    }
  }

  void beat(int64_t count) {
    bool told_doubt = false;
    std::string own_failure;
    {
      const std::lock_guard lock(mutex);
      told_doubt = doubt;
      own_failure = failure;
    }
    store->set(pulse_key(rank), bytes_of(std::to_string(count)));
    if (told_doubt) store->set(kDoubt, bytes_of("1"));
    if (!own_failure.empty() && !store->check({kVerdict})) {
      store->set(kVerdict, bytes_of("rank " + std::to_string(rank) + " ended " + own_failure));
    }
    if (rank == 0 && !store->check({kVerdict})) look_at_all();
    if (store->check({kVerdict})) {
      const auto text = store->get(kVerdict);
      conclude({text.begin(), text.end()});
    }
  }

  // The store ends with rank 0, and so may wait until the others have gone.
  void say_farewell() {
    store->set(pulse_key(rank), bytes_of("left"));
    store->add(kGone, 1);
    if (rank != 0 || store_is_launchers) return;
    const bool all_well = verdict.empty();
    const int expected = all_well ? processes : processes - 1;
    for (int i = 0; i < (all_well ? 100 : 60) && store->add(kGone, 0) < expected; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }

  void run() {
    try {
      for (int64_t count = 1;; ++count) {
        beat(count);
        std::unique_lock lock(mutex);
        changed.wait_for(lock, kBeat, [&] { return leaving; });
        if (leaving) break;
      }
      if (!failure.empty()) beat(0);
      say_farewell();
    } catch (const std::exception&) {
      const std::lock_guard lock(mutex);
      if (verdict.empty() && !leaving) {
        verdict = store_is_launchers ? "the launcher's store has gone"
                                     : "rank 0, which keeps the store, has died";
      }
    }
    const std::lock_guard lock(mutex);
    ended = true;
    changed.notify_all();
  }
};

std::string Watch::pulse_key(int rank) { return "watch/pulse/" + std::to_string(rank); }

Watch::Watch(c10::intrusive_ptr<c10d::Store> store, int rank, int processes,
             bool store_is_launchers, Limits limits)
    : state_(std::make_shared<State>()) {
  state_->store = std::move(store);
  state_->rank = rank;
  state_->processes = processes;
  state_->store_is_launchers = store_is_launchers;
  state_->limits = limits;
  state_->seen.resize(static_cast<size_t>(processes));
  std::thread([state = state_] { state->run(); }).detach();
}

std::string Watch::verdict() const {
  const std::lock_guard lock(state_->mutex);
  return state_->verdict;
}

std::string Watch::find_out() {
  std::unique_lock lock(state_->mutex);
  state_->doubt = true;
  const std::chrono::duration<double> patience(state_->limits.doubt_s + 3);
  state_->changed.wait_for(lock, patience,
                           [&] { return !state_->verdict.empty() || state_->ended; });
  return state_->verdict;
}

void Watch::leave(const std::string& failure) {
  std::unique_lock lock(state_->mutex);
  if (!state_->leaving) {
    state_->leaving = true;
    state_->failure = failure;
    state_->changed.notify_all();
  }
  state_->changed.wait_for(lock, std::chrono::seconds(8), [&] { return state_->ended; });
}

Watch::~Watch() { leave(""); }

}  // namespace myna::train
