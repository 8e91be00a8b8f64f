// SSML over arbitrary bytes: it never throws, every place lies in the text, every value in its
// range, and a strict reading speaks all or nothing.
#include <algorithm>
#include <cstdint>

#include "fuzz_markup_check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace myna::text;
  static const FrontEnd kFrontEnd(FUZZ_LEXICON_DIRECTORY);
  const std::string_view source(reinterpret_cast<const char*>(data), size);
  FrontEndOptions options = markup_fuzz_options(TextFormat::kSsml);
  const SpokenText spoken = kFrontEnd.process(source, options);
  check_markup_result(spoken, options, source);
  options.strictness = Strictness::kStrict;
  const SpokenText strict = kFrontEnd.process(source, options);
  check_markup_result(strict, options, source);
  const bool has_error = std::any_of(
      strict.diagnostics.begin(), strict.diagnostics.end(),
      [](const Diagnostic& diagnostic) { return diagnostic.severity == Severity::kError; });
  FUZZ_CHECK(!has_error || strict.utterances.empty());
  return 0;
}
