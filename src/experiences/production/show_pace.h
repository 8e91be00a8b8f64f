// How fast the speakers of a show speak, and how long its lines take, before they are spoken.
// Voices differ in their rate by a half; a show is to have one pace, whoever reads it.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
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
  // How many phonemes a text has in a voice; a second call for the same text may be cheap.
  std::function<size_t(const std::string& text, const std::string& voice)> phonemes;
  // Seconds of a phoneme of that voice at speed 1.
  std::function<double(const std::string& voice)> phoneme_s;
};

// From the front end and the rates of voices (voice::blend_phoneme_s); what speaks outlives them.
PaceRules pace_rules(const Speakers& speakers, double words_per_minute);

// Not thread-safe.
class ShowPace {
 public:
  explicit ShowPace(PaceRules rules);

  // Gives every speaker without a speed the one at which he speaks as fast as the others, and the
  // show has its pace. A speaker who got one keeps it in later scripts of this show, so that lines
  // that stay are not spoken anew.
  void set_speeds(script::ShowScript& script);

  // Seconds of each line, silence at its ends trimmed, in the order of the script.
  std::vector<double> line_lengths_s(const script::ShowScript& script) const;

  size_t phonemes(const std::string& text, const std::string& voice) const {
    return rules_.phonemes(text, voice);
  }

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
