#include "text/g2p/reading_guess.h"

#include <algorithm>
#include <array>

namespace myna::text {
namespace {

template <size_t N>
bool in(const std::array<std::string_view, N>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

constexpr auto kDeterminers = std::to_array<std::string_view>(
    {"the",   "a",    "an",    "this",    "these", "those", "my",   "your",  "his",     "her",
     "its",   "our",  "their", "no",      "some",  "any",   "each", "every", "another", "which",
     "whose", "what", "all",   "both",    "such",  "one",   "two",  "three", "four",    "five",
     "six",   "ten",  "many",  "several", "few",   "more",  "most", "other", "own",     "same",
     "new",   "old",  "first", "last",    "next",  "good",  "bad",  "great", "little",  "big",
     "small", "long", "high",  "public",  "free"});
constexpr auto kModals = std::to_array<std::string_view>(
    {"will",   "would",  "can",      "could",  "shall",  "should",   "may",
     "might",  "must",   "do",       "does",   "did",    "don't",    "doesn't",
     "didn't", "won't",  "wouldn't", "can't",  "cannot", "couldn't", "shouldn't",
     "i'll",   "you'll", "he'll",    "she'll", "we'll",  "they'll",  "it'll",
     "i'd",    "you'd",  "he'd",     "she'd",  "we'd",   "they'd",   "let's",
     "let",    "help",   "helped",   "make",   "makes",  "made",     "please"});
constexpr auto kPluralPronouns =
    std::to_array<std::string_view>({"i", "you", "we", "they", "who", "people"});
constexpr auto kSingularPronouns = std::to_array<std::string_view>({"he", "she", "it", "who"});
constexpr auto kHave =
    std::to_array<std::string_view>({"have", "has", "had", "having", "i've", "you've", "we've",
                                     "they've", "haven't", "hasn't", "hadn't", "he's", "she's"});
constexpr auto kBe = std::to_array<std::string_view>(
    {"be",    "is",      "are",    "was",    "were",    "been", "being",
     "am",    "isn't",   "aren't", "wasn't", "weren't", "i'm",  "you're",
     "we're", "they're", "it's",   "that's", "get",     "got",  "gets"});
constexpr auto kPrepositions = std::to_array<std::string_view>(
    {"of",      "in",   "on",    "at",    "by",     "for",     "with",    "from",   "into",
     "about",   "over", "under", "after", "before", "between", "through", "during", "without",
     "against", "as",   "than",  "per",   "via",    "like",    "near"});
constexpr auto kAdverbs = std::to_array<std::string_view>(
    {"not",       "never",  "always", "also", "just", "only", "often",   "still",
     "even",      "then",   "now",    "once", "ever", "soon", "already", "usually",
     "sometimes", "really", "all",    "both", "well", "to"});
constexpr auto kPastCues = std::to_array<std::string_view>(
    {"yesterday", "ago",  "last", "was",   "were",   "had",  "did", "when", "once",  "then",
     "said",      "went", "came", "after", "before", "took", "sat", "saw",  "found", "heard"});
constexpr auto kFunctionWords = std::to_array<std::string_view>(
    {"and",   "or",  "but",   "nor", "so",   "if",  "when", "while", "because", "that",
     "the",   "a",   "an",    "it",  "he",   "she", "they", "we",    "you",     "i",
     "him",   "her", "them",  "us",  "me",   "his", "its",  "their", "my",      "your",
     "our",   "is",  "are",   "was", "were", "be",  "has",  "have",  "had",     "will",
     "would", "can", "could", "to",  "not",  "who", "which"});
constexpr auto kObjectStarts = std::to_array<std::string_view>(
    {"the", "a",   "an",  "this",  "that", "these", "those", "my",   "your", "his",
     "her", "its", "our", "their", "him",  "them",  "it",    "us",   "me",   "you",
     "up",  "out", "off", "down",  "away", "all",   "any",   "some", "no",   "every"});

bool is_adverb(std::string_view word) {
  return in(kAdverbs, word) || (word.size() > 4 && word.ends_with("ly"));
}

std::string_view word_at(SentenceWords words, size_t at) {
  return at < words.size() ? words[at] : std::string_view{};
}

bool speaks_of_the_past(SentenceWords words, size_t at) {
  const size_t begin = at > 12 ? at - 12 : 0, end = std::min(words.size(), at + 12);
  for (size_t i = begin; i < end; ++i) {
    if (i == at) continue;
    if (in(kPastCues, words[i])) return true;
    if (words[i].size() > 4 && words[i].ends_with("ed")) return true;
  }
  return false;
}

enum class Class : uint8_t { kUnknown, kNoun, kVerb, kPast, kParticiple, kAdjective };

Class guess_class(SentenceWords words, size_t at) {
  const std::string_view next = word_at(words, at + 1);
  size_t before = at;
  while (before > 0 && is_adverb(words[before - 1]) && words[before - 1] != "to" && before + 3 > at)
    --before;
  const std::string_view previous =
      before > 0 ? std::string_view(words[before - 1]) : std::string_view{};
  const bool noun_follows =
      !next.empty() && !in(kFunctionWords, next) && !in(kPrepositions, next) && !is_adverb(next);
  if (previous == "to") {
    // "due to abuse", "the right to object": the verb is far more frequent, unless a noun asks for
    // the preposition.
    const std::string_view governor =
        before > 1 ? std::string_view(words[before - 2]) : std::string_view{};
    static constexpr auto kPrepositional = std::to_array<std::string_view>(
        {"due", "according", "led", "leads", "lead", "addition", "related", "subject", "response",
         "returned", "close", "reference", "access", "similar", "contrast", "thanks", "owing",
         "prior", "addicted"});
    return in(kPrepositional, governor) ? Class::kNoun : Class::kVerb;
  }
  if (in(kModals, previous)) return Class::kVerb;
  if (in(kHave, previous)) return Class::kParticiple;
  if (in(kBe, previous))
    return noun_follows && previous != "been" ? Class::kAdjective : Class::kParticiple;
  if (in(kSingularPronouns, previous) && previous != "who") return Class::kPast;
  if (in(kPluralPronouns, previous))
    return speaks_of_the_past(words, at) ? Class::kPast : Class::kVerb;
  if (in(kDeterminers, previous) || previous.ends_with("'s") || previous.ends_with("s'")) {
    return noun_follows ? Class::kAdjective : Class::kNoun;
  }
  if (in(kPrepositions, previous)) return noun_follows ? Class::kAdjective : Class::kNoun;
  if (previous.empty()) return in(kObjectStarts, next) ? Class::kVerb : Class::kUnknown;
  if (previous == "and" || previous == "or") {
    return in(kObjectStarts, next) ? (speaks_of_the_past(words, at) ? Class::kPast : Class::kVerb)
                                   : Class::kUnknown;
  }
  // "protesters object to", "they who live": a plural before, an object behind.
  if (in(kObjectStarts, next) || next == "to") {
    return speaks_of_the_past(words, at) ? Class::kPast : Class::kVerb;
  }
  return Class::kUnknown;
}

}  // namespace

ReadingTag guess_reading(SentenceWords words, size_t at, std::string_view stem,
                         const LexiconEntry& entry) {
  const std::string_view word = words[at];
  const std::string_view next = word_at(words, at + 1);
  const std::string_view previous = at > 0 ? std::string_view(words[at - 1]) : std::string_view{};
  const auto choose = [&](std::initializer_list<ReadingTag> tags) {
    for (const ReadingTag tag : tags) {
      if (entry.has(tag)) return tag;
    }
    return ReadingTag::kDefault;
  };
  // Only verbs end in -ed and -ing; an -s is a plural or the third person.
  if (word.size() > stem.size() && (word.ends_with("ed") || word.ends_with("ing")))
    return choose({ReadingTag::kVerb});
  if (word.ends_with("s") && !word.ends_with("ss") && !word.ends_with("'s")) {
    static constexpr auto kSubjects = std::to_array<std::string_view>(
        {"he", "she", "it", "that", "which", "who", "this", "everything", "nothing", "everyone",
         "nobody", "one", "and", "never", "always"});
    const bool object_follows =
        in(kObjectStarts, next) || next == "to" || next == "in" || next == "with";
    if (in(kDeterminers, previous) || (in(kPrepositions, previous) && !in(kSubjects, previous)))
      return choose({ReadingTag::kNoun});
    if (in(kSubjects, previous) || is_adverb(previous)) return choose({ReadingTag::kVerb});
    if (object_follows && !previous.empty() && !previous.ends_with("s") && next != "in" &&
        next != "with")
      return choose({ReadingTag::kVerb});
    return choose({ReadingTag::kNoun});
  }
  const Class guessed = guess_class(words, at);
  // "wound" is the injury unless something was wound up; a past of "read" needs a sign of the past.
  if (stem == "wound") {
    static constexpr auto kWays =
        std::to_array<std::string_view>({"up", "down", "around", "its", "through", "his", "her",
                                         "their", "along", "round", "back", "tightly", "about"});
    const bool verb = in(kWays, next) && guessed != Class::kNoun && guessed != Class::kAdjective;
    return verb ? ReadingTag::kPast : ReadingTag::kDefault;
  }
  if (stem == "close") {
    // The verb closes something; "close to" and "close friends" are near.
    return guessed == Class::kVerb && next != "to" ? ReadingTag::kVerb : ReadingTag::kDefault;
  }
  if (stem == "live") {
    const bool verb = guessed == Class::kVerb || guessed == Class::kPast ||
                      in(kPluralPronouns, previous) || next == "in" || next == "with" ||
                      next == "without" || next == "close" || next == "well" || next == "long";
    return verb && guessed != Class::kNoun ? ReadingTag::kVerb : ReadingTag::kDefault;
  }
  if (stem == "bass") {
    // The dictionary's default is the fish; music is far more frequent.
    static constexpr auto kFish =
        std::to_array<std::string_view>({"fishing", "fish", "lake", "boat"});
    const bool fish =
        in(kFish, next) || previous == "sea" || previous == "largemouth" || previous == "striped";
    return fish ? ReadingTag::kDefault : ReadingTag::kAdjective;
  }
  if (stem == "minute") return ReadingTag::kDefault;
  if (stem == "read" || stem == "reread") {
    if (guessed == Class::kPast || guessed == Class::kParticiple) return ReadingTag::kPast;
    const bool unsure = guessed == Class::kUnknown && !previous.empty();
    return unsure && speaks_of_the_past(words, at) ? ReadingTag::kPast : ReadingTag::kDefault;
  }
  switch (guessed) {
    case Class::kNoun:
      return choose({ReadingTag::kNoun});
    case Class::kVerb:
      return choose({ReadingTag::kVerb});
    case Class::kPast:
      return choose({ReadingTag::kPast, ReadingTag::kVerb});
    case Class::kParticiple:
      // "has learned" is the verb, "is deliberate" the adjective.
      return stem.ends_with("ed") ? choose({ReadingTag::kPastParticiple})
                                  : choose({ReadingTag::kPastParticiple, ReadingTag::kAdjective});
    case Class::kAdjective:
      return choose({ReadingTag::kAdjective, ReadingTag::kNoun});
    case Class::kUnknown:
      break;
  }
  return ReadingTag::kDefault;
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
