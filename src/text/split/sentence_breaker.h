// Where sentences may start, by ICU's rules (Unicode Annex 29). It knows no abbreviations: the
// normaliser, which reads "Dr." as a word, drops the boundaries behind those.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace myna::text {

// Not thread-safe; each thread uses its own (making one costs some 100 µs).
class SentenceBreaker {
 public:
  // Throws Error kUnavailable when ICU's data is missing.
  SentenceBreaker();
  ~SentenceBreaker();

  // Byte offsets of sentence starts in (0, text.size()), ascending. text is UTF-8, at most 2 GiB.
  void find(std::string_view text, std::vector<uint32_t>& starts);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace myna::text
