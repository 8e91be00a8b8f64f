#include "text/split/sentence_breaker.h"

#include <unicode/brkiter.h>
#include <unicode/locid.h>
#include <unicode/utext.h>

#include "base/error.h"

namespace myna::text {

struct SentenceBreaker::State {
  std::unique_ptr<icu::BreakIterator> iterator;
  UText text = UTEXT_INITIALIZER;
  ~State() { utext_close(&text); }
};

SentenceBreaker::SentenceBreaker() : state_(std::make_unique<State>()) {
  UErrorCode status = U_ZERO_ERROR;
  state_->iterator.reset(
      icu::BreakIterator::createSentenceInstance(icu::Locale::getEnglish(), status));
  if (U_FAILURE(status)) {
    throw Error(ErrorCode::kUnavailable,
                std::string("ICU has no sentence rules: ") + u_errorName(status),
                "install Debian's libicu72");
  }
}

SentenceBreaker::~SentenceBreaker() = default;

void SentenceBreaker::find(std::string_view text, std::vector<uint32_t>& starts) {
  starts.clear();
  if (text.empty()) return;
  UErrorCode status = U_ZERO_ERROR;
  utext_openUTF8(&state_->text, text.data(), static_cast<int64_t>(text.size()), &status);
  state_->iterator->setText(&state_->text, status);
  if (U_FAILURE(status)) throw Error(ErrorCode::kInternal, "ICU refused the text");
  state_->iterator->first();
  for (int32_t at = state_->iterator->next(); at != icu::BreakIterator::DONE;
       at = state_->iterator->next()) {
    if (static_cast<size_t>(at) < text.size()) starts.push_back(static_cast<uint32_t>(at));
  }
}

}  // namespace myna::text
