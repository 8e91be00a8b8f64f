#include "experiences/script/pace.h"

namespace myna::script {

double estimate_s(const ShowScript& script, const Pace& pace) {
  double seconds = 0;
  for (const ScriptSegment& segment : script.segments) {
    for (const ScriptLine& line : segment.lines) {
      seconds += static_cast<double>(line.text.size()) * pace.seconds_per_byte +
                 pace.sentence_gap_s + line.pause_ms / 1000.0;
    }
  }
  return seconds;
}

}  // namespace myna::script
