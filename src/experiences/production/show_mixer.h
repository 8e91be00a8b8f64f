// The mix of a show while its segments come, for somebody who listens meanwhile; mix_show() is the
// same with all of them at hand.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "experiences/production/line_studio.h"
#include "experiences/production/show_layout.h"
#include "experiences/production/show_mix.h"
#include "experiences/script/show_script.h"

namespace myna::production {

// Not thread-safe. The script outlives it.
class ShowMixer {
 public:
  // Gets the samples of the mix in order, each as soon as nothing changes it any more.
  using Sink = std::function<void(std::span<const float>)>;

  ShowMixer(const script::ShowScript& script, const MixOptions& options, Sink sink = {});
  ~ShowMixer();

  // Takes the level of each speaker from all of the show's lines; otherwise it is that of the first
  // segment in which he speaks.
  void level(std::span<const SpokenLine> all_lines);
  // The lines of the next segment.
  void add_segment(std::span<const SpokenLine> lines);
  // Ends the show behind the last segment that was added.
  ShowMix finish();

  // Of the lines of the first segment, at their level: what a listener's gain is chosen by. Nothing
  // before it, or when they are too short to be measured.
  std::optional<double> speech_lufs() const { return speech_lufs_; }

 private:
  struct Sound;
  struct Bed;

  void level_segment(const script::ScriptSegment& segment, std::span<const SpokenLine> lines);
  void place_sound(size_t begin, const std::vector<float>& samples);
  void play_until(size_t end);
  void play_sound(Sound& sound, size_t end);
  void play_bed(size_t end);
  bool speech_soon(size_t at) const;
  void deliver(size_t end);

  const script::ShowScript& script_;
  MixOptions options_;
  Sink sink_;
  ShowLayout layout_;
  ShowMix mix_;
  size_t segment_ = 0;
  size_t delivered_ = 0;
  size_t ahead_;
  std::map<std::string, float> gains_;  // of speakers
  std::vector<bool> speech_;            // where somebody speaks
  std::vector<size_t> segment_begins_;
  std::vector<float> ident_, sting_, outro_;
  std::vector<std::unique_ptr<Sound>> sounds_;  // that are still heard
  std::vector<float> bed_loop_;
  double bed_gain_ = 0;
  std::unique_ptr<Bed> bed_;
  double speech_power_ = 0, bed_power_ = 0;  // sums of squares
  size_t speech_count_ = 0, bed_count_ = 0;
  std::optional<double> speech_lufs_;
};

}  // namespace myna::production
