// Plays a show through a program while its later segments are still spoken: with the music, levels
// and gaps of the file.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/player_pipe.h"
#include "cli/playout_encoder.h"
#include "experiences/production/show_mixer.h"
#include "voice/speech_output.h"

namespace myna::cli {

// What a listener got.
struct ShowPlayed {
  double first_sound_s = 0;  // from the start of the process to the first samples for the player
  double starved_s = 0;      // that he waited in the middle of the show
  std::string problem;       // why it was not played to its end; empty: it was
};

// When a listener may begin: what is made lasts until the rest is made, at the rate so far.
// made_s of audio came in spent_s, the whole show has total_s.
bool may_begin(double made_s, double spent_s, double total_s);

// One show. Not thread-safe. What goes wrong with the player ends the playing and nothing else.
class ShowPlayer {
 public:
  // `player` as for require_player(). The cancel outlives it: what it stops falls silent at once.
  ShowPlayer(std::string player, int sample_rate, const std::atomic<bool>& cancel);

  // The script outlives the playing. expected_s: of the whole show.
  void begin(const script::ShowScript& script, const production::MixOptions& options,
             double expected_s);
  void add_segment(std::span<const production::SpokenLine> lines);
  // All segments were added.
  void end();
  // Waits until everything was heard or the cancel came.
  ShowPlayed wait();

 private:
  void play();
  template <typename Work>
  void attempt(Work work);

  std::string player_;
  int sample_rate_;
  const std::atomic<bool>& cancel_;
  double expected_s_ = 0;
  std::chrono::steady_clock::time_point start_;
  std::unique_ptr<production::ShowMixer> mixer_;
  std::vector<float> made_;  // not yet given to the player
  double made_s_ = 0;        // of audio in all
  std::optional<PlayerPipe> pipe_;
  const voice::Playout* playout_ = nullptr;
  std::unique_ptr<voice::SpeechOutput> output_;  // before the pipe it writes to
  ShowPlayed played_;
};

}  // namespace myna::cli
