// Where the parts of a show stand on its time line, segment by segment, as the lengths of its lines
// become known. Private to src/experiences/production. All places are samples.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "experiences/production/show_mix.h"
#include "experiences/script/show_script.h"

namespace myna::production {

inline constexpr double kIdentLength_s = 3.8;
inline constexpr double kStingLength_s = 1.1;
inline constexpr double kOutroLength_s = 3.4;
inline constexpr double kDuckAhead_s = 0.12;  // music goes down a little before speech begins
inline constexpr double kBedFadeIn_s = 1.5;
inline constexpr double kBedFadeOut_s = 2.5;

struct SegmentPlaces {
  size_t begin = 0;
  std::optional<size_t> sting;
  std::vector<size_t> lines;
  std::optional<size_t> bed_end;    // of a bed that ran until here
  std::optional<size_t> bed_begin;  // of one that begins here
};

struct EndPlaces {
  std::optional<size_t> outro;
  std::optional<size_t> bed_end;
  size_t length = 0;
};

// The script outlives it.
class ShowLayout {
 public:
  ShowLayout(const script::ShowScript& script, const MixOptions& options);

  // The next segment, with the length of each of its lines.
  SegmentPlaces add(std::span<const size_t> line_lengths);
  EndPlaces finish();
  // What is still to be added changes no sample before this one.
  size_t settled() const;

  size_t samples(double seconds) const;

 private:
  double gap_s() const;  // before the next segment

  const script::ShowScript& script_;
  MixOptions options_;
  double stretch_s_;
  size_t at_ = 0;    // behind the last line and its gap
  size_t next_ = 0;  // segment
  std::string speaker_;
  bool in_bed_ = false;
};

}  // namespace myna::production
