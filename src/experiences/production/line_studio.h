// Speaks the lines of a script, one at a time, and keeps them in a directory under a hash of all
// that decides how they sound: a script that was edited is spoken anew only where it changed, and a
// show that was stopped goes on where it was.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "experiences/script/show_script.h"
#include "text/front_end.h"
#include "voice/styles/style_table.h"
#include "voice/voice.h"
#include "voice/word_timing.h"

namespace myna::production {

// What speaks: everything outlives the studio.
struct Speakers {
  voice::Voice* voice = nullptr;
  const text::FrontEnd* front_end = nullptr;
  text::FrontEndOptions text_options;  // of the default voice
  const voice::StyleTable* styles = nullptr;
  std::string default_voice = "heart";
  uint64_t seed = 0;
  std::string model;  // changes whenever the voice's weights do
};

// Which English a blend speaks.
text::Dialect dialect_of(const voice::SpeakerBlend& blend, const voice::Voice& voice);

struct SpokenLine {
  std::vector<float> samples;            // mono, at the voice's rate, silence at the ends trimmed
  std::vector<voice::WordTiming> words;  // spans in the line's text
  bool from_cache = false;
};

// Not thread-safe.
class LineStudio {
 public:
  // Without a directory lines are kept in memory, for as long as the studio lives.
  LineStudio(Speakers speakers, std::filesystem::path cache_directory);

  int sample_rate() const { return speakers_.voice->sample_rate(); }

  // speed: factor on the voice's rate, 0.25 to 4.
  // Throws Error kInvalidArgument for a voice or style that there is not, kCancelled.
  SpokenLine speak(const script::ScriptLine& line, const std::string& voice_name, float speed,
                   const std::atomic<bool>* cancel);

  // Seconds that speak() would give at speed 1, from the voice's durations, without speaking. A
  // line that was asked for before costs nothing.
  double foretell_s(const script::ScriptLine& line, const std::string& voice_name,
                    const std::atomic<bool>* cancel);
  // Phonemes of a line's text as that voice says them.
  size_t phonemes(const script::ScriptLine& line, const std::string& voice_name);

  // Deletes what was not used for longest, until the directory holds at most max_bytes.
  void prune(uint64_t max_bytes = uint64_t{512} << 20) const;

 private:
  struct Foretold {
    size_t phonemes = 0;
    std::optional<double> length_s;
  };
  SpokenLine narrate(voice::Voice& voice, const script::ScriptLine& line, const std::string& name,
                     float speed, const std::atomic<bool>* cancel) const;
  text::SpokenText read(const script::ScriptLine& line, const std::string& name) const;
  double durations_s(const script::ScriptLine& line, const std::string& name,
                     const std::atomic<bool>* cancel) const;
  double closing_s(const std::string& name, const std::atomic<bool>* cancel);
  const std::string& name_of(const std::string& voice_name) const;
  std::string key_of(const script::ScriptLine& line, const std::string& voice_name,
                     float speed) const;

  Speakers speakers_;
  std::filesystem::path directory_;
  std::map<std::string, SpokenLine> kept_;    // without a directory, by key
  std::map<std::string, Foretold> foretold_;  // by key
  std::map<std::string, double> closings_s_;  // by voice: durations less what is heard of a line
};

}  // namespace myna::production
