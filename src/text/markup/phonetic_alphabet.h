// Phonemes as people write them: IPA, X-SAMPA, or the voice's own alphabet (docs/models/studio.md).
// SSML's <phoneme>, [word](/ipa/) and the user lexicon come through here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "text/front_end.h"
#include "text/g2p/phoneme_string.h"

namespace myna::text {

enum class PhoneticAlphabet : uint8_t { kIpa, kXSampa, kMyna };

// "ipa", "x-sampa" (also "xsampa"), "x-myna"; without regard to case. Nothing for other names.
std::optional<PhoneticAlphabet> parse_alphabet_name(std::string_view name);

struct PhoneticError {
  size_t begin = 0;  // byte range in the notation
  size_t end = 0;
  std::string message;  // "'%' is no IPA symbol"
};

// Appends `notation` in the voice's alphabet to `out`; nothing is appended when it cannot be read.
// Spaces part words. IPA may stand in /.../ or [...]; stress may stand before the syllable or
// before its vowel; syllable dots, ties and fine diacritics are passed over; the one-letter
// diphthongs of the voice (A I O Q W Y) are understood too. Vowels become those of the dialect, and
// what the voice lacks becomes the nearest that it has: American "kɒfi" is said kɑfi, British
// "ɡoʊt" is said ɡQt, and "ɬ" is said l.
std::optional<PhoneticError> parse_phonemes(std::string_view notation, PhoneticAlphabet alphabet,
                                            Dialect dialect, PhonemeString& out);

}  // namespace myna::text
