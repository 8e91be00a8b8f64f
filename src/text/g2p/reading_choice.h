// Which reading of a homograph is meant, for the words that the homograph model does not know: by
// the part of speech.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "text/g2p/lexicon.h"
#include "text/g2p/part_of_speech.h"

namespace myna::text {

// The words of a sentence in lower case; an empty one stands for a punctuation mark.
using SentenceWords = std::span<const std::string>;

// stem: what was looked up; word: what is written, perhaps with an ending ("objects", "objected").
ReadingTag choose_reading(PartOfSpeech part_of_speech, std::string_view stem, std::string_view word,
                          const LexiconEntry& entry);

// "used to" is said with an s.
bool is_used_to(SentenceWords words, size_t at);
// "that" as in "that day": with a full vowel.
bool is_demonstrative_that(SentenceWords words, size_t at);

}  // namespace myna::text
