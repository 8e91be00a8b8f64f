#include "cli/show_player.h"

#include <gtest/gtest.h>

#include <cmath>
#include <csignal>
#include <filesystem>
#include <numbers>

#include "base/file.h"

namespace myna::cli {
namespace {

constexpr int kRate = 24000;

production::SpokenLine tone(double seconds) {
  production::SpokenLine line;
  line.samples.resize(static_cast<size_t>(seconds * kRate));
  for (size_t i = 0; i < line.samples.size(); ++i) {
    line.samples[i] = static_cast<float>(
        0.1 * std::sin(2 * std::numbers::pi * 220 * static_cast<double>(i) / kRate));
  }
  return line;
}

script::ShowScript show() {
  script::ShowScript script;
  script.speakers = {{"a", "", 0}};
  const script::ScriptLine line{"a", "x", "", 1, 0, {}};
  script.segments = {{script::SegmentKind::kOpening, "Welcome", "", {}, {line}},
                     {script::SegmentKind::kItem, "Gate", "", {}, {line}}};
  return script;
}

TEST(MayBegin, WaitsForWhatASlowMachineCannotMakeInTime) {
  EXPECT_TRUE(may_begin(5, 1, 600));      // five times real time
  EXPECT_FALSE(may_begin(5, 10, 600));    // half of real time
  EXPECT_TRUE(may_begin(400, 800, 600));  // the rest takes 400 s, 200 s of it are heard meanwhile
  EXPECT_TRUE(may_begin(5, 0, 600));      // kept from before
  EXPECT_TRUE(may_begin(600, 6000, 600));
}

TEST(ShowPlayer, HandsTheMixToTheProgram) {
  const std::filesystem::path path = std::filesystem::path(::testing::TempDir()) / "played.pcm";
  std::filesystem::remove(path);
  const std::atomic<bool> cancel = false;
  const script::ShowScript script = show();
  const std::vector<production::SpokenLine> lines = {tone(3)};
  ShowPlayer player("cat > '" + path.string() + "'", kRate, cancel);
  player.begin(script, {.sample_rate = kRate}, 12);
  player.add_segment(lines);
  player.add_segment(lines);
  player.end();
  const ShowPlayed played = player.wait();
  EXPECT_EQ(played.problem, "");
  EXPECT_GT(played.first_sound_s, 0);
  const std::vector<size_t> lengths = {lines[0].samples.size(), lines[0].samples.size()};
  const double duration_s = production::mix_duration_s(script, lengths, {.sample_rate = kRate});
  EXPECT_NEAR(static_cast<double>(std::filesystem::file_size(path)) / 2 / kRate, duration_s, 0.01);
  std::filesystem::remove(path);
}

TEST(ShowPlayer, AProgramThatFailsEndsThePlayingOnly) {
  const std::atomic<bool> cancel = false;
  const script::ShowScript script = show();
  const std::vector<production::SpokenLine> lines = {tone(3)};
  ShowPlayer player("cat > /dev/null; exit 3", kRate, cancel);
  player.begin(script, {.sample_rate = kRate}, 12);
  player.add_segment(lines);
  player.add_segment(lines);
  player.end();
  EXPECT_NE(player.wait().problem, "");
}

TEST(ShowPlayer, FallsSilentWhenItIsStopped) {
  std::signal(SIGPIPE, SIG_IGN);  // as the program does
  std::atomic<bool> cancel = false;
  const script::ShowScript script = show();
  const std::vector<production::SpokenLine> lines = {tone(30)};
  ShowPlayer player("sleep 0.2; exec head -c 1000 > /dev/null", kRate, cancel);
  player.begin(script, {.sample_rate = kRate}, 62);
  player.add_segment(lines);
  cancel = true;
  player.add_segment(lines);
  player.end();
  const auto start = std::chrono::steady_clock::now();
  player.wait();
  EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), 5);
}

}  // namespace
}  // namespace myna::cli
