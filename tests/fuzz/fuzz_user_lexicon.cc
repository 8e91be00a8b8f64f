// User lexicons over arbitrary bytes, in both formats: what they define is used on a text that
// holds the lexicon's own words.
#include <cstdint>

#include "fuzz_markup_check.h"
#include "text/markup/user_lexicon.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace myna::text;
  static const FrontEnd kFrontEnd(FUZZ_LEXICON_DIRECTORY);
  const std::string_view source(reinterpret_cast<const char*>(data), size);
  std::vector<Diagnostic> diagnostics;
  std::vector<LexiconDefinition> definitions = read_lexicon(source, diagnostics);
  std::string text;
  for (const LexiconDefinition& definition : definitions) {
    FUZZ_CHECK(definition.source.begin <= definition.source.end);
    FUZZ_CHECK(definition.source.end <= source.size());
    FUZZ_CHECK(definition.line >= 1);
    FUZZ_CHECK(definition.alias.empty() != definition.american.empty());
    FUZZ_CHECK(definition.american.empty() == definition.british.empty());
    text += definition.written + ". ";
  }
  for (const Diagnostic& diagnostic : diagnostics) {
    check_markup_span(diagnostic.source, source);
    FUZZ_CHECK(!myna::find_invalid_utf8(diagnostic.message));
  }
  std::vector<LexiconProblem> problems;
  FrontEndOptions options = markup_fuzz_options(TextFormat::kPlain);
  options.dialect = size % 2 == 0 ? Dialect::kAmerican : Dialect::kBritish;
  options.lexicon = std::make_shared<const UserLexicon>(std::move(definitions), problems);
  for (const LexiconProblem& problem : problems)
    FUZZ_CHECK(!myna::find_invalid_utf8(problem.diagnostic.message));
  check_markup_result(kFrontEnd.process(text, options), options, text);
  return 0;
}
