// How long a script takes, before it is spoken.
#pragma once

#include "experiences/script/show_script.h"

namespace myna::script {

// Corrected by what was measured, once lines were spoken.
struct Pace {
  double seconds_per_byte = 0.068;  // of text, at 157 words a minute
  double sentence_gap_s = 0.45;     // between lines
};

// Music and gaps between segments apart.
double estimate_s(const ShowScript& script, const Pace& pace);

}  // namespace myna::script
