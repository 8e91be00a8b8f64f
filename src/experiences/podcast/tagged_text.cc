#include "experiences/podcast/tagged_text.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "text/g2p/part_of_speech.h"

namespace myna::podcast {
namespace {

bool is_letter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || (c & 0x80) != 0;
}

// Punctuation of three bytes: dashes and quotation marks; the right single one is an apostrophe.
bool is_long_mark(std::string_view text, size_t at) {
  return text[at] == '\xE2' && at + 2 < text.size() && text[at + 1] == '\x80';
}
bool is_apostrophe(std::string_view text, size_t at) {
  return text[at] == '\'' || (is_long_mark(text, at) && text[at + 2] == '\x99');
}

std::vector<TaggedWord> words_of(std::string_view text) {
  std::vector<TaggedWord> words;
  size_t at = 0;
  while (at < text.size()) {
    if (text[at] == ' ') {
      ++at;
      continue;
    }
    TaggedWord word;
    word.begin = at;
    if (is_letter(text[at]) && !is_long_mark(text, at)) {
      while (at < text.size()) {
        const size_t step = is_long_mark(text, at) ? 3 : 1;
        const bool inside = is_apostrophe(text, at) || text[at] == '-' ||
                            ((text[at] == '.' || text[at] == ',') && at > word.begin &&
                             std::isdigit(static_cast<unsigned char>(text[at - 1])) != 0);
        const bool letter = is_letter(text[at]) && step == 1;
        if (letter) {
          ++at;
        } else if (inside && at + step < text.size() && is_letter(text[at + step]) &&
                   !is_long_mark(text, at + step)) {
          at += step;
        } else if (is_apostrophe(text, at) && text[at - 1] == 's' && at + step < text.size() &&
                   text[at + step] == ' ') {
          at += step;  // "the authors' model"
          break;
        } else {
          break;
        }
      }
    } else {
      word.kind = WordClass::kMark;
      at += is_long_mark(text, at) ? 3 : 1;
    }
    word.end = std::min(at, text.size());
    for (const char c : text.substr(word.begin, word.end - word.begin))
      word.lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    words.push_back(std::move(word));
  }
  return words;
}

void set_class(TaggedWord& word, text::PartOfSpeech tag) {
  using enum text::PartOfSpeech;
  switch (tag) {
    case kNoun:
      word.kind = WordClass::kNoun;
      break;
    case kPluralNoun:
      word.kind = WordClass::kNoun;
      word.plural = true;
      break;
    case kName:
      word.kind = WordClass::kName;
      break;
    case kPronoun:
    case kThere:
      word.kind = WordClass::kPronoun;
      break;
    case kDeterminer:
    case kPossessivePronoun:
    case kPossessive:
      word.kind = WordClass::kDeterminer;
      break;
    case kAdjective:
      word.kind = WordClass::kAdjective;
      break;
    case kNumber:
      word.kind = WordClass::kNumber;
      break;
    case kPast:
    case kPresent:
    case kThirdPersonPresent:
    case kModal:
      word.kind = WordClass::kFiniteVerb;
      word.present = tag == kPresent;
      break;
    case kVerb:
    case kGerund:
    case kPastParticiple:
      word.kind = WordClass::kOtherVerb;
      word.gerund = tag == kGerund;
      word.participle = tag == kPastParticiple;
      break;
    case kAdverb:
    case kParticle:
      word.kind = WordClass::kAdverb;
      break;
    case kPreposition:
    case kTo:
      word.kind = WordClass::kPreposition;
      break;
    case kConjunction:
      word.kind = WordClass::kConjunction;
      break;
    case kWhAdverb:
    case kWhDeterminer:
    case kWhPronoun:
      word.kind = WordClass::kWh;
      break;
    case kMark:
      word.kind = WordClass::kMark;
      break;
    case kNone:
    case kInterjection:
      break;
  }
}

}  // namespace

struct SentenceTagger::Model {
  text::Tagger tagger;
};

SentenceTagger::SentenceTagger(const std::filesystem::path& model)
    : model_(std::make_unique<const Model>(Model{text::Tagger::open(model)})) {}
SentenceTagger::~SentenceTagger() = default;
SentenceTagger::SentenceTagger(SentenceTagger&&) noexcept = default;

std::vector<TaggedWord> SentenceTagger::tag(std::string_view sentence) const {
  std::vector<TaggedWord> words = words_of(sentence);
  std::vector<text::ContextToken> tokens;
  for (const TaggedWord& word : words)
    tokens.push_back(text::make_token(sentence.substr(word.begin, word.end - word.begin)));
  std::vector<uint8_t> tags;
  model_->tagger.tag(tokens, tags);
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i].kind == WordClass::kMark) continue;
    set_class(words[i], static_cast<text::PartOfSpeech>(tags[i]));
    // Figures are seldom in what the tagger learned from, which are words.
    if (std::isdigit(static_cast<unsigned char>(words[i].lower[0])) != 0)
      words[i].kind = WordClass::kNumber;
  }
  return words;
}

std::optional<ClauseStart> clause_at(const std::vector<TaggedWord>& words, size_t from,
                                     size_t most_subject_words) {
  ClauseStart clause;
  clause.subject_begin = from;
  bool head = false;
  for (size_t at = from; at < words.size(); ++at) {
    const TaggedWord& word = words[at];
    switch (word.kind) {
      case WordClass::kNoun:
      case WordClass::kName:
      case WordClass::kPronoun:
        head = true;
        break;
      case WordClass::kNumber:
      case WordClass::kDeterminer:
        // "these are", "two were"
        if (at == from) head = true;
        break;
      case WordClass::kAdjective:
      case WordClass::kConjunction:
        break;
      case WordClass::kOtherVerb:
        if (head || word.gerund) break;  // "the gate opened in 1911 was", "opening the gate was"
        if (at > from) break;
        return std::nullopt;
      case WordClass::kPreposition:
        if (!head) return std::nullopt;
        break;
      case WordClass::kAdverb:
        if (!head) return std::nullopt;
        break;
      case WordClass::kFiniteVerb: {
        if (!head) return std::nullopt;
        clause.verb = at;
        clause.subject_end = at;
        // "it never opens": the adverb is no part of the subject.
        while (clause.subject_end > from + 1 &&
               words[clause.subject_end - 1].kind == WordClass::kAdverb)
          --clause.subject_end;
        return clause;
      }
      default:
        return std::nullopt;
    }
    if (at - from + 1 > most_subject_words) return std::nullopt;
  }
  return std::nullopt;
}

std::string in_sentence(std::string_view sentence, const std::vector<TaggedWord>& words,
                        size_t begin, size_t end) {
  if (begin >= end || end > words.size()) return {};
  std::string text(sentence.substr(words[begin].begin, words[end - 1].end - words[begin].begin));
  const TaggedWord& first = words[begin];
  const bool capitals = text.size() > 1 && std::isupper(static_cast<unsigned char>(text[1])) != 0;
  if (first.kind != WordClass::kName && first.lower != "i" && !first.lower.starts_with("i'") &&
      !capitals)
    text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

}  // namespace myna::podcast
