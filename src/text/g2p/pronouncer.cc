// The behaviour follows misaki's English G2P, with its known errors mended: "hoping" is not
// "hopping", homographs get their context, capitals in a shouted sentence are not spelled.
#include "text/g2p/pronouncer.h"

#include <algorithm>
#include <array>

#include "base/plain_text.h"
#include "text/g2p/endings.h"
#include "text/g2p/own_words.h"
#include "text/g2p/transliterate.h"
#include "text/normalize/token.h"

namespace myna::text {
namespace {

template <size_t N>
bool in(const std::array<std::string_view, N>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_ascii(std::string_view word) {
  return std::all_of(word.begin(), word.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_vowel_letter(char c) {
  return std::string_view("aeiouy").find(c) != std::string_view::npos;
}

// hop|ing: consonant, single vowel, single consonant: an English stem would have doubled its last
// letter, so the stem is hope.
bool needs_silent_e(std::string_view stem) {
  const size_t n = stem.size();
  return n >= 3 && !is_vowel_letter(stem[n - 1]) && is_vowel_letter(stem[n - 2]) &&
         !is_vowel_letter(stem[n - 3]) &&
         std::string_view("wxy").find(stem[n - 1]) == std::string_view::npos;
}

// True when the letters could be read as a word: "OPEC", but not "FBI" or "XKCD".
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

// Four capitals that are said as a word: consonant and vowel twice ("CUDA", "FISA", "DACA"), or a
// vowel between single consonants and an ending that English words have ("NIST", "SARS"). American
// call signs, which start with K or W, are spelled.
bool is_short_acronym_word(std::string_view lower) {
  if (lower.size() != 4 || lower[0] == 'k' || lower[0] == 'w') return false;
  if (is_vowel_letter(lower[0]) || !is_vowel_letter(lower[1]) || is_vowel_letter(lower[2]))
    return false;
  if (lower[3] == 'y' || lower[0] == 'x' || lower[2] == 'h') return false;
  static constexpr auto kEndings = std::to_array<std::string_view>(
      {"st", "rs", "rn", "rt", "rk", "rp", "nt", "nd", "nk", "lt", "lk", "sk", "sp", "mp", "ft"});
  return is_vowel_letter(lower[3]) || in(kEndings, lower.substr(2));
}

// "xkcd", "rtx": letters before a word, with which no English word starts.
bool is_spelled_prefix(std::string_view letters) {
  static constexpr auto kOnsets = std::to_array<std::string_view>(
      {"sch", "scr", "shl", "shm", "shn", "shr", "shw", "skr", "sph", "spl", "spr", "str", "thr",
       "chr", "phr", "phl", "psy", "pst", "tsch"});
  return std::none_of(letters.begin(), letters.end(), is_vowel_letter) &&
         !in(kOnsets, letters.substr(0, 3));
}

StressChange stress_of_case(std::string_view word, const WordPlace& place) {
  if (place.shouted) return StressChange::kKeep;
  if (is_all_upper(word) && word.size() > 1) return StressChange::kAddPrimary;
  return std::any_of(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; })
             ? StressChange::kAddSecondary
             : StressChange::kKeep;
}

// Short capitals that are words however they are written.
constexpr auto kShortWords = std::to_array<std::string_view>(
    {"no",  "go",  "do",  "so",  "we",  "he",  "me",  "my",  "by",  "to",  "of",  "on",
     "in",  "if",  "is",  "as",  "at",  "an",  "be",  "or",  "up",  "oh",  "ok",  "hi",
     "you", "not", "and", "the", "all", "one", "yes", "now", "new", "how", "why", "see"});
// Capitals that are spelled although the dictionary has a word of these letters.
constexpr auto kSpelledCapitals = std::to_array<std::string_view>(
    {"AI", "UN", "US", "IT", "PA", "LA", "PR", "HR", "ERA", "IRA", "ICE"});

}  // namespace

void balance_compound(std::span<PhonemeString> parts, bool first_is_letter) {
  struct Part {
    bool primary;
    int weight;
    size_t index;
  };
  std::vector<Part> ranked;
  size_t primaries = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].empty()) continue;
    const bool primary = contains_symbol(parts[i], kPrimaryStress);
    primaries += primary;
    ranked.push_back({primary, stress_weight(parts[i]), i});
  }
  if (ranked.size() == 2 && first_is_letter) {
    change_stress(parts[ranked[1].index], StressChange::kDemote);
    return;
  }
  if (ranked.size() < 2 || primaries <= (ranked.size() + 1) / 2) return;
  std::sort(ranked.begin(), ranked.end(), [](const Part& a, const Part& b) {
    return std::tie(a.primary, a.weight, a.index) < std::tie(b.primary, b.weight, b.index);
  });
  for (size_t i = 0; i < ranked.size() / 2; ++i)
    change_stress(parts[ranked[i].index], StressChange::kDemote);
}

// The word as written, else with its first letter in the other case ("Hello", "january"). A checked
// entry wins over an unchecked one.
std::optional<LexiconEntry> Pronouncer::find(std::string_view word) const {
  const auto exact = lexicon_.find(word, dialect_);
  if ((exact && exact->tier() == LexiconTier::kGold) || word.size() < 2 || word.size() > 64)
    return exact;
  const bool first_upper = word[0] >= 'A' && word[0] <= 'Z';
  const bool first_lower = word[0] >= 'a' && word[0] <= 'z';
  const bool rest_lower =
      std::none_of(word.begin() + 1, word.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!rest_lower || (!first_upper && !first_lower)) return exact;
  char other[64];
  std::copy(word.begin(), word.end(), other);
  other[0] = static_cast<char>(other[0] ^ 0x20);
  const auto grown = lexicon_.find({other, word.size()}, dialect_);
  if (exact && !(grown && grown->tier() == LexiconTier::kGold)) return exact;
  return grown;
}

void Pronouncer::spell(std::string_view letters, PhonemeString& out) const {
  if (!is_ascii(letters)) {
    if (const std::string_view name = greek_letter_name(letters); !name.empty()) {
      return pronounce(name, {{}, 0, NextSound::kConsonant, false, false}, out);
    }
    const std::string ascii = to_ascii_letters(letters);
    if (is_ascii(ascii)) spell(ascii, out);
    return;
  }
  PhonemeString spelled;
  for (const char c : letters) {
    const char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    if (upper < 'A' || upper > 'Z') continue;
    if (const auto entry = lexicon_.find({&upper, 1}, dialect_))
      entry->append_reading(ReadingTag::kDefault, spelled);
  }
  // Every letter is weakened but the last.
  change_stress(spelled, StressChange::kDemote);
  if (const size_t last = spelled.rfind(kSecondaryStress); last != PhonemeString::npos)
    spelled[last] = kPrimaryStress;
  out += spelled;
}

bool Pronouncer::append_function_word(std::string_view word, std::string_view lower,
                                      const WordPlace& place, PhonemeString& out) const {
  const bool last = place.next == NextSound::kNone;
  const auto put = [&](PhonemeView phonemes) {
    out += phonemes;
    return true;
  };
  switch (lower.size()) {
    case 1:
      if (lower == "a") {
        // A letter's name at the end of a clause, and as a capital inside a sentence behind a noun.
        static constexpr auto kLabels = std::to_array<std::string_view>(
            {"vitamin", "hepatitis", "grade", "plan", "type", "group", "class", "team", "exhibit",
             "section", "appendix", "option", "point", "letter", "an", "the"});
        const bool labelled = place.at > 0 && in(kLabels, place.words[place.at - 1]);
        const bool letter = word == "A" ? last || labelled : last;
        return put(letter ? u"ˈA" : u"ɐ");
      }
      if (word == "I") return put(u"ˌI");
      return false;
    case 2:
      if (lower == "an") return put(u"ɐn");
      if (lower == "am" && word != "AM") {
        if (last || word != "am") return put(dialect_ == Dialect::kBritish ? u"am" : u"æm");
        return put(u"ɐm");
      }
      if (lower == "to") {
        if (last) return put(dialect_ == Dialect::kBritish ? u"tuː" : u"tu");
        return put(place.next == NextSound::kVowel ? u"tʊ" : u"tə");
      }
      if (lower == "in") return put(last ? u"ˈɪn" : u"ɪn");
      return false;
    case 3:
      if (lower == "the") return put(place.next == NextSound::kVowel ? u"ði" : u"ðə");
      return false;
    case 4:
      if (lower == "used") {
        if (const auto entry = find("used")) {
          const bool habit = is_used_to(place.words, place.at);
          return entry->append_reading(habit ? ReadingTag::kPast : ReadingTag::kDefault, out);
        }
        return false;
      }
      if (lower == "that") {
        if (const auto entry = find("that")) {
          return entry->append_reading(is_demonstrative_that(place.words, place.at)
                                           ? ReadingTag::kDeterminer
                                           : ReadingTag::kDefault,
                                       out);
        }
        return false;
      }
      return false;
    case 6:
      if (lower == "that's") return put(dialect_ == Dialect::kBritish ? u"ðˈats" : u"ðˈæts");
      return false;
    default:
      return false;
  }
}

bool Pronouncer::append_entry(const LexiconEntry& entry, std::string_view stem,
                              const WordPlace& place, StressChange stress,
                              PhonemeString& out) const {
  ReadingTag tag = ReadingTag::kDefault;
  if (entry.is_homograph()) {
    if (place.next == NextSound::kNone && entry.has(ReadingTag::kClauseFinal)) {
      tag = ReadingTag::kClauseFinal;
    } else if (place.context != nullptr) {
      tag = choose_reading(place.context->part_of_speech(place.at), stem, place.words[place.at],
                           entry);
    }
  }
  PhonemeString phonemes;
  if (!entry.append_reading(tag, phonemes)) return false;
  change_stress(phonemes, stress);
  out += phonemes;
  return true;
}

// The readings that the homograph model tells apart in the sentence.
bool Pronouncer::append_homograph(std::string_view lower, const WordPlace& place,
                                  StressChange stress, PhonemeString& out) const {
  if (place.context == nullptr) return false;
  const auto readings = models_.homographs.readings(lower);
  if (readings.empty()) return false;
  PhonemeString phonemes =
      models_.homographs.choose(readings, *place.context, place.at).in(dialect_);
  change_stress(phonemes, stress);
  out += phonemes;
  return true;
}

bool Pronouncer::append_known(std::string_view word, const WordPlace& place, StressChange stress,
                              PhonemeString& out) const {
  const auto entry = find(word);
  return entry && append_entry(*entry, word, place, stress, out);
}

// -'s, -s, -es, -ies, -ed, -ing on a known stem.
bool Pronouncer::append_inflected(std::string_view word, const WordPlace& place,
                                  StressChange stress, PhonemeString& out) const {
  const size_t n = word.size();
  std::string changed;
  const auto known = [&](std::string_view stem) {
    return stem.size() > 1 && find(stem).has_value();
  };
  const auto finish = [&](std::string_view stem, StressChange stem_stress,
                          void (*append)(PhonemeString&, Dialect)) {
    PhonemeString phonemes;
    if (!append_known(stem, place, stem_stress, phonemes)) return false;
    append(phonemes, dialect_);
    out += phonemes;
    return true;
  };
  if (n >= 3 && word.ends_with("'s")) {
    PhonemeString phonemes;
    pronounce(word.substr(0, n - 2), place, phonemes);
    append_s(phonemes, dialect_);
    out += phonemes;
    return !phonemes.empty();
  }
  if (n >= 3 && word.ends_with("s")) {
    if (!word.ends_with("ss") && known(word.substr(0, n - 1)))
      return finish(word.substr(0, n - 1), stress, append_s);
    if (n > 4 && word.ends_with("ies")) {
      changed = std::string(word.substr(0, n - 3)) + "y";
      if (known(changed)) return finish(changed, stress, append_s);
    } else if (n > 4 && word.ends_with("es") && known(word.substr(0, n - 2))) {
      return finish(word.substr(0, n - 2), stress, append_s);
    }
  }
  if (n >= 4 && word.ends_with("d")) {
    if (word.ends_with("ed") && known(word.substr(0, n - 1)))
      return finish(word.substr(0, n - 1), stress, append_ed);
    if (n > 4 && word.ends_with("ied")) {
      changed = std::string(word.substr(0, n - 3)) + "y";
      if (known(changed)) return finish(changed, stress, append_ed);
    }
    if (n > 4 && word.ends_with("ed") && !word.ends_with("eed")) {
      const std::string_view stem = word.substr(0, n - 2);
      if (known(stem)) return finish(stem, stress, append_ed);
      if (n > 5 && stem[stem.size() - 1] == stem[stem.size() - 2] &&
          known(stem.substr(0, stem.size() - 1))) {
        return finish(stem.substr(0, stem.size() - 1), stress, append_ed);
      }
    }
  }
  if (n >= 5 && word.ends_with("ing")) {
    const std::string_view stem = word.substr(0, n - 3);
    const StressChange stem_stress =
        stress == StressChange::kKeep ? StressChange::kAddSecondary : stress;
    changed = std::string(stem) + "e";
    if (needs_silent_e(stem) && known(changed)) return finish(changed, stem_stress, append_ing);
    if (n > 5 && known(stem)) return finish(stem, stem_stress, append_ing);
    if (known(changed)) return finish(changed, stem_stress, append_ing);
    if (n > 6 && (stem[stem.size() - 1] == stem[stem.size() - 2] || stem.ends_with("ck")) &&
        known(stem.substr(0, stem.size() - 1))) {
      return finish(stem.substr(0, stem.size() - 1), stem_stress, append_ing);
    }
  }
  return false;
}

// Prefixes and suffixes that leave the stem as it is: unhelpfully, rewatchable.
bool Pronouncer::append_derived(std::string_view lower, const WordPlace& place, StressChange stress,
                                int depth, PhonemeString& out) const {
  struct Suffix {
    std::string_view letters;
    PhonemeView american, british;
  };
  static constexpr Suffix kSuffixes[] = {
      {"ness", u"nəs", u"nəs"},   {"less", u"ləs", u"ləs"},   {"ful", u"fəl", u"fəl"},
      {"like", u"lˌIk", u"lˌIk"}, {"ship", u"ʃˌɪp", u"ʃˌɪp"}, {"ment", u"mənt", u"mənt"},
      {"able", u"əbᵊl", u"əbᵊl"}, {"ish", u"ɪʃ", u"ɪʃ"},      {"ly", u"li", u"li"},
      {"er", u"əɹ", u"ə"},        {"est", u"əst", u"ɪst"},    {"ism", u"ˌɪzəm", u"ˌɪzəm"},
      {"ist", u"ɪst", u"ɪst"},    {"ward", u"wəɹd", u"wəd"},  {"wise", u"wˌIz", u"wˌIz"}};
  struct Prefix {
    std::string_view letters;
    PhonemeView american, british;
  };
  static constexpr Prefix kPrefixes[] = {
      {"un", u"ˌʌn", u"ˌʌn"},          {"non", u"nˌɑn", u"nˌɒn"},
      {"re", u"ɹˌi", u"ɹˌiː"},         {"pre", u"pɹˌi", u"pɹˌiː"},
      {"dis", u"dˌɪs", u"dˌɪs"},       {"mis", u"mˌɪs", u"mˌɪs"},
      {"over", u"ˌOvəɹ", u"ˌQvə"},     {"under", u"ˌʌndəɹ", u"ˌʌndə"},
      {"out", u"ˌWt", u"ˌWt"},         {"super", u"sˌupəɹ", u"sˌuːpə"},
      {"inter", u"ˌɪntəɹ", u"ˌɪntə"},  {"anti", u"ˌæntI", u"ˌanti"},
      {"multi", u"mˌʌlti", u"mˌʌlti"}, {"micro", u"mˌIkɹO", u"mˌIkɹQ"},
      {"mega", u"mˌɛɡə", u"mˌɛɡə"},    {"counter", u"kˌWntəɹ", u"kˌWntə"},
      {"co", u"kˌO", u"kˌQ"},          {"sub", u"sˌʌb", u"sˌʌb"}};
  const bool british = dialect_ == Dialect::kBritish;
  const auto stem_known = [&](std::string_view stem, PhonemeString& phonemes) {
    return stem.size() >= 3 &&
           (append_known(stem, place, stress, phonemes) ||
            append_inflected(stem, place, stress, phonemes) ||
            (depth < 2 && append_derived(stem, place, stress, depth + 1, phonemes)));
  };
  for (const Suffix& suffix : kSuffixes) {
    if (!lower.ends_with(suffix.letters)) continue;
    const std::string stem(lower.substr(0, lower.size() - suffix.letters.size()));
    PhonemeString phonemes;
    bool ok = stem_known(stem, phonemes);
    if (!ok && stem.size() >= 3 && stem.back() == 'i')
      ok = stem_known(stem.substr(0, stem.size() - 1) + "y", phonemes);
    if (!ok && is_vowel_letter(suffix.letters[0])) ok = stem_known(stem + "e", phonemes);
    if (!ok && is_vowel_letter(suffix.letters[0]) && stem.size() > 4 &&
        stem[stem.size() - 1] == stem[stem.size() - 2]) {
      ok = stem_known(stem.substr(0, stem.size() - 1), phonemes);
    }
    if (!ok) continue;
    out += phonemes;
    out += british ? suffix.british : suffix.american;
    return true;
  }
  for (const Prefix& prefix : kPrefixes) {
    if (!lower.starts_with(prefix.letters) || lower.size() < prefix.letters.size() + 4) continue;
    PhonemeString phonemes;
    if (!stem_known(lower.substr(prefix.letters.size()), phonemes)) continue;
    out += british ? prefix.british : prefix.american;
    out += phonemes;
    return true;
  }
  return false;
}

// Two or three known words written as one: newsroom, ourdailynews. The longest first part wins.
bool Pronouncer::append_joined(std::string_view lower, const WordPlace& place, int depth,
                               PhonemeString& out) const {
  if (lower.size() < 6 || lower.size() > 32) return false;
  const WordPlace nowhere{{}, 0, NextSound::kConsonant, false, place.shouted};
  for (size_t cut = lower.size() - 3; cut >= 3; --cut) {
    const auto first = find(lower.substr(0, cut));
    if (!first || first->tier() != LexiconTier::kGold) continue;
    const std::string_view rest = lower.substr(cut);
    PhonemeString parts[2];
    const auto second = find(rest);
    bool ok = second && second->tier() == LexiconTier::kGold &&
              append_entry(*second, rest, nowhere, StressChange::kKeep, parts[1]);
    if (!ok && rest.size() > 4) ok = append_inflected(rest, nowhere, StressChange::kKeep, parts[1]);
    if (!ok && depth < 1) ok = append_joined(rest, place, depth + 1, parts[1]);
    if (!ok || !append_entry(*first, lower.substr(0, cut), nowhere, StressChange::kKeep, parts[0]))
      continue;
    change_stress(parts[1], StressChange::kDemote);
    out += parts[0];
    out += parts[1];
    return true;
  }
  return false;
}

// rtxprohelp, xkcdcomic: letters to spell before known words.
bool Pronouncer::append_spelled_prefix(std::string_view lower, const WordPlace& place,
                                       PhonemeString& out) const {
  for (const size_t cut : {size_t{3}, size_t{4}}) {
    if (lower.size() < cut + 4 || !is_spelled_prefix(lower.substr(0, cut))) return false;
    const std::string_view rest = lower.substr(cut);
    const WordPlace nowhere{{}, 0, NextSound::kConsonant, false, place.shouted};
    PhonemeString phonemes;
    const auto entry = find(rest);
    const bool known = entry && entry->tier() == LexiconTier::kGold &&
                       append_entry(*entry, rest, nowhere, StressChange::kKeep, phonemes);
    if (!known && !append_joined(rest, place, 0, phonemes)) continue;
    spell(lower.substr(0, cut), out);
    change_stress(phonemes, StressChange::kDemote);
    out += phonemes;
    return true;
  }
  return false;
}

// iPhone, YouTuber, HTMLParser, McDonalds
bool Pronouncer::append_camel_case(std::string_view word, const WordPlace& place,
                                   PhonemeString& out) const {
  const auto is_upper = [&](size_t i) { return word[i] >= 'A' && word[i] <= 'Z'; };
  const auto is_lower = [&](size_t i) { return word[i] >= 'a' && word[i] <= 'z'; };
  std::vector<size_t> cuts = {0};
  for (size_t i = 1; i < word.size(); ++i) {
    if ((is_upper(i) && is_lower(i - 1)) ||
        (is_upper(i) && i + 1 < word.size() && is_upper(i - 1) && is_lower(i + 1) &&
         word.substr(i + 1) != "s")) {
      cuts.push_back(i);
    }
  }
  if (cuts.size() < 2) return false;
  cuts.push_back(word.size());
  std::vector<PhonemeString> parts(cuts.size() - 1);
  for (size_t i = 0; i + 1 < cuts.size(); ++i) {
    const std::string_view part = word.substr(cuts[i], cuts[i + 1] - cuts[i]);
    if (part.size() == 1) {
      spell(part, parts[i]);
    } else {
      const WordPlace nowhere{{}, 0, NextSound::kConsonant, false, place.shouted};
      pronounce(part, nowhere, parts[i]);
    }
  }
  balance_compound(parts, cuts[1] == 1);
  for (const PhonemeString& part : parts) out += part;
  return true;
}

// FBI, NASA, CDs, COVID: capitals that are letters or words.
bool Pronouncer::append_acronym(std::string_view word, const WordPlace& place,
                                PhonemeString& out) const {
  if (word.size() > 2 && word.back() == 's' && is_all_upper(word.substr(0, word.size() - 1))) {
    PhonemeString phonemes;
    if (!append_acronym(word.substr(0, word.size() - 1), place, phonemes)) return false;
    append_s(phonemes, dialect_);
    out += phonemes;
    return true;
  }
  if (word.size() < 2 || !is_all_upper(word) || !is_ascii(word) ||
      word.find('\'') != std::string_view::npos)
    return false;
  const std::string lower = ascii_lower(word);
  if (!place.shouted) {
    if (in(kSpelledCapitals, word)) return spell(word, out), true;
    if (word.size() <= 3 && in(kShortWords, lower))
      return append_known(lower, place, StressChange::kAddPrimary, out);
    if (const auto exact = lexicon_.find(word, dialect_)) {
      // "US": the pronoun in capitals or the country; a noun reading without phonemes says "spell
      // it".
      PhonemeString phonemes;
      if (exact->append_reading(
              exact->has(ReadingTag::kNoun) ? ReadingTag::kNoun : ReadingTag::kDefault, phonemes)) {
        out += phonemes;
      } else {
        spell(word, out);
      }
      return true;
    }
  }
  const auto entry = find(lower);
  if (entry && (place.shouted ||
                (word.size() > 2 && (word.size() > 3 || entry->tier() == LexiconTier::kGold)))) {
    return append_entry(*entry, word, place,
                        place.shouted ? StressChange::kKeep : StressChange::kAddPrimary, out);
  }
  if (place.shouted || word.size() > 4) {
    if (append_inflected(lower, place, StressChange::kKeep, out)) return true;
    if (place.shouted && (append_derived(lower, place, StressChange::kKeep, 0, out) ||
                          append_joined(lower, place, 0, out)))
      return true;
    // Two known words in capitals, as in small letters: BASEPOD.
    if (word.size() > 6 && append_joined(lower, place, 0, out)) return true;
    if (word.size() > 4 && is_pronounceable(lower)) {
      pronounce_unknown(lower, out);
      return true;
    }
  }
  if ((word.size() > 8 && is_pronounceable(lower)) || is_short_acronym_word(lower)) {
    pronounce_unknown(lower, out);
  } else {
    spell(word, out);
  }
  return true;
}

void Pronouncer::pronounce(std::string_view word, const WordPlace& place,
                           PhonemeString& out) const {
  if (word.empty()) return;
  if (!is_ascii(word)) {
    if (const std::string_view name = greek_letter_name(word); !name.empty())
      return pronounce(name, place, out);
    const std::string ascii = to_ascii_letters(word);
    if (!ascii.empty()) pronounce(ascii, place, out);
    return;
  }
  const std::string lower = ascii_lower(word);
  if (append_function_word(word, lower, place, out)) return;
  if (word.size() == 1) return spell(word, out);
  if (const PhonemeView own = find_own_word(word, dialect_); !own.empty()) {
    out += own;
    return;
  }
  const bool upper = is_all_upper(word);
  const StressChange stress = stress_of_case(word, place);
  if (append_homograph(lower, place, stress, out)) return;
  if (upper && append_acronym(word, place, out)) return;
  if (append_known(word, place, stress, out)) return;
  if (word.back() == '\'') return pronounce(word.substr(0, word.size() - 1), place, out);
  if (append_inflected(word, place, stress, out)) return;
  if (append_acronym(word, place, out)) return;
  if (!upper && append_camel_case(word, place, out)) return;
  if (append_known(lower, place, stress, out)) return;
  if (append_inflected(lower, place, stress, out)) return;
  if (lower.size() == 2 && !is_vowel_letter(lower[0]) && !is_vowel_letter(lower[1]))
    return spell(lower, out);
  if (append_derived(lower, place, stress, 0, out)) return;
  if (append_joined(lower, place, 0, out)) return;
  if (append_spelled_prefix(lower, place, out)) return;
  if (lower.size() <= 5 && !is_pronounceable(lower) &&
      std::none_of(lower.begin(), lower.end(), is_vowel_letter)) {
    return spell(lower, out);
  }
  pronounce_unknown(word, out);
}

void Pronouncer::pronounce_unknown(std::string_view word, PhonemeString& out) const {
  constexpr size_t kRemembered = 4096;
  const std::string ascii = is_ascii(word) ? std::string(word) : to_ascii_letters(word);
  if (const auto found = unknown_.find(ascii); found != unknown_.end()) {
    out += found->second;
    return;
  }
  const std::string lower = ascii_lower(ascii);
  PhonemeString phonemes;
  models_.spelling.read(
      lower, is_capitalized(ascii) ? SpellingModel::Case::kCapital : SpellingModel::Case::kLower,
      dialect_, phonemes);
  // No letter gave a vowel ("hmmph", "zzz"): the letters are better than a cluster nobody can say.
  if (std::none_of(phonemes.begin(), phonemes.end(), is_vowel_symbol)) {
    phonemes.clear();
    spell(lower, phonemes);
  }
  if (unknown_.size() >= kRemembered) unknown_.clear();
  out += unknown_.emplace(ascii, std::move(phonemes)).first->second;
}

}  // namespace myna::text
