#include "text/markup/annotation.h"

namespace myna::text {

float PitchContour::semitones_at(float position) const {
  if (points.empty()) return 0;
  if (position <= points.front().position) return points.front().semitones;
  for (size_t i = 1; i < points.size(); ++i) {
    if (position > points[i].position) continue;
    const Point& from = points[i - 1];
    const Point& to = points[i];
    const float length = to.position - from.position;
    if (length <= 0) return to.semitones;
    return from.semitones + (to.semitones - from.semitones) * (position - from.position) / length;
  }
  return points.back().semitones;
}

}  // namespace myna::text
