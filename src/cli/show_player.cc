#include "cli/show_player.h"

#include <algorithm>
#include <utility>

#include "audio/encoder.h"
#include "audio/loudness.h"
#include "base/clock.h"
#include "base/error.h"
#include "cli/console.h"

namespace myna::cli {
namespace {

// Above all shows: the maker never waits for the listener.
constexpr double kAhead_s = 2 * 3600;
// The voice may slow down by this before a listener has to wait.
constexpr double kReserve = 1.15;

}  // namespace

bool may_begin(double made_s, double spent_s, double total_s) {
  if (spent_s <= 0) return true;
  const double left_s = std::max(0.0, total_s - made_s);
  return made_s >= kReserve * left_s * spent_s / std::max(made_s, 1e-3) - left_s;
}

ShowPlayer::ShowPlayer(std::string player, int sample_rate, const std::atomic<bool>& cancel)
    : player_(require_player(std::move(player), sample_rate)),
      sample_rate_(sample_rate),
      cancel_(cancel) {}

template <typename Work>
void ShowPlayer::attempt(Work work) {
  if (!played_.problem.empty()) return;
  try {
    work();
  } catch (const Error& error) {
    played_.problem = "'" + player_ + "' does not play: " + error.message();
    output_.reset();
    pipe_.reset();
  }
}

void ShowPlayer::begin(const script::ShowScript& script, const production::MixOptions& options,
                       double expected_s) {
  expected_s_ = expected_s;
  start_ = std::chrono::steady_clock::now();
  mixer_ = std::make_unique<production::ShowMixer>(
      script, options, [this](std::span<const float> samples) {
        made_s_ += static_cast<double>(samples.size()) / sample_rate_;
        made_.insert(made_.end(), samples.begin(), samples.end());
      });
}

void ShowPlayer::add_segment(std::span<const production::SpokenLine> lines) {
  mixer_->add_segment(lines);
  if (output_ || may_begin(made_s_, seconds_since(start_), expected_s_)) attempt([&] { play(); });
}

void ShowPlayer::play() {
  if (!output_) {
    voice::SpeechOutputOptions speech;
    speech.voice_rate = speech.output_rate = sample_rate_;
    speech.loudness_lufs = audio::kDefaultLoudnessLufs;
    speech.delivery = voice::Delivery::kLive;
    if (const auto lufs = mixer_->speech_lufs()) speech.voice_lufs = static_cast<float>(*lufs);
    voice::PlayoutOptions playout;
    playout.sample_rate = sample_rate_;
    playout.ahead_s = kAhead_s;
    playout.cancel = &cancel_;
    pipe_.emplace(player_);
    auto encoder = std::make_unique<PlayoutEncoder>(
        audio::make_raw_encoder(pipe_->descriptor(), "the player"), playout);
    playout_ = &encoder->playout();
    output_ = std::make_unique<voice::SpeechOutput>(std::move(encoder), speech);
    played_.first_sound_s = seconds_since(process_start());
  }
  output_->write(made_);
  made_.clear();
}

void ShowPlayer::end() {
  mixer_->finish();
  attempt([&] { play(); });
}

ShowPlayed ShowPlayer::wait() {
  attempt([&] {
    output_->finish();
    played_.starved_s = playout_->starved_s();
    const int status = pipe_->close();
    pipe_.reset();
    if (status != 0 && !cancel_.load())
      throw Error(ErrorCode::kIo, "it ends with an error", "name another program with --player");
  });
  return played_;
}

}  // namespace myna::cli
