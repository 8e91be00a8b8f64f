// The sounds of -s, -ed and -ing behind a stem: voicing, the extra syllable, the American flap.
#pragma once

#include "text/front_end.h"
#include "text/g2p/phoneme_string.h"

namespace myna::text {

void append_s(PhonemeString& stem, Dialect dialect);
void append_ed(PhonemeString& stem, Dialect dialect);
void append_ing(PhonemeString& stem, Dialect dialect);

}  // namespace myna::text
