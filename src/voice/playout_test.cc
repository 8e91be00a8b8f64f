#include "voice/playout.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace myna::voice {
namespace {

using namespace std::chrono_literals;

std::vector<float> ramp(size_t length) {
  std::vector<float> samples(length);
  for (size_t i = 0; i < length; ++i) samples[i] = static_cast<float>(i);
  return samples;
}

TEST(PlayClock, KnowsWhatIsHeardAndWhatWasWaitedFor) {
  PlayClock clock;
  const PlayClock::Time start{};
  EXPECT_EQ(clock.lead_s(start), 0);
  clock.add(2, start + 1s);
  EXPECT_NEAR(clock.lead_s(start + 2s), 1, 1e-9);
  clock.add(1, start + 2s);
  EXPECT_NEAR(clock.lead_s(start + 2s), 2, 1e-9);
  EXPECT_EQ(clock.starved_s(), 0);
  EXPECT_NEAR(clock.lead_s(start + 5s), -1, 1e-9);
  clock.add(1, start + 5s);
  EXPECT_NEAR(clock.starved_s(), 1, 1e-9);
  EXPECT_NEAR(clock.lead_s(start + 5s), 1, 1e-9);
}

TEST(Playout, WritesEverythingInOrder) {
  std::vector<float> written;
  Playout playout({.sample_rate = 1000, .ahead_s = 0.05}, [&](std::span<const float> run) {
    EXPECT_LE(run.size(), 20u);
    written.insert(written.end(), run.begin(), run.end());
  });
  const std::vector<float> samples = ramp(1000);
  playout.push(std::span(samples).first(3));
  playout.push(std::span(samples).subspan(3, 500));
  playout.push({});
  playout.push(std::span(samples).subspan(503));
  playout.finish();
  EXPECT_EQ(written, samples);
  EXPECT_EQ(playout.written_samples(), 1000u);
}

TEST(Playout, TheMakerGoesOnWhileTheListenerHears) {
  std::atomic<bool> listening{false}, heard{false};
  Playout playout({.sample_rate = 1000, .ahead_s = 1}, [&](std::span<const float>) {
    listening = true;
    listening.notify_all();
    heard.wait(false);
  });
  playout.push(ramp(20));
  listening.wait(false);
  for (int i = 0; i < 9; ++i) playout.push(ramp(100));  // nothing is heard meanwhile
  EXPECT_EQ(playout.written_samples(), 0u);
  heard = true;
  heard.notify_all();
  playout.finish();
  EXPECT_EQ(playout.written_samples(), 920u);
}

TEST(Playout, ACancelDropsWhatWaits) {
  std::atomic<bool> cancel{false};
  std::atomic<int> runs{0};
  Playout playout({.sample_rate = 1000, .ahead_s = 0.1, .cancel = &cancel},
                  [&](std::span<const float>) {
                    if (++runs == 3) cancel = true;
                  });
  playout.push(ramp(100'000));  // far more than fits: returns because of the cancel
  playout.finish();
  EXPECT_LE(runs, 4);
}

TEST(Playout, AReaderThatWentAwayIsToldToTheMaker) {
  Playout playout({.sample_rate = 1000, .ahead_s = 0.1},
                  [](std::span<const float>) { throw Error(ErrorCode::kIo, "broken pipe"); });
  EXPECT_THROW(
      {
        for (int i = 0; i < 1000; ++i) playout.push(ramp(100));
      },
      Error);
  EXPECT_THROW(playout.finish(), Error);
}

}  // namespace
}  // namespace myna::voice
