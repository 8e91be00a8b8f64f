// Phonemes inside the front end: strings of UTF-16 units, one unit a symbol (all of them lie in the
// BMP), written as in the voice's alphabet: u"həlˈO". American and British differ in their vowels.
#pragma once

#include <string>
#include <string_view>

namespace myna::text {

using PhonemeString = std::u16string;
using PhonemeView = std::u16string_view;

inline constexpr char16_t kPrimaryStress = u'ˈ';
inline constexpr char16_t kSecondaryStress = u'ˌ';

inline bool is_stress_mark(char16_t symbol) {
  return symbol == kPrimaryStress || symbol == kSecondaryStress;
}
inline bool is_vowel_symbol(char16_t symbol) {
  return PhonemeView(u"AIOQWYaiuæɑɒɔəɛɜɪʊʌᵻ").find(symbol) != PhonemeView::npos;
}
inline bool is_consonant_symbol(char16_t symbol) {
  return PhonemeView(u"bdfhjklmnpstvwzðŋɡɹɾʃʒʤʧθTʔ").find(symbol) != PhonemeView::npos;
}
inline bool contains_symbol(PhonemeView phonemes, char16_t symbol) {
  return phonemes.find(symbol) != PhonemeView::npos;
}

}  // namespace myna::text
