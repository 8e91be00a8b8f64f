#include "voice/piece_edges.h"

#include <algorithm>
#include <cmath>

namespace myna::voice {
namespace {

constexpr double kWindow_ms = 5;
constexpr double kRange_db = 50;
constexpr double kFloor_dbfs = -80;

// Which windows of kWindow_ms hold sound.
struct Windows {
  size_t length;  // samples a window; the last one may be shorter
  std::vector<bool> sound;
};

Windows find_sound_windows(std::span<const float> samples, int sample_rate) {
  Windows windows{std::max<size_t>(1, audio::samples_for_ms(kWindow_ms, sample_rate)), {}};
  std::vector<double> levels;
  for (size_t begin = 0; begin < samples.size(); begin += windows.length) {
    const size_t count = std::min(windows.length, samples.size() - begin);
    levels.push_back(audio::root_mean_square(samples.subspan(begin, count)));
  }
  const double loudest = levels.empty() ? 0 : *std::max_element(levels.begin(), levels.end());
  const double threshold =
      std::max(loudest * audio::db_to_amplitude(-kRange_db), audio::db_to_amplitude(kFloor_dbfs));
  for (double level : levels) windows.sound.push_back(level > threshold);
  return windows;
}

}  // namespace

PieceEdges find_piece_edges(std::span<const float> samples, int sample_rate) {
  const Windows windows = find_sound_windows(samples, sample_rate);
  const auto first = std::find(windows.sound.begin(), windows.sound.end(), true);
  if (first == windows.sound.end()) return {{0, 0}, {0, 0}};
  const auto last = std::find(windows.sound.rbegin(), windows.sound.rend(), true);
  const auto index = static_cast<size_t>(first - windows.sound.begin());
  const auto count = static_cast<size_t>(windows.sound.rend() - last);
  PieceEdges edges;
  edges.sound = {index * windows.length, std::min(samples.size(), count * windows.length)};
  const size_t lead = audio::samples_for_ms(kLeadMargin_ms, sample_rate);
  const size_t tail = audio::samples_for_ms(kTailMargin_ms, sample_rate);
  edges.keep = {edges.sound.begin - std::min(lead, edges.sound.begin),
                std::min(samples.size(), edges.sound.end + tail)};
  return edges;
}

std::vector<audio::SampleRange> find_silences(std::span<const float> samples, int sample_rate,
                                              double min_ms) {
  const Windows windows = find_sound_windows(samples, sample_rate);
  const size_t min_length = audio::samples_for_ms(min_ms, sample_rate);
  std::vector<audio::SampleRange> silences;
  for (size_t i = 0; i < windows.sound.size();) {
    size_t end = i;
    while (end < windows.sound.size() && !windows.sound[end]) ++end;
    const audio::SampleRange range{i * windows.length,
                                   std::min(samples.size(), end * windows.length)};
    if (end > i && range.end - range.begin >= min_length) silences.push_back(range);
    i = end + 1;
  }
  return silences;
}

}  // namespace myna::voice
