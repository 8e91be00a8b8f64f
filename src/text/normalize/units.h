// The unit behind a number that another rule has read.
#pragma once

#include "text/normalize/rule.h"

namespace myna::text {

// Speaks the plural of the unit at token `at`; returns the tokens it takes, 0 when there is no
// unit.
size_t speak_unit(const Tokens& tokens, size_t at, SpeechBuilder& speech);

}  // namespace myna::text
