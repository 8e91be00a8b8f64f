// The unit behind a number that another rule has read.
#pragma once

#include "text/normalize/rule.h"

namespace myna::text {

enum class UnitCount : uint8_t { kOne, kMany };

// Speaks the unit at token `at`, in the singular or the plural; returns the tokens it takes, 0 when
// there is no unit.
size_t speak_unit(const Tokens& tokens, size_t at, UnitCount count, SpeechBuilder& speech);

}  // namespace myna::text
