// Spoken lines, gaps and music on one time line, with what is heard when.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "experiences/production/line_studio.h"
#include "experiences/script/show_script.h"

namespace myna::production {

struct MixOptions {
  int sample_rate = 24000;
  bool music = true;
  double bed_below_speech_db = 24;   // 20 or more (WCAG 1.4.7)
  double music_below_speech_db = 4;  // ident, sting, outro
  double line_gap_s = 0.38;          // between lines of one speaker
  double turn_gap_s = 0.25;          // between speakers
  double stretch_s = 0;              // added between segments, shared among them; may be negative
};

struct MixedLine {
  size_t segment = 0;
  size_t line = 0;
  double start_s = 0;
  double end_s = 0;
};

struct Chapter {
  std::string title;
  double start_s = 0;
  double end_s = 0;
  size_t segment = 0;  // the first one
};

struct ShowMix {
  std::vector<float> samples;  // mono; not yet at the loudness of the file
  std::vector<MixedLine> lines;
  std::vector<Chapter> chapters;
  double speech_s = 0;  // sum of the lines
  double speech_rms_dbfs = 0;
  double bed_rms_dbfs = -300;  // under speech; -300 without a bed
  double duration_s(int sample_rate) const {
    return static_cast<double>(samples.size()) / sample_rate;
  }
};

// spoken[i] is the i-th line of the script, all segments counted. Speakers are levelled to each
// other.
ShowMix mix_show(const script::ShowScript& script, std::span<const SpokenLine> spoken,
                 const MixOptions& options);

// Seconds of mix_show() for lines of so many samples.
double mix_duration_s(const script::ShowScript& script, std::span<const size_t> line_lengths,
                      const MixOptions& options);
// Seconds of ident and outro beside speech, gaps and pauses.
double music_duration_s(bool music);

}  // namespace myna::production
