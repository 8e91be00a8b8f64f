#include "text/spoken_text.h"

#include "base/utf8.h"

namespace myna::text {

std::string Utterance::phoneme_text() const {
  std::string text;
  text.reserve(phonemes.size() * 2);
  for (const Phoneme& phoneme : phonemes) append_utf8(text, phoneme.symbol);
  return text;
}

std::string Utterance::normalized_text() const {
  std::string text;
  int32_t last_word = -1;
  size_t silent = 0;  // the next word that may have no phonemes
  const auto add_word = [&](size_t index) {
    if (!text.empty() && text.back() != ' ' && index > 0 && !text.ends_with("(") &&
        !text.ends_with("“") && !text.ends_with("—")) {
      text += ' ';
    }
    text += words[index].text;
  };
  for (const Phoneme& phoneme : phonemes) {
    if (phoneme.word >= 0) {
      if (phoneme.word == last_word) continue;
      for (; silent < static_cast<size_t>(phoneme.word); ++silent) add_word(silent);
      add_word(static_cast<size_t>(phoneme.word));
      last_word = phoneme.word;
      silent = static_cast<size_t>(phoneme.word) + 1;
    } else if (phoneme.symbol != U' ' || (!text.empty() && text.back() != ' ')) {
      append_utf8(text, phoneme.symbol);
    }
  }
  for (; silent < words.size(); ++silent) add_word(silent);
  return text;
}

}  // namespace myna::text
