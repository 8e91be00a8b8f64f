#include "text/normalize/speech.h"

namespace myna::text {

void SpeechBuilder::words(std::string_view phrase) {
  while (!phrase.empty()) {
    const size_t space = phrase.find(' ');
    if (space != 0) word(phrase.substr(0, space));
    if (space == std::string_view::npos) return;
    phrase.remove_prefix(space + 1);
  }
}

void SpeechBuilder::own_words(std::string_view phrase) { words(owned_.emplace_back(phrase)); }

}  // namespace myna::text
