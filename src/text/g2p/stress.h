// Stress: raising, lowering and adding it on a word's phonemes.
#pragma once

#include "text/g2p/phoneme_string.h"

namespace myna::text {

enum class StressChange : uint8_t {
  kKeep,
  kRemove,        // no stress at all
  kDemote,        // primary becomes secondary, secondary is lost; no change without a primary
  kAddSecondary,  // a secondary on the first vowel when there is none of either
  kRaise,         // as kAddSecondary, or the secondaries become primary when there is no primary
  kAddPrimary,    // as kRaise, but a primary when there is none of either
};

// Adding stress to a word without a vowel changes nothing.
void change_stress(PhonemeString& phonemes, StressChange change);

// How heavy a word is when two parts of a compound compete: diphthongs and affricates count twice.
int stress_weight(PhonemeView phonemes);

}  // namespace myna::text
