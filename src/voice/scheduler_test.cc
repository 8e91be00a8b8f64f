#include "voice/scheduler.h"

#include <gmock/gmock.h>

#include <atomic>
#include <functional>
#include <random>

#include "voice/fake_voice.h"

namespace myna::voice {
namespace {

using namespace std::chrono_literals;

// Says what was asked of it, one call at a time, and waits where a test wants it to.
class LoggingVoice : public FakeVoice {
 public:
  explicit LoggingVoice(size_t batch = 1) : batch_(batch) {}
  size_t preferred_batch_items() const override { return batch_; }

  Speech synthesize(const SynthesisRequest& request) override {
    ++begun;
    if (before) before(request);
    const std::lock_guard lock(mutex_);
    Speech speech = FakeVoice::synthesize(request);
    log_.push_back(request.phonemes);
    return speech;
  }
  std::vector<Speech> synthesize_batch(std::span<const SynthesisRequest> batch) override {
    {
      const std::lock_guard lock(mutex_);
      batches_.push_back(batch.size());
    }
    return FakeVoice::synthesize_batch(batch);
  }

  std::vector<std::u32string> log() const {
    const std::lock_guard lock(mutex_);
    return log_;
  }
  std::vector<size_t> batches() const {
    const std::lock_guard lock(mutex_);
    return batches_;
  }

  std::atomic<int> begun{0};
  std::function<void(const SynthesisRequest&)> before;  // set before the scheduler is made

 private:
  size_t batch_;
  mutable std::mutex mutex_;
  std::vector<std::u32string> log_;
  std::vector<size_t> batches_;
};

// Holds the voice until it is opened.
class Gate {
 public:
  void open() {
    open_ = true;
    open_.notify_all();
  }
  void pass() { open_.wait(false); }

 private:
  std::atomic<bool> open_{false};
};

SynthesisRequest request_of(std::u32string phonemes) {
  SynthesisRequest request;
  request.phonemes = std::move(phonemes);
  request.speaker.parts = {{0, 1.0f}};
  return request;
}

ErrorCode code_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::kInternal;
}

void wait_until(const std::function<bool()>& condition) {
  for (int i = 0; i < 20'000 && !condition(); ++i) std::this_thread::sleep_for(1ms);
  ASSERT_TRUE(condition());
}

TEST(SynthesisScheduler, AFlowIsTheVoice) {
  LoggingVoice voice;
  SynthesisScheduler scheduler(voice, {});
  const auto flow = scheduler.open({});
  EXPECT_EQ(flow->tier(), "fake");
  EXPECT_EQ(flow->speakers().size(), voice.speakers().size());
  EXPECT_EQ(flow->synthesize(request_of(U"abc")).samples,
            voice.synthesize(request_of(U"abc")).samples);
  EXPECT_TRUE(flow->synthesize_batch({}).empty());
  EXPECT_EQ(code_of([&] { flow->synthesize(request_of(U"中")); }), ErrorCode::kInvalidArgument);
}

TEST(SynthesisScheduler, AShortRequestDoesNotWaitForALongJob) {
  LoggingVoice voice;
  Gate gate;
  voice.before = [&](const SynthesisRequest&) { gate.pass(); };
  SynthesisScheduler scheduler(voice, {});
  const auto job = scheduler.open({});
  const auto listener = scheduler.open({});
  const std::vector<SynthesisRequest> book(100, request_of(U"bbbbbbbb"));
  std::thread long_job([&] { job->synthesize_batch(book); });
  wait_until([&] { return scheduler.statistics().waiting == 99; });
  std::thread short_job([&] { listener->synthesize(request_of(U"s")); });
  wait_until([&] { return scheduler.statistics().waiting == 100; });
  gate.open();
  long_job.join();
  short_job.join();
  const auto log = voice.log();
  const auto at = std::find(log.begin(), log.end(), U"s") - log.begin();
  EXPECT_LE(at, 2) << "the piece in work, and one more at most";
}

TEST(SynthesisScheduler, WeightsShareTheVoice) {
  LoggingVoice voice;
  Gate gate;
  voice.before = [&](const SynthesisRequest&) { gate.pass(); };
  SynthesisScheduler scheduler(voice, {});
  const auto heavy = scheduler.open({.weight = 3});
  const auto light = scheduler.open({.weight = 1});
  const std::vector<SynthesisRequest> a(60, request_of(U"aaaa")), b(60, request_of(U"bbbb"));
  std::thread first([&] { heavy->synthesize_batch(a); });
  std::thread second([&] { light->synthesize_batch(b); });
  wait_until([&] { return scheduler.statistics().waiting == 119; });
  gate.open();
  first.join();
  second.join();
  const auto log = voice.log();
  const auto heavy_count = std::count(log.begin(), log.begin() + 40, U"aaaa");
  EXPECT_NEAR(static_cast<double>(heavy_count), 30, 2);
}

TEST(SynthesisScheduler, AFullQueueRefuses) {
  LoggingVoice voice;
  Gate gate;
  voice.before = [&](const SynthesisRequest&) { gate.pass(); };
  SynthesisScheduler scheduler(voice, {.max_waiting = 2, .max_flows = 2});
  const auto flow = scheduler.open({});
  const auto other = scheduler.open({});
  EXPECT_EQ(code_of([&] { scheduler.open({}); }), ErrorCode::kResourceExhausted);
  EXPECT_EQ(code_of([&] { scheduler.open({.weight = 0}); }), ErrorCode::kInvalidArgument);
  std::thread busy([&] { flow->synthesize(request_of(U"a")); });
  wait_until([&] { return voice.begun > 0; });
  const std::vector<SynthesisRequest> three(3, request_of(U"b"));
  EXPECT_EQ(code_of([&] { other->synthesize_batch(three); }), ErrorCode::kResourceExhausted);
  EXPECT_EQ(scheduler.statistics().refused, 1u);
  gate.open();
  busy.join();
  EXPECT_EQ(other->synthesize_batch(std::span(three).first(2)).size(), 2u) << "and works on";
}

TEST(SynthesisScheduler, PatienceRunsOut) {
  LoggingVoice voice;
  Gate gate;
  voice.before = [&](const SynthesisRequest&) { gate.pass(); };
  SynthesisScheduler scheduler(voice, {});
  const auto flow = scheduler.open({});
  const auto hasty = scheduler.open({.patience = 30ms});
  std::thread busy([&] { flow->synthesize(request_of(U"a")); });
  wait_until([&] { return voice.begun > 0; });
  std::this_thread::sleep_for(5ms);
  EXPECT_EQ(code_of([&] { hasty->synthesize(request_of(U"b")); }), ErrorCode::kResourceExhausted);
  gate.open();
  busy.join();
  EXPECT_EQ(scheduler.statistics().expired, 1u);
  EXPECT_EQ(voice.log().size(), 1u) << "it was never begun";
}

TEST(SynthesisScheduler, ACancelIsAnsweredWhileThePieceWaits) {
  LoggingVoice voice;
  Gate gate;
  voice.before = [&](const SynthesisRequest&) { gate.pass(); };
  SynthesisScheduler scheduler(voice, {});
  const auto flow = scheduler.open({});
  const auto other = scheduler.open({});
  std::thread busy([&] { flow->synthesize(request_of(U"a")); });
  wait_until([&] { return voice.begun > 0; });
  std::atomic<bool> cancel{false};
  SynthesisRequest request = request_of(U"b");
  request.cancel = &cancel;
  std::atomic<bool> answered{false};
  std::thread caller([&] {
    EXPECT_EQ(code_of([&] { other->synthesize(request); }), ErrorCode::kCancelled);
    answered = true;
  });
  std::this_thread::sleep_for(20ms);
  cancel = true;
  wait_until([&] { return answered.load(); });  // while the voice is held
  gate.open();
  busy.join();
  caller.join();
  EXPECT_EQ(scheduler.statistics().waiting, 0u);
}

TEST(SynthesisScheduler, PiecesThatWaitAreBatched) {
  LoggingVoice voice(4);
  Gate gate;
  voice.before = [&](const SynthesisRequest&) { gate.pass(); };
  SynthesisScheduler scheduler(voice, {});
  const auto first = scheduler.open({});
  std::thread busy([&] { first->synthesize(request_of(U"a")); });
  wait_until([&] { return voice.begun > 0; });
  std::vector<std::unique_ptr<Voice>> flows;
  std::vector<std::thread> threads;
  std::vector<Speech> found(6);
  std::atomic<int> refused{0};
  for (size_t i = 0; i < found.size(); ++i) flows.push_back(scheduler.open({}));
  for (size_t i = 0; i < found.size(); ++i) {
    threads.emplace_back([&, i] {
      // One of them is wrong, which must not hurt the others of its batch.
      if (i == 2) {
        refused += code_of([&] { flows[i]->synthesize(request_of(U"中")); }) ==
                   ErrorCode::kInvalidArgument;
      } else {
        found[i] = flows[i]->synthesize(request_of(std::u32string(i + 1, U'c')));
      }
    });
  }
  wait_until([&] { return scheduler.statistics().waiting == 6; });
  gate.open();
  busy.join();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(refused, 1);
  for (size_t i = 0; i < found.size(); ++i) {
    if (i == 2) continue;
    EXPECT_EQ(found[i].frame_counts.size(), i + 3) << i;
  }
  EXPECT_THAT(voice.batches(), testing::Contains(4u));
}

// Under the preset tsan this is the proof that the whole is free of races.
TEST(SynthesisScheduler, ManyThreadsManyFlowsAllAtOnce) {
  for (const size_t batch : {1, 3}) {
    LoggingVoice voice(batch);
    SynthesisScheduler scheduler(voice, {.max_waiting = 40, .max_flows = 12, .workers = 2});
    std::atomic<int> spoken{0}, cancelled{0}, refused{0}, wrong{0};
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < 12; ++t) {
      threads.emplace_back([&, t] {
        std::mt19937 random(t);
        for (int round = 0; round < 25; ++round) {
          try {
            const auto flow =
                scheduler.open({.weight = 1.0 + t % 3,
                                .patience = t % 4 == 0 ? std::optional(2ms) : std::nullopt});
            std::atomic<bool> cancel{false};
            std::vector<SynthesisRequest> requests(1 + random() % 4);
            for (SynthesisRequest& request : requests) {
              request = request_of(std::u32string(1 + random() % 20, U'a'));
              request.cancel = &cancel;
            }
            std::thread canceller;
            if (t % 3 == 0) {
              canceller = std::thread([&] {
                std::this_thread::sleep_for(200us);
                cancel = true;
              });
            }
            try {
              const std::vector<Speech> speech = flow->synthesize_batch(requests);
              for (size_t i = 0; i < speech.size(); ++i) {
                wrong += speech[i].frame_counts.size() != requests[i].phonemes.size() + 2;
              }
              ++spoken;
            } catch (const Error& error) {
              if (error.code() == ErrorCode::kCancelled) ++cancelled;
              if (error.code() == ErrorCode::kResourceExhausted) ++refused;
            }
            if (canceller.joinable()) canceller.join();
          } catch (const Error&) {
            ++refused;
          }
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(spoken + cancelled + refused, 12 * 25);
    EXPECT_GT(spoken, 30);
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(scheduler.statistics().waiting, 0u);
    EXPECT_EQ(scheduler.statistics().flows, 0u);
  }
}

}  // namespace
}  // namespace myna::voice
