#include "experiences/production/show_pace.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace myna::production {
namespace {

// A voice is not driven beyond these; a script of very short or very long words then has another
// pace.
constexpr double kMinSpeed = 0.6;
constexpr double kMaxSpeed = 1.6;
// The same speed to the bit for scripts that hardly differ, and readable in a script.
constexpr double kSpeedSteps = 200;  // of 1

std::string key_of(const script::ScriptSpeaker& speaker) {
  return speaker.name + "\n" + speaker.voice;
}

std::string voice_of(const script::ShowScript& script, const script::ScriptLine& line) {
  const script::ScriptSpeaker* speaker = script.speaker(line.speaker);
  return speaker == nullptr ? "" : speaker->voice;
}

}  // namespace

double line_gaps_s(const script::ShowScript& script, double line_gap_s, double turn_gap_s) {
  double seconds = 0;
  std::string speaker;
  for (const script::ScriptSegment& segment : script.segments) {
    for (const script::ScriptLine& line : segment.lines) {
      seconds += line.speaker == speaker || speaker.empty() ? line_gap_s : turn_gap_s;
      speaker = line.speaker;
    }
  }
  return seconds;
}

PaceRules pace_rules(LineStudio& studio, double words_per_minute, const std::atomic<bool>* cancel) {
  PaceRules rules;
  rules.words_per_minute = words_per_minute;
  rules.phonemes = [&studio](const script::ScriptLine& line, const std::string& voice) {
    return studio.phonemes(line, voice);
  };
  rules.length_s = [&studio, cancel](const script::ScriptLine& line, const std::string& voice) {
    return studio.foretell_s(line, voice, cancel);
  };
  return rules;
}

ShowPace::ShowPace(PaceRules rules) : rules_(std::move(rules)) {}

void ShowPace::set_speeds(script::ShowScript& script) {
  struct Spoken {
    size_t phonemes = 0;
    double length_s = 0;
  };
  std::map<std::string, Spoken> spoken_by;  // as it would be at speed 1
  size_t phonemes = 0;
  for (const script::ScriptSegment& segment : script.segments) {
    for (const script::ScriptLine& line : segment.lines) {
      const std::string voice = voice_of(script, line);
      Spoken& own = spoken_by[line.speaker];
      const size_t count = rules_.phonemes(line, voice);
      own.phonemes += count;
      phonemes += count;
      own.length_s += rules_.length_s(line, voice);
    }
  }
  const double spoken_s = static_cast<double>(script.word_count()) * 60 / rules_.words_per_minute -
                          line_gaps_s(script, rules_.line_gap_s, rules_.turn_gap_s);
  // What a phoneme may take, whoever says it.
  const double phoneme_s =
      std::max(0.0, spoken_s) / static_cast<double>(std::max<size_t>(1, phonemes));
  for (script::ScriptSpeaker& speaker : script.speakers) {
    const Spoken& own = spoken_by[speaker.name];
    if (speaker.speed != 0 || own.phonemes == 0) continue;
    const auto [kept, first] = speeds_.try_emplace(key_of(speaker), 0.0);
    if (first) {
      const double own_s = own.length_s / static_cast<double>(own.phonemes);
      const double speed = std::clamp(own_s / std::max(phoneme_s, 1e-3), kMinSpeed, kMaxSpeed);
      kept->second = std::round(speed * kSpeedSteps) / kSpeedSteps;
    }
    speaker.speed = kept->second;
  }
}

std::vector<double> ShowPace::line_lengths_s(const script::ShowScript& script) const {
  std::vector<double> lengths;
  for (const script::ScriptSegment& segment : script.segments) {
    for (const script::ScriptLine& line : segment.lines) {
      const script::ScriptSpeaker* speaker = script.speaker(line.speaker);
      const double speed = speaker == nullptr || speaker->speed == 0 ? 1 : speaker->speed;
      lengths.push_back(factor_ * rules_.length_s(line, voice_of(script, line)) / speed);
    }
  }
  return lengths;
}

}  // namespace myna::production
