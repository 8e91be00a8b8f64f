// The letter-to-sound table of letter_to_sound.cc. A rule reads: `letters`, standing between the
// contexts `left` and `right`, sound like `sounds`. The first rule that fits wins; a letter without
// a fitting rule is silent.
//
// Contexts: small letters stand for themselves; # a vowel letter (a e i o u y); @ one of e i y;
// C one consonant letter; * any number of consonants, also none; _ the edge of the word; + anything
// (at least one letter) up to a vowel letter before it, which says that the word is longer.
// Sounds are those of the American dictionary without stress; ɑ stands for the o of "lot" and æ for
// the a of "bath", which the dialects tell apart later.
#pragma once

#include <span>
#include <string_view>

#include "text/g2p/phoneme_string.h"

namespace myna::text {

struct LetterRule {
  std::string_view left;
  std::string_view letters;
  std::string_view right;
  PhonemeView sounds;
};

// The rules of one letter, 'a' to 'z'.
std::span<const LetterRule> letter_rules(char letter);

}  // namespace myna::text
