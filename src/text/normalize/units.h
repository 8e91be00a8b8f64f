// The unit behind a number.
#pragma once

#include <string>

#include "text/normalize/rule.h"

namespace myna::text {

enum class UnitCount : uint8_t { kOne, kMany };

struct UnitMatch {
  std::string spoken;  // "kilometers per hour"
  size_t count = 0;    // tokens; 0: there is no unit
};

// km, km/h, km², sq ft, °C, %, ", behind a number that ends before token `at`.
UnitMatch unit_at(const Tokens& tokens, size_t at, UnitCount count);

// True when the period at token `period` belongs to the unit before it and not to the sentence:
// "130 lbs., and".
bool takes_period(const Tokens& tokens, size_t period);

// Says `name` for tokens [begin, end).
void speak_unit_name(const Tokens& tokens, size_t begin, size_t end, const std::string& name,
                     SpeechBuilder& speech);

// Speaks the unit at token `at` with its period; returns the tokens it takes, 0 when there is none.
size_t speak_unit(const Tokens& tokens, size_t at, UnitCount count, SpeechBuilder& speech);

}  // namespace myna::text
