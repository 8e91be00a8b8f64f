// A sentence of a source made fit to be heard, by leaving words out: datelines, parentheses,
// asides, openings that only join it to what went before. What stays is in the order of the source,
// so that no fact can come in; a sentence that would lose a "not" stays as it is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace myna::editing {

inline constexpr size_t kMaxSpokenWords = 20;

// One or two sentences of at most max_words each; empty when it cannot be done.
std::vector<std::string> spoken_sentences(std::string_view sentence,
                                          size_t max_words = kMaxSpokenWords);

// A headline as a sentence: with a period, without a "Live:" or the publisher's name at its end;
// cut at a mark when it is longer than max_words, empty when that does not help.
std::string spoken_headline(std::string_view headline, std::string_view publisher,
                            size_t max_words = 12);

// Whether a listener needs the sentence before it: "He", "This", "But", "However", ...
bool depends_on_previous(std::string_view sentence);
// Whether it is no statement for a listener: a question to the reader, "Read more", a lone
// quotation without its speaker, a list without verb, a line about the page itself.
bool is_unfit(std::string_view sentence);

}  // namespace myna::editing
