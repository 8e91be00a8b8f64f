// The text front end over arbitrary bytes: it never throws for what a text says, every position
// that it reports lies in the text, every piece is short enough for the voice, and no word is lost.
#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/utf8.h"
#include "fuzz_check.h"
#include "text/front_end.h"

namespace {

using namespace myna;
using namespace myna::text;

const FrontEnd& front_end() {
  static const FrontEnd instance(FUZZ_LEXICON_DIRECTORY);
  return instance;
}

bool is_continuation_byte(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

void check_span(const SourceSpan& span, std::string_view source, bool well_formed) {
  FUZZ_CHECK(span.begin <= span.end && span.end <= source.size());
  if (!well_formed) return;
  FUZZ_CHECK(span.begin == source.size() || !is_continuation_byte(source[span.begin]));
  FUZZ_CHECK(span.end == source.size() || !is_continuation_byte(source[span.end]));
}

void check_utterance(const Utterance& utterance, const FrontEndOptions& options,
                     std::string_view source, bool well_formed) {
  check_span(utterance.source, source, well_formed);
  FUZZ_CHECK(!utterance.phonemes.empty());
  FUZZ_CHECK(utterance.phonemes.size() <= options.max_phonemes);
  size_t previous_end = 0;
  for (const Word& word : utterance.words) {
    check_span(word.source, source, well_formed);
    FUZZ_CHECK(word.first_phoneme >= previous_end);
    FUZZ_CHECK(word.phoneme_count <= utterance.phonemes.size());
    FUZZ_CHECK(word.first_phoneme <= utterance.phonemes.size() - word.phoneme_count);
    previous_end = word.first_phoneme + word.phoneme_count;
  }
  for (const Phoneme& phoneme : utterance.phonemes) {
    check_span(phoneme.source, source, well_formed);
    FUZZ_CHECK(phoneme.word >= -1 && phoneme.word < static_cast<int64_t>(utterance.words.size()));
  }
  FUZZ_CHECK(!find_invalid_utf8(utterance.phoneme_text()));
  FUZZ_CHECK(!find_invalid_utf8(utterance.normalized_text()));
}

// Each letter of a plain text is spoken as part of a word, or a diagnostic says why it is not.
// Markdown is excepted: a link's target and the marks of a code block are not read.
void check_nothing_lost(const SpokenText& spoken, std::string_view source) {
  std::vector<char> accounted(source.size(), 0);
  const auto account = [&](const SourceSpan& span) {
    std::fill(accounted.begin() + static_cast<ptrdiff_t>(span.begin),
              accounted.begin() + static_cast<ptrdiff_t>(span.end), 1);
  };
  for (const Utterance& utterance : spoken.utterances) {
    for (const Word& word : utterance.words) account(word.source);
  }
  for (const Diagnostic& diagnostic : spoken.diagnostics) account(diagnostic.source);
  for (size_t i = 0; i < source.size(); ++i) {
    const bool letter =
        (source[i] >= 'a' && source[i] <= 'z') || (source[i] >= 'A' && source[i] <= 'Z');
    FUZZ_CHECK(!letter || accounted[i]);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view source(reinterpret_cast<const char*>(data), size);
  const bool well_formed = !find_invalid_utf8(source);

  FrontEndOptions options;
  options.dialect = size % 2 == 0 ? Dialect::kAmerican : Dialect::kBritish;
  for (const TextFormat format : {TextFormat::kPlain, TextFormat::kMarkdown}) {
    options.format = format;
    // Every third input starts early, as streaming does.
    options.first_target_phonemes = size % 3 == 0 ? 60 : 0;
    const SpokenText spoken = front_end().process(source, options);
    size_t previous_begin = 0;
    for (const Utterance& utterance : spoken.utterances) {
      check_utterance(utterance, options, source, well_formed);
      FUZZ_CHECK(utterance.source.begin >= previous_begin);
      previous_begin = utterance.source.begin;
    }
    for (const Diagnostic& diagnostic : spoken.diagnostics) {
      check_span(diagnostic.source, source, well_formed);
      FUZZ_CHECK(diagnostic.line >= 1 && diagnostic.column >= 1);
      FUZZ_CHECK(!find_invalid_utf8(diagnostic.message));
    }
    // Direction in brackets is obeyed, not read: fuzz_script looks at it.
    const bool has_direction = source.find('[') != std::string_view::npos;
    if (format == TextFormat::kPlain && !has_direction) check_nothing_lost(spoken, source);
  }
  FUZZ_CHECK(!find_invalid_utf8(front_end().phonemize(source, options.dialect)));
  return 0;
}
