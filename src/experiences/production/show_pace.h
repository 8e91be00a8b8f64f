// How fast the speakers of a show speak, and how long its lines take, before they are spoken.
// Voices differ in their rate by a half; a show is to have one pace, whoever reads it.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "experiences/production/line_studio.h"
#include "experiences/production/show_mix.h"
#include "experiences/script/show_script.h"

namespace myna::production {

// Words a minute while somebody speaks, gaps between lines included, music and breaks not. Talks
// and news that are heard once are read at 150 to 165.
inline constexpr double kShowPace_wpm = 157;
inline constexpr double kMinPace_wpm = 80;
inline constexpr double kMaxPace_wpm = 260;

struct PaceRules {
  double words_per_minute = kShowPace_wpm;
  double line_gap_s = MixOptions{}.line_gap_s;
  double turn_gap_s = MixOptions{}.turn_gap_s;
  // Of a line as a voice says it at speed 1: how many phonemes, and how long. A second call for the
  // same line is to be cheap.
  using Line = script::ScriptLine;
  std::function<size_t(const Line& line, const std::string& voice)> phonemes;
  std::function<double(const Line& line, const std::string& voice)> length_s;
};

// From the durations that the studio's voice foretells; the studio and the flag outlive them.
PaceRules pace_rules(LineStudio& studio, double words_per_minute, const std::atomic<bool>* cancel);

// Not thread-safe.
class ShowPace {
 public:
  explicit ShowPace(PaceRules rules);

  // Gives every speaker without a speed the one at which he speaks as fast as the others, and the
  // show has its pace. A speaker who got one keeps it in later scripts of this show, so that lines
  // that stay are not spoken anew. Throws Error kCancelled when the rules do.
  void set_speeds(script::ShowScript& script);

  // Seconds of each line, silence at its ends trimmed, in the order of the script.
  std::vector<double> line_lengths_s(const script::ShowScript& script) const;

  // What was spoken took so many times what was expected.
  void correct(double factor) { factor_ *= factor; }

 private:
  PaceRules rules_;
  std::map<std::string, double> speeds_;  // by name and voice
  double factor_ = 1;
};

// Gaps behind lines, pauses that the script asks for apart.
double line_gaps_s(const script::ShowScript& script, double line_gap_s, double turn_gap_s);

}  // namespace myna::production
