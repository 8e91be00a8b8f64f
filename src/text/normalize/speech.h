// What the normaliser produces: spoken words and prosody marks, each with its range in the text.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace myna::text {

enum class Reading : uint8_t {
  kAuto,     // look the word up
  kLetters,  // name each letter: FBI, the "a" of "a dot b"
};

struct SpeechItem {
  std::string_view word;  // empty for a mark; points into the text, a table or SpeechBuilder
  char32_t mark = 0;      // one of ; : , . ! ? — … “ ” ( )
  uint32_t begin = 0;     // range in the text
  uint32_t end = 0;
  Reading reading = Reading::kAuto;
  bool space_before = true;
  bool compound = false;      // continues the word before it: well-known, CamelCase
  bool sentence_end = false;  // the sentence ends behind this item
  // Given by the author, for `word` in the dialect in work; nothing: looked up.
  std::u16string_view phonemes;

  bool is_word() const { return mark == 0; }
};

// Not thread-safe. Words given to word() must live as long as the text or be static; others go
// through own_word().
class SpeechBuilder {
 public:
  void clear() {
    items_.clear();
    owned_.clear();
  }
  // Words that follow stand for text[begin, end).
  void set_source(uint32_t begin, uint32_t end) {
    begin_ = begin;
    end_ = end;
  }
  void word(std::string_view text, Reading reading = Reading::kAuto) {
    items_.push_back({text, 0, begin_, end_, reading, true, false, false, {}});
  }
  void own_word(std::string text, Reading reading = Reading::kAuto) {
    word(owned_.emplace_back(std::move(text)), reading);
  }
  // Several words parted by single spaces; the same lifetime as word().
  void words(std::string_view phrase);
  // The same for words that live no longer than the call.
  void own_words(std::string_view phrase);
  // The next part of a hyphenated word. It and the part before must be views of the text itself.
  void compound(std::string_view text) {
    items_.push_back({text, 0, begin_, end_, Reading::kAuto, false, true, false, {}});
  }
  void mark(char32_t symbol, bool space_before = false) {
    items_.push_back({{}, symbol, begin_, end_, Reading::kAuto, space_before, false, false, {}});
  }

  std::vector<SpeechItem>& items() { return items_; }
  const std::vector<SpeechItem>& items() const { return items_; }

 private:
  std::vector<SpeechItem> items_;
  std::deque<std::string> owned_;
  uint32_t begin_ = 0;
  uint32_t end_ = 0;
};

}  // namespace myna::text
