// Addresses of the net, read aloud.
#pragma once

#include "text/normalize/rule.h"

namespace myna::text {

// Reads tokens [begin, end) as an e-mail address, a URL, a path: words as words, digits one by one,
// every symbol by its name.
void speak_electronic(const Tokens& tokens, size_t begin, size_t end, SpeechBuilder& speech);

// '@' -> "at", '.' -> "dot": the name of a symbol where every character is read; empty when it has
// none.
std::string_view spelled_symbol(char32_t symbol);

}  // namespace myna::text
