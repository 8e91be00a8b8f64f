#include "experiences/production/line_studio.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string_view>
#include <utility>

#include "audio/pcm.h"
#include "base/error.h"
#include "base/file.h"
#include "base/sha256.h"
#include "experiences/production/line_file.h"
#include "voice/foretelling_voice.h"
#include "voice/narrator.h"

namespace myna::production {
namespace {

// Changes whenever the same line would sound different.
constexpr int kLineVersion = 3;

// Spoken once in each voice, to learn by how much its lines are shorter than its durations say.
constexpr std::array<std::string_view, 3> kProbes = {"That is the first of them.",
                                                     "Nobody knew why.", "It was a long way home."};

}  // namespace

text::Dialect dialect_of(const voice::SpeakerBlend& blend, const voice::Voice& voice) {
  float british = 0;
  for (const voice::SpeakerBlend::Part& part : blend.parts) {
    if (voice.speakers()[part.speaker].accent == voice::Accent::kBritish) british += part.weight;
  }
  return british > 0.5f ? text::Dialect::kBritish : text::Dialect::kAmerican;
}

LineStudio::LineStudio(Speakers speakers, std::filesystem::path cache_directory)
    : speakers_(std::move(speakers)), directory_(std::move(cache_directory)) {}

std::string LineStudio::key_of(const script::ScriptLine& line, const std::string& voice_name,
                               float speed) const {
  const std::string key = fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}", kLineVersion,
                                      speakers_.voice->tier(), speakers_.model, voice_name, speed,
                                      speakers_.seed, line.style, line.style_degree, line.text);
  return sha256_hex(std::as_bytes(std::span(key.data(), key.size())));
}

const std::string& LineStudio::name_of(const std::string& voice_name) const {
  return voice_name.empty() ? speakers_.default_voice : voice_name;
}

text::SpokenText LineStudio::read(const script::ScriptLine& line, const std::string& name) const {
  text::FrontEndOptions options = speakers_.text_options;
  options.format = text::TextFormat::kPlain;
  options.dialect =
      dialect_of(voice::parse_speaker_blend(name, speakers_.voice->speakers()), *speakers_.voice);
  return speakers_.front_end->process(line.text, options);
}

SpokenLine LineStudio::narrate(voice::Voice& voice, const script::ScriptLine& line,
                               const std::string& name, float speed,
                               const std::atomic<bool>* cancel) const {
  voice::NarratorOptions options;
  options.speaker = voice::parse_speaker_blend(name, voice.speakers());
  options.speed = speed;
  options.seed = speakers_.seed;
  options.styles = speakers_.styles;
  options.style = line.style;
  options.style_degree = static_cast<float>(line.style_degree);
  options.cancel = cancel;
  SpokenLine spoken;
  voice::Narrator narrator(voice, std::move(options), [&](std::span<const float> samples) {
    spoken.samples.insert(spoken.samples.end(), samples.begin(), samples.end());
  });
  if (narrator.narrate(read(line, name)) == voice::NarrationStatus::kCancelled) {
    if (directory_.empty()) throw Error(ErrorCode::kCancelled, "stopped while speaking");
    throw Error(ErrorCode::kCancelled, "stopped; the lines that were spoken are kept",
                "the same command goes on from here");
  }
  narrator.finish();
  spoken.words = narrator.words();
  // The mixer makes the silence between lines. Whatever the voice has there is silence 60 dB below
  // its loudest.
  const float silence = std::max(1e-4f, 1e-3f * audio::sample_peak(spoken.samples));
  const auto audible = [&](float sample) { return std::abs(sample) > silence; };
  const auto last = std::find_if(spoken.samples.rbegin(), spoken.samples.rend(), audible);
  const auto tail = static_cast<size_t>(last - spoken.samples.rbegin());
  const size_t kept_tail = std::min(tail, static_cast<size_t>(sample_rate() / 50));
  spoken.samples.resize(spoken.samples.size() - tail + kept_tail);
  return spoken;
}

SpokenLine LineStudio::speak(const script::ScriptLine& line, const std::string& voice_name,
                             float speed, const std::atomic<bool>* cancel) {
  const std::string& name = name_of(voice_name);
  const std::string key = key_of(line, name, speed);
  const std::filesystem::path path = directory_ / (key + ".line");
  if (!directory_.empty()) {
    if (auto kept = load_line(path, sample_rate())) return std::move(*kept);
  } else if (const auto kept = kept_.find(key); kept != kept_.end()) {
    return kept->second;
  }
  SpokenLine spoken = narrate(*speakers_.voice, line, name, speed, cancel);
  if (directory_.empty()) {
    kept_[key] = spoken;
  } else {
    std::filesystem::create_directories(directory_);
    store_line(path, sample_rate(), spoken);
  }
  return spoken;
}

double LineStudio::durations_s(const script::ScriptLine& line, const std::string& name,
                               const std::atomic<bool>* cancel) const {
  voice::ForetellingVoice voice(*speakers_.voice);
  const size_t samples = narrate(voice, line, name, 1, cancel).samples.size();
  return static_cast<double>(samples) / sample_rate();
}

double LineStudio::closing_s(const std::string& name, const std::atomic<bool>* cancel) {
  const auto known = closings_s_.find(name);
  if (known != closings_s_.end()) return known->second;
  double difference_s = 0;
  for (const std::string_view probe : kProbes) {
    script::ScriptLine line;
    line.text = probe;
    const auto spoken = static_cast<double>(speak(line, name, 1, cancel).samples.size());
    difference_s += durations_s(line, name, cancel) - spoken / sample_rate();
  }
  return closings_s_[name] = difference_s / kProbes.size();
}

double LineStudio::foretell_s(const script::ScriptLine& line, const std::string& voice_name,
                              const std::atomic<bool>* cancel) {
  const std::string& name = name_of(voice_name);
  std::optional<double>& known = foretold_[key_of(line, name, 1)].length_s;
  if (!known) known = std::max(0.0, durations_s(line, name, cancel) - closing_s(name, cancel));
  return *known;
}

size_t LineStudio::phonemes(const script::ScriptLine& line, const std::string& voice_name) {
  const std::string& name = name_of(voice_name);
  size_t& known = foretold_[key_of(line, name, 1)].phonemes;
  if (known == 0) {
    for (const text::Utterance& utterance : read(line, name).utterances)
      known += utterance.phonemes.size();
  }
  return known;
}

void LineStudio::prune(uint64_t max_bytes) const {
  if (directory_.empty() || !std::filesystem::exists(directory_)) return;
  struct File {
    std::filesystem::file_time_type time;
    uint64_t bytes;
    std::filesystem::path path;
  };
  std::vector<File> files;
  uint64_t total = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
    if (entry.path().extension() != ".line") continue;
    files.push_back({entry.last_write_time(), entry.file_size(), entry.path()});
    total += files.back().bytes;
  }
  std::sort(files.begin(), files.end(),
            [](const File& a, const File& b) { return a.time < b.time; });
  for (const File& file : files) {
    if (total <= max_bytes) return;
    std::error_code ignored;
    if (std::filesystem::remove(file.path, ignored)) total -= file.bytes;
  }
}

}  // namespace myna::production
