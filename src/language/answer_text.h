// Bytes of tokens become text that may be shown: never half of a UTF-8 character, and never the
// beginning of a stop text that may still come.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace myna::language {

// Not thread-safe.
class AnswerText {
 public:
  // Empty stop texts are ignored.
  explicit AnswerText(std::vector<std::string> stop);

  // Takes the bytes of one more token and returns what may be shown now, possibly nothing.
  std::string append(std::string_view bytes);
  // What was held back, when nothing more comes. Bytes that are no UTF-8 become U+FFFD.
  std::string finish();

  // A stop text came: it and what follows is not part of the answer, and nothing more may be
  // appended.
  bool stopped() const { return stopped_; }

 private:
  std::string take(size_t count);

  std::vector<std::string> stop_;
  std::string held_;  // came, not yet shown
  bool stopped_ = false;
};

}  // namespace myna::language
