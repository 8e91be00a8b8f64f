// Which reading of a homograph is meant, from the words around it. Simple rules for now: the word's
// neighbours, function words and endings; a trained tagger can take this place.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "text/g2p/lexicon.h"

namespace myna::text {

// A sentence's words in lower case; an empty string stands for a mark.
using SentenceWords = std::span<const std::string>;

// The reading of words[at], whose dictionary form is `stem` ("lives" of "live"). Only readings in
// the lexicon's sense: kDefault when nothing speaks for another one.
ReadingTag guess_reading(SentenceWords words, size_t at, std::string_view stem,
                         const LexiconEntry& entry);

// "used to": past habit, not use.
bool is_used_to(SentenceWords words, size_t at);
// "that" as a demonstrative: "that is", "that day", "after that."
bool is_demonstrative_that(SentenceWords words, size_t at);

}  // namespace myna::text
