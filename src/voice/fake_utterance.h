// Utterances for tests, written as symbols: "ab cd." has the words "ab" and "cd".
#pragma once

#include <cctype>
#include <string_view>

#include "text/spoken_text.h"

namespace myna::voice {

// Words are runs of letters; spans count from source_begin.
inline text::Utterance fake_utterance(std::string_view symbols, text::Break break_after,
                                      size_t source_begin = 0) {
  text::Utterance result;
  result.source = {source_begin, source_begin + symbols.size()};
  result.break_after = break_after;
  bool in_word = false;
  for (size_t i = 0; i < symbols.size(); ++i) {
    const bool letter = std::isalpha(static_cast<unsigned char>(symbols[i])) != 0;
    const text::SourceSpan here{source_begin + i, source_begin + i + 1};
    if (letter && !in_word) result.words.push_back({"", here, i, 0});
    if (letter) {
      text::Word& word = result.words.back();
      word.text += symbols[i];
      word.source.end = here.end;
      ++word.phoneme_count;
    }
    in_word = letter;
    result.phonemes.push_back({static_cast<char32_t>(static_cast<unsigned char>(symbols[i])), here,
                               letter ? static_cast<int32_t>(result.words.size()) - 1 : -1});
  }
  return result;
}

}  // namespace myna::voice
