#include "text/g2p/stress.h"

#include <algorithm>

namespace myna::text {
namespace {

void replace_all(PhonemeString& phonemes, char16_t from, char16_t to) {
  std::replace(phonemes.begin(), phonemes.end(), from, to);
}

void erase_all(PhonemeString& phonemes, char16_t symbol) {
  phonemes.erase(std::remove(phonemes.begin(), phonemes.end(), symbol), phonemes.end());
}

void add_mark(PhonemeString& phonemes, char16_t mark) {
  const auto vowel = std::find_if(phonemes.begin(), phonemes.end(), is_vowel_symbol);
  if (vowel != phonemes.end()) phonemes.insert(vowel, mark);
}

}  // namespace

void change_stress(PhonemeString& phonemes, StressChange change) {
  const bool primary = contains_symbol(phonemes, kPrimaryStress);
  const bool secondary = contains_symbol(phonemes, kSecondaryStress);
  switch (change) {
    case StressChange::kKeep:
      return;
    case StressChange::kRemove:
      erase_all(phonemes, kPrimaryStress);
      erase_all(phonemes, kSecondaryStress);
      return;
    case StressChange::kDemote:
      if (!primary) return;
      erase_all(phonemes, kSecondaryStress);
      replace_all(phonemes, kPrimaryStress, kSecondaryStress);
      return;
    case StressChange::kAddSecondary:
      if (!primary && !secondary) add_mark(phonemes, kSecondaryStress);
      return;
    case StressChange::kRaise:
    case StressChange::kAddPrimary:
      if (primary) return;
      if (secondary) {
        replace_all(phonemes, kSecondaryStress, kPrimaryStress);
      } else {
        add_mark(phonemes, change == StressChange::kRaise ? kSecondaryStress : kPrimaryStress);
      }
      return;
  }
}

int stress_weight(PhonemeView phonemes) {
  int weight = 0;
  for (const char16_t symbol : phonemes) {
    weight += PhonemeView(u"AIOQWYʤʧ").find(symbol) != PhonemeView::npos ? 2 : 1;
  }
  return weight;
}

}  // namespace myna::text
