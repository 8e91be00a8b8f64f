#include "experiences/production/show_layout.h"

#include <algorithm>
#include <cmath>

namespace myna::production {
namespace {

using script::SegmentKind;

constexpr double kIdentOverlap_s = 1.2;  // speech begins over the tail of the ident
constexpr double kStingOverlap_s = 0.45;
constexpr double kOutroLead_s = 0.25;
constexpr double kSegmentGap_s = 0.3;
// A bed begins before its first segment, and goes on into what follows its last one.
constexpr double kBedLead_s = 1.0;
constexpr double kBedTail_s = 1.0;
constexpr double kBedIntoOutro_s = 1.5;

bool opens_with_sting(SegmentKind kind) {
  return kind == SegmentKind::kLead || kind == SegmentKind::kWeather ||
         kind == SegmentKind::kCloser || kind == SegmentKind::kTalk;
}
bool has_bed(SegmentKind kind) {
  return kind == SegmentKind::kOpening || kind == SegmentKind::kHeadlines ||
         kind == SegmentKind::kSignOff || kind == SegmentKind::kRecap;
}

}  // namespace

double music_duration_s(bool music) {
  return music ? (kIdentLength_s - kIdentOverlap_s) + kOutroLength_s + kOutroLead_s : 0;
}

ShowLayout::ShowLayout(const script::ShowScript& script, const MixOptions& options)
    : script_(script), options_(options) {
  const size_t gaps = script.segments.size() > 1 ? script.segments.size() - 1 : 1;
  stretch_s_ = options.stretch_s / static_cast<double>(gaps);
  if (options.music) at_ = samples(kIdentLength_s) - samples(kIdentOverlap_s);
}

size_t ShowLayout::samples(double seconds) const {
  return static_cast<size_t>(std::lround(seconds * options_.sample_rate));
}

double ShowLayout::gap_s() const {
  return next_ > 0 && next_ < script_.segments.size() ? std::max(0.0, kSegmentGap_s + stretch_s_)
                                                      : 0;
}

SegmentPlaces ShowLayout::add(std::span<const size_t> line_lengths) {
  const script::ScriptSegment& segment = script_.segments.at(next_);
  SegmentPlaces places;
  at_ += samples(gap_s());
  if (in_bed_ && !has_bed(segment.kind)) {
    places.bed_end = at_ + samples(kBedTail_s);
    in_bed_ = false;
  }
  places.begin = at_;
  if (options_.music && next_ > 0 && opens_with_sting(segment.kind)) {
    places.sting = at_;
    at_ += samples(kStingLength_s) - samples(kStingOverlap_s);
  }
  if (options_.music && has_bed(segment.kind) && !in_bed_) {
    in_bed_ = true;
    places.bed_begin = at_ - std::min(at_, samples(kBedLead_s));
  }
  for (size_t i = 0; i < segment.lines.size(); ++i) {
    const script::ScriptLine& line = segment.lines[i];
    places.lines.push_back(at_);
    const bool same = line.speaker == speaker_ || speaker_.empty();
    at_ += line_lengths[i];
    at_ += samples((same ? options_.line_gap_s : options_.turn_gap_s) + line.pause_ms / 1000.0);
    speaker_ = line.speaker;
  }
  ++next_;
  return places;
}

EndPlaces ShowLayout::finish() {
  EndPlaces places;
  if (options_.music) {
    at_ += samples(kOutroLead_s);
    places.outro = at_;
    if (in_bed_) places.bed_end = at_ + samples(kBedIntoOutro_s);
    at_ += samples(kOutroLength_s);
  }
  places.length = at_;
  return places;
}

size_t ShowLayout::settled() const {
  double ahead_s = kDuckAhead_s;
  if (next_ >= script_.segments.size()) {
    if (in_bed_) ahead_s = kBedFadeOut_s - kBedIntoOutro_s - kOutroLead_s;
  } else {
    const bool bed = has_bed(script_.segments[next_].kind);
    if (in_bed_ && !bed) ahead_s = kBedFadeOut_s - kBedTail_s;
    if (!in_bed_ && bed && options_.music) ahead_s = kBedLead_s;
  }
  const size_t next_begin = at_ + samples(gap_s());
  return next_begin - std::min(next_begin, samples(ahead_s));
}

}  // namespace myna::production
