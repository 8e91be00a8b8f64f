#include "experiences/production/show_mix.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "experiences/production/signature_sounds.h"

namespace myna::production {
namespace {

using script::SegmentKind;

constexpr double kIdentOverlap_s = 1.2;  // speech begins over the tail of the ident
constexpr double kStingOverlap_s = 0.45;
constexpr double kOutroLead_s = 0.25;
constexpr double kSilence = -300;

double rms(std::span<const float> samples) {
  double sum = 0;
  size_t count = 0;
  for (const float sample : samples) {
    if (std::abs(sample) < 1e-3f) continue;  // pauses inside of a line are no level
    sum += static_cast<double>(sample) * sample;
    ++count;
  }
  return count == 0 ? 0 : std::sqrt(sum / static_cast<double>(count));
}
double to_db(double amplitude) { return amplitude <= 0 ? kSilence : 20 * std::log10(amplitude); }
double from_db(double db) { return std::pow(10, db / 20); }

bool opens_with_sting(SegmentKind kind) {
  return kind == SegmentKind::kLead || kind == SegmentKind::kWeather ||
         kind == SegmentKind::kCloser || kind == SegmentKind::kTalk;
}
bool has_bed(SegmentKind kind) {
  return kind == SegmentKind::kOpening || kind == SegmentKind::kHeadlines ||
         kind == SegmentKind::kSignOff || kind == SegmentKind::kRecap;
}

struct PlacedSound {
  size_t begin = 0;
  const std::vector<float>* samples = nullptr;
};

struct Layout {
  std::vector<size_t> line_begins;
  std::vector<std::pair<size_t, size_t>> beds;  // [begin, end)
  std::vector<PlacedSound> sounds;
  std::vector<size_t> segment_begins;
  size_t length = 0;
};

class Arranger {
 public:
  Arranger(const script::ShowScript& script, std::span<const SpokenLine> spoken,
           const MixOptions& options)
      : script_(script), spoken_(spoken), options_(options) {
    if (!options.music) return;
    ident_ = make_ident(options.sample_rate);
    sting_ = make_sting(options.sample_rate);
    outro_ = make_outro(options.sample_rate);
  }

  Layout arrange() const {
    Layout layout;
    size_t at = 0;
    if (options_.music) {
      layout.sounds.push_back({0, &ident_});
      at = ident_.size() - samples(kIdentOverlap_s);
    }
    const size_t gaps = script_.segments.size() > 1 ? script_.segments.size() - 1 : 1;
    const double stretch_s = options_.stretch_s / static_cast<double>(gaps);
    size_t number = 0;
    std::string speaker;
    bool in_bed = false;
    size_t bed_begin = 0;
    for (size_t index = 0; index < script_.segments.size(); ++index) {
      const script::ScriptSegment& segment = script_.segments[index];
      if (index > 0) at += samples(std::max(0.0, 0.3 + stretch_s));
      if (in_bed && !has_bed(segment.kind)) {
        layout.beds.emplace_back(bed_begin, at + samples(1.0));
        in_bed = false;
      }
      layout.segment_begins.push_back(at);
      if (options_.music && index > 0 && opens_with_sting(segment.kind)) {
        layout.sounds.push_back({at, &sting_});
        at += sting_.size() - samples(kStingOverlap_s);
      }
      if (options_.music && has_bed(segment.kind) && !in_bed) {
        in_bed = true;
        bed_begin = at - std::min(at, samples(1.0));
      }
      for (const script::ScriptLine& line : segment.lines) {
        layout.line_begins.push_back(at);
        at += spoken_[number++].samples.size();
        at += samples((line.speaker == speaker || speaker.empty() ? options_.line_gap_s
                                                                  : options_.turn_gap_s) +
                      line.pause_ms / 1000.0);
        speaker = line.speaker;
      }
    }
    if (options_.music) {
      at += samples(kOutroLead_s);
      layout.sounds.push_back({at, &outro_});
      if (in_bed) layout.beds.emplace_back(bed_begin, at + samples(1.5));
      at += outro_.size();
    }
    layout.length = at;
    return layout;
  }

  size_t samples(double seconds) const {
    return static_cast<size_t>(std::lround(seconds * options_.sample_rate));
  }

 private:
  const script::ShowScript& script_;
  std::span<const SpokenLine> spoken_;
  const MixOptions& options_;
  std::vector<float> ident_;
  std::vector<float> sting_;
  std::vector<float> outro_;
};

// Music goes down where there is speech: attack 80 ms, release 500 ms.
class Ducking {
 public:
  Ducking(int sample_rate, double down_db)
      : attack_(1 - std::exp(-1 / (0.08 / 3 * sample_rate))),
        release_(1 - std::exp(-1 / (0.5 / 3 * sample_rate))),
        down_(from_db(down_db)) {}
  double next(bool speech) {
    const double target = speech ? down_ : 1;
    gain_ += (target < gain_ ? attack_ : release_) * (target - gain_);
    return gain_;
  }

 private:
  double attack_;
  double release_;
  double down_;
  double gain_ = 1;
};

// Chapters are the segments; short ones of the show's own words belong to what follows or precedes.
std::vector<Chapter> chapters_of(const script::ShowScript& script, const Layout& layout,
                                 int sample_rate) {
  std::vector<Chapter> chapters;
  for (size_t i = 0; i < script.segments.size(); ++i) {
    const double start_s = i == 0 ? 0 : static_cast<double>(layout.segment_begins[i]) / sample_rate;
    if (!chapters.empty()) chapters.back().end_s = start_s;
    chapters.push_back({script.segments[i].title, start_s, 0, i});
  }
  if (!chapters.empty()) chapters.back().end_s = static_cast<double>(layout.length) / sample_rate;
  return chapters;
}

}  // namespace

double music_duration_s(bool music) {
  return music ? (3.8 - kIdentOverlap_s) + 3.4 + kOutroLead_s : 0;
}

double mix_duration_s(const script::ShowScript& script, std::span<const SpokenLine> spoken,
                      const MixOptions& options) {
  return static_cast<double>(Arranger(script, spoken, options).arrange().length) /
         options.sample_rate;
}

ShowMix mix_show(const script::ShowScript& script, std::span<const SpokenLine> spoken,
                 const MixOptions& options) {
  const Arranger arranger(script, spoken, options);
  const Layout layout = arranger.arrange();
  ShowMix mix;
  mix.samples.resize(layout.length);

  // Each speaker at the same level.
  std::map<std::string, std::vector<float>> by_speaker;
  size_t number = 0;
  for (const script::ScriptSegment& segment : script.segments) {
    for (const script::ScriptLine& line : segment.lines) {
      std::vector<float>& all = by_speaker[line.speaker];
      const std::vector<float>& samples = spoken[number++].samples;
      if (all.size() < static_cast<size_t>(options.sample_rate) * 120)
        all.insert(all.end(), samples.begin(), samples.end());
    }
  }
  constexpr double kSpeechDbfs = -20;
  std::map<std::string, float> gains;
  for (const auto& [speaker, samples] : by_speaker) {
    const double level = to_db(rms(samples));
    gains[speaker] = level <= kSilence ? 1.0f : static_cast<float>(from_db(kSpeechDbfs - level));
  }

  std::vector<bool> speech(layout.length);
  number = 0;
  for (size_t s = 0; s < script.segments.size(); ++s) {
    for (size_t l = 0; l < script.segments[s].lines.size(); ++l, ++number) {
      const std::vector<float>& samples = spoken[number].samples;
      const size_t begin = layout.line_begins[number];
      const float gain = gains[script.segments[s].lines[l].speaker];
      for (size_t i = 0; i < samples.size(); ++i) mix.samples[begin + i] += gain * samples[i];
      std::fill(speech.begin() + static_cast<std::ptrdiff_t>(begin),
                speech.begin() + static_cast<std::ptrdiff_t>(begin + samples.size()), true);
      mix.lines.push_back({s, l, static_cast<double>(begin) / options.sample_rate,
                           static_cast<double>(begin + samples.size()) / options.sample_rate});
      mix.speech_s += static_cast<double>(samples.size()) / options.sample_rate;
    }
  }
  mix.speech_rms_dbfs = to_db(rms(mix.samples));
  mix.chapters = chapters_of(script, layout, options.sample_rate);
  if (!options.music) return mix;

  // The music goes down a little before speech begins.
  const size_t ahead = arranger.samples(0.12);
  const auto speech_soon = [&](size_t at) {
    return speech[at] || (at + ahead < speech.size() && speech[at + ahead]);
  };
  for (const PlacedSound& sound : layout.sounds) {
    const double gain =
        from_db(kSpeechDbfs - options.music_below_speech_db - to_db(rms(*sound.samples)));
    Ducking ducking(options.sample_rate,
                    options.music_below_speech_db - options.bed_below_speech_db);
    for (size_t i = 0; i < sound.samples->size() && sound.begin + i < mix.samples.size(); ++i) {
      const double ducked = ducking.next(speech_soon(sound.begin + i));
      mix.samples[sound.begin + i] += static_cast<float>(gain * ducked * (*sound.samples)[i]);
    }
  }
  double bed_sum = 0;
  size_t bed_count = 0;
  for (const auto& [begin, end] : layout.beds) {
    const size_t stop = std::min(end, mix.samples.size());
    if (stop <= begin) continue;
    const std::vector<float> bed = make_bed(options.sample_rate, stop - begin);
    // Between lines it may come up by 8 dB.
    constexpr double kRise_db = 8;
    const double gain =
        from_db(kSpeechDbfs - options.bed_below_speech_db + kRise_db - to_db(rms(bed)));
    Ducking ducking(options.sample_rate, -kRise_db);
    for (size_t i = 0; i < bed.size(); ++i) {
      const double sample = gain * ducking.next(speech_soon(begin + i)) * bed[i];
      mix.samples[begin + i] += static_cast<float>(sample);
      if (speech[begin + i]) {
        bed_sum += sample * sample;
        ++bed_count;
      }
    }
  }
  if (bed_count > 0) mix.bed_rms_dbfs = to_db(std::sqrt(bed_sum / static_cast<double>(bed_count)));
  return mix;
}

}  // namespace myna::production
