// Postal addresses.
#pragma once

#include "text/normalize/rule.h"

namespace myna::text {

// Reads what starts at token `at`, knowing that it belongs to an address: directions and states are
// said in full, numbers are those of houses and post codes. Returns the tokens taken, at least 1.
size_t read_address_part(const Tokens& tokens, size_t at, SpeechBuilder& speech);

}  // namespace myna::text
