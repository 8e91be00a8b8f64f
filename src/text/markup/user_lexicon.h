// The user's own pronunciations: W3C PLS 1.0 or a two-column text file
// (docs/formats/user-lexicon.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "text/g2p/phoneme_string.h"
#include "text/normalize/token.h"
#include "text/spoken_text.h"

namespace myna::text {

// What a lexicon file says about one written form.
struct LexiconDefinition {
  std::string written;
  std::string alias;  // text to be read instead; empty: phonemes
  PhonemeString american;
  PhonemeString british;
  uint32_t file = 0;  // of several: which one
  SourceSpan source;  // in the file
  size_t line = 1;
};

// A problem in one of several lexicon files.
struct LexiconProblem {
  uint32_t file = 0;
  Diagnostic diagnostic;
};

// An immutable set of definitions; safe from many threads.
//
// A written form matches whole words, the longest form first: "Lake Myna" before "Myna". One in
// lower case matches any case; one with capitals matches as it is written, or all in capitals.
// Behind the last word "'s" is understood. Aliases may use other definitions.
class UserLexicon {
 public:
  // A part of what is said: phonemes for `text`, or text for the normaliser.
  struct Segment {
    std::string text;
    PhonemeString american;
    PhonemeString british;
    bool has_phonemes() const { return !american.empty(); }
  };
  struct Match {
    uint32_t begin = 0;  // bytes in the text
    uint32_t end = 0;
    const std::vector<Segment>* spoken = nullptr;
    bool possessive = false;  // the text goes on with 's, which is part of the match
  };

  // Words and marks that one written form may have; bytes that an alias may grow to.
  static constexpr size_t kMaxTokens = 16;
  static constexpr size_t kMaxAliasBytes = 4096;

  // Of several definitions of one written form the last one counts. An alias that leads back to
  // itself is an error: it is read without the definition that closes the circle.
  UserLexicon(std::vector<LexiconDefinition> definitions, std::vector<LexiconProblem>& problems);

  bool empty() const { return entries_.empty(); }
  size_t size() const { return entries_.size(); }

  // Appends the matches in text[begin, end), ascending and without overlaps. The text is filtered
  // (split/character_filter.h). Linear in it.
  void find(std::string_view text, uint32_t begin, uint32_t end, std::vector<Match>& matches) const;

 private:
  enum class State : uint8_t { kNew, kOpen, kDone };
  struct Entry {
    LexiconDefinition definition;
    std::vector<Segment> spoken;
    bool any_case = false;
    State state = State::kNew;
  };
  struct Found {
    size_t entry = 0;
    size_t token_count = 0;  // 0: nothing
    bool possessive = false;
  };

  void add(LexiconDefinition&& definition, std::vector<LexiconProblem>& problems);
  void resolve(size_t index, int depth, std::vector<LexiconProblem>& problems);
  Found match_at(std::string_view text, const std::vector<Token>& tokens, size_t at) const;
  // The entry for `key`, which is how the folded words of `written` are looked up.
  const size_t* entry_for(const std::string& key, std::string_view written) const;

  std::vector<Entry> entries_;
  // First word, folded -> bit n: some entry of n + 1 tokens begins with it.
  std::unordered_map<std::string, uint32_t> lengths_;
  // All words, folded -> entries, those with capitals first.
  std::unordered_map<std::string, std::vector<size_t>> by_key_;
};

// What a lexicon file holds, by its content: PLS when it begins with "<", otherwise two columns.
// Never throws for what the file says.
std::vector<LexiconDefinition> read_lexicon(std::string_view content,
                                            std::vector<Diagnostic>& diagnostics);
std::vector<LexiconDefinition> read_pls_lexicon(std::string_view content,
                                                std::vector<Diagnostic>& diagnostics);
std::vector<LexiconDefinition> read_text_lexicon(std::string_view content,
                                                 std::vector<Diagnostic>& diagnostics);

}  // namespace myna::text
