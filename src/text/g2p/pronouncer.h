// One word to phonemes: dictionary, homographs, endings, acronyms, compounds, and the spelling
// model for the rest.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "text/g2p/lexicon.h"
#include "text/g2p/phoneme_string.h"
#include "text/g2p/pronunciation_models.h"
#include "text/g2p/reading_choice.h"
#include "text/g2p/stress.h"

namespace myna::text {

enum class NextSound : uint8_t { kNone, kConsonant, kVowel };  // kNone: a pause follows

// Where the word stands.
struct WordPlace {
  SentenceWords words;
  size_t at = 0;  // index into words, and into the context's tokens
  NextSound next = NextSound::kNone;
  bool starts_sentence = false;
  bool shouted = false;                      // the whole sentence is in capitals: they mean nothing
  const SentenceContext* context = nullptr;  // null for a word alone
};

// One a thread: it remembers how it read unknown words. The lexicon and the models must outlive it.
class Pronouncer {
 public:
  Pronouncer(const Lexicon& lexicon, const PronunciationModels& models, Dialect dialect)
      : lexicon_(lexicon), models_(models), dialect_(dialect) {}

  // Appends the phonemes of `word` (letters and apostrophes, UTF-8); always something when it holds
  // a letter of the Latin, Greek or Cyrillic alphabet.
  void pronounce(std::string_view word, const WordPlace& place, PhonemeString& out) const;
  // The same without the dictionary: the letters alone.
  void pronounce_unknown(std::string_view word, PhonemeString& out) const;
  // "FBI" -> ˌɛfbˌiˈI
  void spell(std::string_view letters, PhonemeString& out) const;
  // True when the dictionary has the word as it stands, apart from its case.
  bool is_known(std::string_view word) const { return find(word).has_value(); }
  const Tagger& tagger() const { return models_.tagger; }

 private:
  std::optional<LexiconEntry> find(std::string_view word) const;
  bool append_function_word(std::string_view word, std::string_view lower, const WordPlace& place,
                            PhonemeString& out) const;
  bool append_homograph(std::string_view lower, const WordPlace& place, StressChange stress,
                        PhonemeString& out) const;
  bool append_known(std::string_view word, const WordPlace& place, StressChange stress,
                    PhonemeString& out) const;
  bool append_entry(const LexiconEntry& entry, std::string_view stem, const WordPlace& place,
                    StressChange stress, PhonemeString& out) const;
  bool append_inflected(std::string_view word, const WordPlace& place, StressChange stress,
                        PhonemeString& out) const;
  bool append_derived(std::string_view lower, const WordPlace& place, StressChange stress,
                      int depth, PhonemeString& out) const;
  bool append_joined(std::string_view lower, const WordPlace& place, int depth,
                     PhonemeString& out) const;
  bool append_spelled_prefix(std::string_view lower, const WordPlace& place,
                             PhonemeString& out) const;
  bool append_camel_case(std::string_view word, const WordPlace& place, PhonemeString& out) const;
  bool append_acronym(std::string_view word, const WordPlace& place, PhonemeString& out) const;

  const Lexicon& lexicon_;
  const PronunciationModels& models_;
  Dialect dialect_;
  mutable std::unordered_map<std::string, PhonemeString> unknown_;  // emptied when it is full
};

// Compound stress: the phonemes of the parts of one written word, some of them lowered.
void balance_compound(std::span<PhonemeString> parts, bool first_is_letter);

}  // namespace myna::text
