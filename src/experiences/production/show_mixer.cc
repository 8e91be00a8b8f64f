#include "experiences/production/show_mixer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "audio/loudness.h"
#include "experiences/production/signature_sounds.h"

namespace myna::production {
namespace {

constexpr double kSilence = -300;
constexpr double kSpeechDbfs = -20;
constexpr double kBedRise_db = 8;     // between lines
constexpr double kLevelling_s = 120;  // of each speaker
constexpr float kPause = 1e-3f;       // what is quieter is no level

// Sum of squares and count of what is no pause.
std::pair<double, size_t> power_of(std::span<const float> samples) {
  double sum = 0;
  size_t count = 0;
  for (const float sample : samples) {
    if (std::abs(sample) < kPause) continue;
    sum += static_cast<double>(sample) * sample;
    ++count;
  }
  return {sum, count};
}
double to_db(double amplitude) { return amplitude <= 0 ? kSilence : 20 * std::log10(amplitude); }
double from_db(double db) { return std::pow(10, db / 20); }
double level_db(double sum, size_t count) {
  return count == 0 ? kSilence : to_db(std::sqrt(sum / static_cast<double>(count)));
}
double level_db(std::span<const float> samples) {
  const auto [sum, count] = power_of(samples);
  return level_db(sum, count);
}

float speaker_gain(double level) {
  return level <= kSilence ? 1.0f : static_cast<float>(from_db(kSpeechDbfs - level));
}

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

}  // namespace

struct ShowMixer::Sound {
  size_t begin;
  const std::vector<float>* samples;
  double gain;
  Ducking ducking;
  size_t next = 0;  // sample
};

struct ShowMixer::Bed {
  size_t begin;
  Ducking ducking;
  size_t next = 0;
  std::optional<size_t> end = {};
};

ShowMixer::ShowMixer(const script::ShowScript& script, const MixOptions& options, Sink sink)
    : script_(script),
      options_(options),
      sink_(std::move(sink)),
      layout_(script, options),
      ahead_(layout_.samples(kDuckAhead_s)) {
  if (!options.music) return;
  ident_ = make_ident(options.sample_rate);
  sting_ = make_sting(options.sample_rate);
  outro_ = make_outro(options.sample_rate);
  place_sound(0, ident_);
}

ShowMixer::~ShowMixer() = default;

void ShowMixer::level(std::span<const SpokenLine> all_lines) {
  struct Heard {
    double sum = 0;
    size_t count = 0;
    size_t samples = 0;
  };
  std::map<std::string, Heard> by_speaker;
  const size_t most = layout_.samples(kLevelling_s);
  size_t number = 0;
  for (const script::ScriptSegment& segment : script_.segments) {
    for (const script::ScriptLine& line : segment.lines) {
      Heard& heard = by_speaker[line.speaker];
      const std::vector<float>& samples = all_lines[number++].samples;
      if (heard.samples >= most) continue;
      const auto [sum, count] = power_of(samples);
      heard.sum += sum;
      heard.count += count;
      heard.samples += samples.size();
    }
  }
  for (const auto& [speaker, heard] : by_speaker)
    gains_[speaker] = speaker_gain(level_db(heard.sum, heard.count));
}

void ShowMixer::level_segment(const script::ScriptSegment& segment,
                              std::span<const SpokenLine> lines) {
  std::map<std::string, std::pair<double, size_t>> powers;
  for (size_t i = 0; i < segment.lines.size(); ++i) {
    if (gains_.contains(segment.lines[i].speaker)) continue;
    const auto [sum, count] = power_of(lines[i].samples);
    auto& power = powers[segment.lines[i].speaker];
    power.first += sum;
    power.second += count;
  }
  for (const auto& [speaker, power] : powers)
    gains_[speaker] = speaker_gain(level_db(power.first, power.second));
}

void ShowMixer::place_sound(size_t begin, const std::vector<float>& samples) {
  const double gain = from_db(kSpeechDbfs - options_.music_below_speech_db - level_db(samples));
  const double down_db = options_.music_below_speech_db - options_.bed_below_speech_db;
  sounds_.push_back(std::make_unique<Sound>(
      Sound{begin, &samples, gain, Ducking(options_.sample_rate, down_db)}));
  mix_.samples.resize(std::max(mix_.samples.size(), begin + samples.size()));
}

void ShowMixer::add_segment(std::span<const SpokenLine> lines) {
  const script::ScriptSegment& segment = script_.segments.at(segment_);
  level_segment(segment, lines);
  std::vector<size_t> lengths;
  for (const SpokenLine& line : lines) lengths.push_back(line.samples.size());
  const SegmentPlaces places = layout_.add(lengths);
  segment_begins_.push_back(places.begin);
  std::vector<float> levelled;
  for (size_t l = 0; l < lines.size(); ++l) {
    const std::vector<float>& samples = lines[l].samples;
    const size_t begin = places.lines[l];
    const size_t end = begin + samples.size();
    mix_.samples.resize(std::max(mix_.samples.size(), end));
    speech_.resize(std::max(speech_.size(), end));
    const float gain = gains_[segment.lines[l].speaker];
    for (size_t i = 0; i < samples.size(); ++i) {
      const float sample = gain * samples[i];
      mix_.samples[begin + i] += sample;
      if (std::abs(sample) < kPause) continue;
      speech_power_ += static_cast<double>(sample) * sample;
      ++speech_count_;
    }
    std::fill(speech_.begin() + static_cast<std::ptrdiff_t>(begin),
              speech_.begin() + static_cast<std::ptrdiff_t>(end), true);
    if (segment_ == 0) {
      for (const float sample : samples) levelled.push_back(gain * sample);
    }
    mix_.lines.push_back({segment_, l, static_cast<double>(begin) / options_.sample_rate,
                          static_cast<double>(end) / options_.sample_rate});
    mix_.speech_s += static_cast<double>(samples.size()) / options_.sample_rate;
  }
  if (sink_ && segment_ == 0)
    speech_lufs_ = audio::measure_loudness(levelled, options_.sample_rate).integrated_lufs;
  if (places.bed_end && bed_) bed_->end = places.bed_end;
  // One bed may end while the next one begins only behind other segments, which last longer.
  if (places.bed_begin) {
    if (bed_) play_bed(bed_->end.value_or(*places.bed_begin));
    if (bed_loop_.empty()) {
      bed_loop_ = make_bed_loop(options_.sample_rate);
      bed_gain_ =
          from_db(kSpeechDbfs - options_.bed_below_speech_db + kBedRise_db - level_db(bed_loop_));
    }
    bed_ =
        std::make_unique<Bed>(Bed{*places.bed_begin, Ducking(options_.sample_rate, -kBedRise_db)});
  }
  if (places.sting) place_sound(*places.sting, sting_);
  ++segment_;
  if (sink_) deliver(layout_.settled());
}

ShowMix ShowMixer::finish() {
  const EndPlaces places = layout_.finish();
  if (places.bed_end && bed_) bed_->end = places.bed_end;
  if (places.outro) place_sound(*places.outro, outro_);
  mix_.samples.resize(places.length);
  speech_.resize(places.length);
  deliver(places.length);
  mix_.speech_rms_dbfs = level_db(speech_power_, speech_count_);
  if (bed_count_ > 0)
    mix_.bed_rms_dbfs = to_db(std::sqrt(bed_power_ / static_cast<double>(bed_count_)));
  for (size_t i = 0; i < segment_; ++i) {
    const double start_s =
        i == 0 ? 0 : static_cast<double>(segment_begins_[i]) / options_.sample_rate;
    if (!mix_.chapters.empty()) mix_.chapters.back().end_s = start_s;
    mix_.chapters.push_back({script_.segments[i].title, start_s, 0, i});
  }
  if (!mix_.chapters.empty())
    mix_.chapters.back().end_s = static_cast<double>(places.length) / options_.sample_rate;
  return std::move(mix_);
}

void ShowMixer::deliver(size_t end) {
  if (mix_.samples.size() < end) mix_.samples.resize(end);
  play_until(end);
  if (sink_ && end > delivered_)
    sink_(std::span<const float>(mix_.samples).subspan(delivered_, end - delivered_));
  delivered_ = std::max(delivered_, end);
}

void ShowMixer::play_until(size_t end) {
  for (const auto& sound : sounds_) play_sound(*sound, end);
  std::erase_if(sounds_, [](const auto& sound) { return sound->next == sound->samples->size(); });
  if (bed_) play_bed(end);
}

bool ShowMixer::speech_soon(size_t at) const {
  return (at < speech_.size() && speech_[at]) ||
         (at + ahead_ < speech_.size() && speech_[at + ahead_]);
}

void ShowMixer::play_sound(Sound& sound, size_t end) {
  for (; sound.next < sound.samples->size() && sound.begin + sound.next < end; ++sound.next) {
    const size_t at = sound.begin + sound.next;
    const double ducked = sound.ducking.next(speech_soon(at));
    mix_.samples[at] += static_cast<float>(sound.gain * ducked * (*sound.samples)[sound.next]);
  }
}

void ShowMixer::play_bed(size_t end) {
  Bed& bed = *bed_;
  const double in = kBedFadeIn_s * options_.sample_rate;
  const double out = kBedFadeOut_s * options_.sample_rate;
  const size_t stop = std::min(end, bed.end ? std::min(*bed.end, mix_.samples.size()) : end);
  for (; bed.begin + bed.next < stop; ++bed.next) {
    const size_t at = bed.begin + bed.next;
    double fade = std::min(1.0, static_cast<double>(bed.next) / in);
    if (bed.end) fade *= std::min(1.0, static_cast<double>(*bed.end - 1 - at) / out);
    const double sample = bed_gain_ * fade * bed.ducking.next(speech_soon(at)) *
                          bed_loop_[bed.next % bed_loop_.size()];
    mix_.samples[at] += static_cast<float>(sample);
    if (at < speech_.size() && speech_[at]) {
      bed_power_ += sample * sample;
      ++bed_count_;
    }
  }
}

double mix_duration_s(const script::ShowScript& script, std::span<const size_t> line_lengths,
                      const MixOptions& options) {
  ShowLayout layout(script, options);
  size_t number = 0;
  for (const script::ScriptSegment& segment : script.segments) {
    layout.add(line_lengths.subspan(number, segment.lines.size()));
    number += segment.lines.size();
  }
  return static_cast<double>(layout.finish().length) / options.sample_rate;
}

ShowMix mix_show(const script::ShowScript& script, std::span<const SpokenLine> spoken,
                 const MixOptions& options) {
  ShowMixer mixer(script, options);
  mixer.level(spoken);
  size_t number = 0;
  for (const script::ScriptSegment& segment : script.segments) {
    mixer.add_segment(spoken.subspan(number, segment.lines.size()));
    number += segment.lines.size();
  }
  return mixer.finish();
}

}  // namespace myna::production
