// A sentence as words with their parts of speech: where its subject ends, where a clause of its own
// begins. The tagger is that of the text front end.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace myna::podcast {

enum class WordClass : unsigned char {
  kOther,
  kNoun,
  kName,
  kPronoun,
  kDeterminer,  // the, this, his, 's
  kAdjective,
  kNumber,
  kFiniteVerb,  // was, opens, opened, must
  kOtherVerb,   // to open, opening, been opened
  kAdverb,
  kPreposition,
  kConjunction,  // and, or, but
  kWh,           // which, who, when
  kMark,
};

struct TaggedWord {
  size_t begin = 0;  // bytes of the sentence
  size_t end = 0;
  WordClass kind = WordClass::kOther;
  bool participle = false;  // opened, been
  bool gerund = false;      // opening
  bool plural = false;
  bool present = false;  // a finite verb of the present, other persons than the third
  std::string lower;
};

class SentenceTagger {
 public:
  // The file tagger.safetensors of the package pronunciation-en. Throws Error kUnavailable,
  // kCorruptData.
  explicit SentenceTagger(const std::filesystem::path& model);
  ~SentenceTagger();
  SentenceTagger(SentenceTagger&&) noexcept;

  std::vector<TaggedWord> tag(std::string_view sentence) const;

 private:
  struct Model;
  std::unique_ptr<const Model> model_;
};

// Words [begin, end) that are the subject of a clause which begins at `from`, and the place of its
// finite verb. Nothing when it is no plain one: a name, a pronoun, or "the old gate of the town".
struct ClauseStart {
  size_t subject_begin = 0;
  size_t subject_end = 0;
  size_t verb = 0;
};
std::optional<ClauseStart> clause_at(const std::vector<TaggedWord>& words, size_t from,
                                     size_t most_subject_words = 9);

// "the old gate" of "The old gate": a small letter in front unless the first word is a name.
std::string in_sentence(std::string_view sentence, const std::vector<TaggedWord>& words,
                        size_t begin, size_t end);

}  // namespace myna::podcast
