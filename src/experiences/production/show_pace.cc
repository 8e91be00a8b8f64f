#include "experiences/production/show_pace.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "voice/speaker_levels.h"

namespace myna::production {
namespace {

// A voice is not driven beyond these; a script of very short or very long words then has another
// pace.
constexpr double kMinSpeed = 0.6;
constexpr double kMaxSpeed = 1.6;
// The same speed to the bit for scripts that hardly differ, and readable in a script.
constexpr double kSpeedSteps = 200;  // of 1
// Of a voice whose rate nobody measured.
constexpr double kUsualPhoneme_s = 0.057;

std::string key_of(const script::ScriptSpeaker& speaker) {
  return speaker.name + "\n" + speaker.voice;
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

PaceRules pace_rules(const Speakers& speakers, double words_per_minute) {
  PaceRules rules;
  rules.words_per_minute = words_per_minute;
  const auto blend_of = [speakers](const std::string& voice) {
    return voice::parse_speaker_blend(voice.empty() ? speakers.default_voice : voice,
                                      speakers.voice->speakers());
  };
  rules.phoneme_s = [speakers, blend_of](const std::string& voice) {
    return static_cast<double>(
        voice::blend_phoneme_s(blend_of(voice), *speakers.voice).value_or(0));
  };
  auto known = std::make_shared<std::map<std::pair<text::Dialect, std::string>, size_t>>();
  rules.phonemes = [speakers, blend_of, known](const std::string& text, const std::string& voice) {
    text::FrontEndOptions options = speakers.text_options;
    options.format = text::TextFormat::kPlain;
    options.dialect = dialect_of(blend_of(voice), *speakers.voice);
    const auto key = std::pair(options.dialect, text);
    if (const auto found = known->find(key); found != known->end()) return found->second;
    size_t count = 0;
    for (const text::Utterance& utterance : speakers.front_end->process(text, options).utterances)
      count += utterance.phonemes.size();
    known->emplace(key, count);
    return count;
  };
  return rules;
}

ShowPace::ShowPace(PaceRules rules) : rules_(std::move(rules)) {
  auto measured = std::move(rules_.phoneme_s);
  rules_.phoneme_s = [measured](const std::string& voice) {
    const double seconds = measured(voice);
    return seconds > 0 ? seconds : kUsualPhoneme_s;
  };
}

void ShowPace::set_speeds(script::ShowScript& script) {
  size_t phonemes = 0;
  for (const script::ScriptSegment& segment : script.segments) {
    for (const script::ScriptLine& line : segment.lines) {
      const script::ScriptSpeaker* speaker = script.speaker(line.speaker);
      phonemes += rules_.phonemes(line.text, speaker == nullptr ? "" : speaker->voice);
    }
  }
  const double spoken_s = static_cast<double>(script.word_count()) * 60 / rules_.words_per_minute -
                          line_gaps_s(script, rules_.line_gap_s, rules_.turn_gap_s);
  // What a phoneme may take, whoever says it.
  const double phoneme_s =
      std::max(0.0, spoken_s) / static_cast<double>(std::max<size_t>(1, phonemes));
  for (script::ScriptSpeaker& speaker : script.speakers) {
    if (speaker.speed != 0) continue;
    const auto [kept, first] = speeds_.try_emplace(key_of(speaker), 0.0);
    if (first) {
      const double speed = std::clamp(rules_.phoneme_s(speaker.voice) / std::max(phoneme_s, 1e-3),
                                      kMinSpeed, kMaxSpeed);
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
      const std::string voice = speaker == nullptr ? "" : speaker->voice;
      const double speed = speaker == nullptr || speaker->speed == 0 ? 1 : speaker->speed;
      lengths.push_back(factor_ * static_cast<double>(rules_.phonemes(line.text, voice)) *
                        rules_.phoneme_s(voice) / speed);
    }
  }
  return lengths;
}

}  // namespace myna::production
