// An item as the editing sees it: one text with the headline in front, its sentences as byte ranges
// of that text, and words as numbers. Everything that a show says points into such a text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace myna::editing {

struct SourceSentence {
  size_t begin = 0;  // byte range of SourceText::text
  size_t end = 0;
  size_t paragraph = 0;         // 0 is the headline
  std::vector<uint32_t> words;  // hashed stems in order, function words left out
  size_t word_count = 0;        // all words
};

struct SourceText {
  std::string id;         // "s1": within one show
  std::string publisher;  // name of the feed
  std::string origin;     // the publisher's part of the host; the feed's name without one
  std::string url;
  std::string title;
  std::string author;
  std::vector<std::string> categories;
  std::optional<int64_t> published_s;
  std::string text;  // headline, blank line, paragraphs with blank lines between
  std::vector<SourceSentence> sentences;  // in order; the first one is the headline

  std::string_view sentence(size_t index) const {
    return std::string_view(text).substr(sentences[index].begin,
                                         sentences[index].end - sentences[index].begin);
  }
};

inline constexpr size_t kMaxSentences = 400;  // of an item; what comes later is not looked at

// Cuts `paragraphs` into sentences and fills text and sentences. Square brackets, which direct the
// reading of a script, become round ones, and control characters blanks.
void set_text(SourceText& source, const std::vector<std::string>& paragraphs,
              size_t max_sentences = kMaxSentences);

// Hashed stems of the words of a text, function words left out.
std::vector<uint32_t> content_words(std::string_view text);
// Words in lower case, as written: letters, digits, and ' - . , inside of them.
std::vector<std::string> plain_words(std::string_view text);
bool is_function_word(std::string_view lower_case_word);

// Share of words that two sets have in common (Jaccard).
double word_overlap(const std::vector<uint32_t>& a, const std::vector<uint32_t>& b);

}  // namespace myna::editing
