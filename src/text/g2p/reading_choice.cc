#include "text/g2p/reading_choice.h"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace myna::text {
namespace {

template <size_t N>
bool in(const std::array<std::string_view, N>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

constexpr auto kFunctionWords = std::to_array<std::string_view>(
    {"and",   "or",  "but",   "nor", "so",   "if",  "when", "while", "because", "that",
     "the",   "a",   "an",    "it",  "he",   "she", "they", "we",    "you",     "i",
     "him",   "her", "them",  "us",  "me",   "his", "its",  "their", "my",      "your",
     "our",   "is",  "are",   "was", "were", "be",  "has",  "have",  "had",     "will",
     "would", "can", "could", "to",  "not",  "who", "which"});

std::string_view word_at(SentenceWords words, size_t at) {
  return at < words.size() ? words[at] : std::string_view{};
}

}  // namespace

ReadingTag choose_reading(PartOfSpeech part_of_speech, std::string_view stem, std::string_view word,
                          const LexiconEntry& entry) {
  const auto first_of = [&](std::initializer_list<ReadingTag> tags) {
    for (const ReadingTag tag : tags) {
      if (entry.has(tag)) return tag;
    }
    return ReadingTag::kDefault;
  };
  // Only verbs end in -ed and -ing.
  if (word.size() > stem.size() && (word.ends_with("ed") || word.ends_with("ing")))
    return first_of({ReadingTag::kVerb});
  switch (part_of_speech) {
    case PartOfSpeech::kNoun:
    case PartOfSpeech::kPluralNoun:
    case PartOfSpeech::kName:
    case PartOfSpeech::kPossessive:
      return first_of({ReadingTag::kNoun});
    case PartOfSpeech::kVerb:
    case PartOfSpeech::kPresent:
    case PartOfSpeech::kThirdPersonPresent:
    case PartOfSpeech::kGerund:
      // The dictionary's VBP of "read" and "wound" has the past's sound: not taken.
      return first_of({ReadingTag::kVerb});
    case PartOfSpeech::kPast:
      return first_of({ReadingTag::kPast, ReadingTag::kVerb});
    case PartOfSpeech::kPastParticiple:
      return first_of({ReadingTag::kPastParticiple, ReadingTag::kVerb});
    case PartOfSpeech::kAdjective:
      return first_of({ReadingTag::kAdjective, ReadingTag::kNoun});
    case PartOfSpeech::kAdverb:
      return first_of({ReadingTag::kAdverb});
    case PartOfSpeech::kDeterminer:
      return first_of({ReadingTag::kDeterminer});
    default:
      return ReadingTag::kDefault;
  }
}

bool is_used_to(SentenceWords words, size_t at) { return word_at(words, at + 1) == "to"; }

bool is_demonstrative_that(SentenceWords words, size_t at) {
  const std::string_view next = word_at(words, at + 1);
  if (next.empty() || at == 0 || words[at - 1].empty()) return true;
  static constexpr auto kAfter = std::to_array<std::string_view>(
      {"which", "day", "time", "year", "night", "moment", "way", "same", "kind", "case", "morning",
       "evening", "point", "much", "sort"});
  static constexpr auto kBefore = std::to_array<std::string_view>(
      {"of", "for", "like", "at", "by", "with", "from", "on", "after", "before", "and", "but",
       "than", "about", "to", "into", "do", "did", "does"});
  if (in(kBefore, words[at - 1]) || in(kAfter, next)) return true;
  return words[at - 1] == "in" && !in(kFunctionWords, next);
}

}  // namespace myna::text
