// Four steps: the letter table gives sounds without stress; the suffix and the weight of the
// syllables choose the stressed one; unstressed short vowels weaken; the dialect's vowels are put
// in.
#include "text/g2p/letter_to_sound.h"

#include <vector>

#include "text/g2p/letter_rules.h"

namespace myna::text {
namespace {

bool is_vowel_letter(char c) {
  return std::string_view("aeiouy").find(c) != std::string_view::npos;
}
bool is_front_letter(char c) { return c == 'e' || c == 'i' || c == 'y'; }

// Matches `pattern` along the word from `at` in direction `step`; see letter_rules.h.
bool matches(std::string_view word, std::ptrdiff_t at, int step, std::string_view pattern) {
  const auto size = static_cast<std::ptrdiff_t>(word.size());
  std::ptrdiff_t p = step > 0 ? 0 : static_cast<std::ptrdiff_t>(pattern.size()) - 1;
  for (; p >= 0 && p < static_cast<std::ptrdiff_t>(pattern.size()); p += step) {
    const bool inside = at >= 0 && at < size;
    const char letter = inside ? word[static_cast<size_t>(at)] : '\0';
    switch (pattern[static_cast<size_t>(p)]) {
      case '_':
        if (inside) return false;
        continue;  // the edge takes no letter
      case '#':
        if (!inside || !is_vowel_letter(letter)) return false;
        break;
      case '@':
        if (!inside || !is_front_letter(letter)) return false;
        break;
      case 'C':
        if (!inside || is_vowel_letter(letter)) return false;
        break;
      case '*':
        while (at >= 0 && at < size && !is_vowel_letter(word[static_cast<size_t>(at)])) at += step;
        continue;
      case '+': {
        bool vowel = false;
        for (std::ptrdiff_t i = at; i >= 0 && i < size && !vowel; i += step) {
          vowel = is_vowel_letter(word[static_cast<size_t>(i)]);
        }
        if (!vowel) return false;
        continue;
      }
      default:
        if (!inside || letter != pattern[static_cast<size_t>(p)]) return false;
    }
    at += step;
  }
  return true;
}

// Names from other languages keep their vowels: Nakamura, Rodrigo, Kowalski.
bool looks_continental(std::string_view word) {
  if (word.size() < 4) return false;
  const char last = word.back();
  if (last != 'a' && last != 'i' && last != 'o' && last != 'u') return false;
  for (const std::string_view english : {"th", "ck", "ee", "oo", "igh", "wh", "ea", "ou", "ia_"}) {
    if (word.find(english) != std::string_view::npos) return false;
  }
  return !word.ends_with("ia") && !word.ends_with("tion") && !word.ends_with("io");
}

void apply_rules(std::string_view word, PhonemeString& sounds) {
  const bool continental = looks_continental(word);
  for (size_t at = 0; at < word.size();) {
    const char letter = word[at];
    if (letter < 'a' || letter > 'z') {
      ++at;
      continue;
    }
    if (continental && std::string_view("aeiou").find(letter) != std::string_view::npos &&
        (at + 1 == word.size() || !is_vowel_letter(word[at + 1])) &&
        (at == 0 || !is_vowel_letter(word[at - 1]))) {
      const bool last = at + 1 == word.size();
      switch (letter) {
        case 'a':
          sounds += last ? u"ə" : u"ɑ";
          break;
        case 'e':
          sounds += last ? u"A" : u"ɛ";
          break;
        case 'i':
          sounds += u"i";
          break;
        case 'o':
          sounds += u"O";
          break;
        default:
          sounds += u"u";
          break;
      }
      ++at;
      continue;
    }
    size_t taken = 1;
    for (const LetterRule& rule : letter_rules(letter)) {
      if (word.compare(at, rule.letters.size(), rule.letters) != 0) continue;
      if (!matches(word, static_cast<std::ptrdiff_t>(at) - 1, -1, rule.left)) continue;
      if (!matches(word, static_cast<std::ptrdiff_t>(at + rule.letters.size()), 1, rule.right))
        continue;
      sounds += rule.sounds;
      taken = rule.letters.size();
      break;
    }
    at += taken;
  }
}

bool is_syllabic(PhonemeView sounds, size_t at) {
  return is_vowel_symbol(sounds[at]) || sounds[at] == u'ᵊ';
}
bool is_weak(char16_t sound) { return sound == u'ə' || sound == u'ᵊ' || sound == u'ᵻ'; }
bool is_long(char16_t sound) { return PhonemeView(u"AIOQWYiuɜɔ").find(sound) != PhonemeView::npos; }

// Endings that leave the stress of their stem alone, with the syllables they add.
struct NeutralEnding {
  std::string_view letters;
  size_t syllables;
};
constexpr NeutralEnding kNeutralEndings[] = {
    {"fulness", 2}, {"lessness", 2}, {"iness", 2}, {"ness", 1}, {"less", 1}, {"fully", 2},
    {"ful", 1},     {"ingly", 2},    {"edly", 2},  {"ably", 2}, {"able", 2}, {"ment", 1},
    {"ments", 1},   {"ship", 1},     {"ing", 1},   {"ings", 1}, {"ers", 1},  {"er", 1},
    {"ism", 2},     {"ist", 1},      {"ists", 1},  {"ish", 1},  {"ward", 1}, {"wards", 1},
    {"like", 1},    {"hood", 1},     {"dom", 1}};

// Which of the vowels (indices into `vowels`) carries the stress.
size_t choose_stress(std::string_view word, PhonemeView sounds, const std::vector<size_t>& vowels) {
  const size_t count = vowels.size();
  if (count == 1) return 0;
  for (const NeutralEnding& ending : kNeutralEndings) {
    if (!word.ends_with(ending.letters) || count < ending.syllables + 2) continue;
    const std::vector<size_t> stem(vowels.begin(),
                                   vowels.end() - static_cast<std::ptrdiff_t>(ending.syllables));
    return choose_stress(word.substr(0, word.size() - ending.letters.size()), sounds, stem);
  }
  const auto back_from_end = [&](size_t n) { return count > n ? count - 1 - n : 0; };
  for (const std::string_view suffix :
       {"tion", "sion", "cian", "ic", "ics", "tial", "cial", "cious", "tious", "tions", "sions"}) {
    if (word.ends_with(suffix)) return back_from_end(1);
  }
  for (const std::string_view suffix :
       {"ity", "ities", "ical", "ically", "logy", "graphy", "ian", "ians", "ial", "ious", "eous",
        "ia", "ium", "ient", "ience", "uous", "ual"}) {
    if (word.ends_with(suffix)) return back_from_end(2);
  }
  for (const std::string_view suffix : {"ee", "eer", "ette", "esque", "ique", "oon"}) {
    if (word.ends_with(suffix)) return count - 1;
  }
  if (looks_continental(word)) return back_from_end(1);
  if (count == 2) {
    for (const std::string_view prefix :
         {"re", "de", "be", "con", "com", "dis", "mis", "pre", "pro", "ex", "in", "en", "un"}) {
      // A weak prefix before a long vowel: reclaim, behave; "remnant" keeps the first.
      if (word.starts_with(prefix) && is_long(sounds[vowels[1]]) &&
          vowels[1] + 2 >= sounds.size() - 1)
        return 1;
    }
    return is_weak(sounds[vowels[0]]) && !is_weak(sounds[vowels[1]]) ? 1 : 0;
  }
  for (const std::string_view suffix : {"ize", "ise", "ate", "ify", "izes", "ates", "ized", "ated",
                                        "izing", "ating", "izer", "ator"}) {
    if (!word.ends_with(suffix)) continue;
    const size_t tail =
        suffix.ends_with("ing") || suffix.ends_with("ed") || suffix == "izer" || suffix == "ator"
            ? 3
            : 2;
    return back_from_end(
        sounds[vowels[count - 1]] == u'ᵻ' || suffix.ends_with("ing") || tail == 2 ? tail : 2);
  }
  // Latin stress: the last but one when heavy, otherwise the one before.
  const size_t last_but_one = count - 2;
  const size_t gap = vowels[count - 1] - vowels[last_but_one];
  const bool heavy =
      !is_weak(sounds[vowels[last_but_one]]) && (is_long(sounds[vowels[last_but_one]]) || gap > 2);
  return heavy ? last_but_one : count - 3;
}

char16_t weakened(char16_t vowel, bool first) {
  switch (vowel) {
    case u'æ':
    case u'ʌ':
    case u'ɑ':
      return u'ə';
    case u'ɛ':
      return first ? u'ɛ' : u'ə';
    default:
      return vowel;
  }
}

// American sounds to British ones: no r without a vowel behind it, long vowels marked, the vowels
// of lot, goat and trap.
void make_british(PhonemeString& sounds) {
  PhonemeString british;
  for (size_t i = 0; i < sounds.size(); ++i) {
    const char16_t sound = sounds[i];
    const bool r_follows = i + 1 < sounds.size() && sounds[i + 1] == u'ɹ';
    size_t behind_r = i + 2;
    while (behind_r < sounds.size() && is_stress_mark(sounds[behind_r])) ++behind_r;
    const bool r_is_heard = r_follows && behind_r < sounds.size() && is_syllabic(sounds, behind_r);
    PhonemeView to;
    switch (sound) {
      case u'O':
        to = u"Q";
        break;
      case u'æ':
        to = u"a";
        break;
      case u'ɾ':
        to = u"t";
        break;
      case u'ᵻ':
        to = u"ɪ";
        break;
      case u'ɑ':
        to = r_follows ? u"ɑː" : u"ɒ";
        break;
      case u'ɔ':
        to = u"ɔː";
        break;
      case u'ɜ':
        to = u"ɜː";
        break;
      case u'u':
        to = u"uː";
        break;
      case u'i':
        to = i + 1 == sounds.size() || is_vowel_symbol(sounds[i + 1]) ? u"i" : u"iː";
        break;
      case u'ɪ':
        to = r_follows && !r_is_heard ? u"ɪə" : u"ɪ";
        break;
      case u'ɛ':
        to = r_follows ? u"ɛː" : u"ɛ";
        break;
      case u'ʊ':
        to = r_follows && !r_is_heard ? u"ʊə" : u"ʊ";
        break;
      default:
        break;
    }
    if (to.empty()) {
      british += sound;
    } else {
      british += to;
    }
    if (r_follows && !r_is_heard && is_syllabic(sounds, i)) ++i;  // the silent r
  }
  sounds = std::move(british);
}

}  // namespace

bool is_pronounceable(std::string_view lower) {
  size_t vowels = 0, run = 0, longest = 0;
  for (const char c : lower) {
    if (is_vowel_letter(c)) {
      ++vowels;
      run = 0;
    } else {
      longest = std::max(longest, ++run);
    }
  }
  return vowels > 0 && longest <= 3 && vowels * 4 >= lower.size();
}

void letters_to_sounds(std::string_view word, Dialect dialect, PhonemeString& out) {
  PhonemeString sounds;
  apply_rules(word, sounds);
  std::vector<size_t> vowels;
  for (size_t i = 0; i < sounds.size(); ++i) {
    if (is_syllabic(sounds, i)) vowels.push_back(i);
  }
  if (!vowels.empty()) {
    const size_t stressed = choose_stress(word, sounds, vowels);
    PhonemeString marked;
    size_t next_vowel = 0;
    for (size_t i = 0; i < sounds.size(); ++i) {
      char16_t sound = sounds[i];
      if (next_vowel < vowels.size() && vowels[next_vowel] == i) {
        if (next_vowel == stressed) {
          marked += kPrimaryStress;
          if (sound == u'ə') sound = u'ʌ';
        } else if (!(i + 1 < sounds.size() && sounds[i + 1] == u'ɹ') &&
                   (next_vowel + 1 == stressed || next_vowel == stressed + 1)) {
          // Only next to the stress: farther away a vowel keeps some weight.
          sound = weakened(sound, next_vowel == 0);
        } else if (next_vowel == 0 && stressed >= 2 && !is_weak(sound)) {
          marked += kSecondaryStress;
        }
        ++next_vowel;
      }
      marked += sound;
    }
    // The American flap: t between a vowel and an unstressed vowel.
    if (dialect == Dialect::kAmerican) {
      for (size_t i = 1; i + 1 < marked.size(); ++i) {
        if (marked[i] == u't' &&
            PhonemeView(u"AIOWYiuæɑəɛɪɹʊʌ").find(marked[i - 1]) != PhonemeView::npos &&
            (is_vowel_symbol(marked[i + 1]) || marked[i + 1] == u'ᵊ')) {
          marked[i] = u'ɾ';
        }
      }
    }
    sounds = std::move(marked);
  }
  if (dialect == Dialect::kBritish) make_british(sounds);
  out += sounds;
}

}  // namespace myna::text
