// Dialogue scripts and plain-text direction over arbitrary bytes.
#include <cstdint>

#include "fuzz_markup_check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace myna::text;
  static const FrontEnd kFrontEnd(FUZZ_LEXICON_DIRECTORY);
  const std::string_view source(reinterpret_cast<const char*>(data), size);
  detect_format(source);
  for (const TextFormat format : {TextFormat::kScript, TextFormat::kPlain, TextFormat::kMarkdown}) {
    const FrontEndOptions options = markup_fuzz_options(format);
    const SpokenText spoken = kFrontEnd.process(source, options);
    check_markup_result(spoken, options, source);
    bool in_turn = false;
    for (const Utterance& utterance : spoken.utterances) {
      in_turn |= utterance.turn_start != TurnStart::kNone;
      FUZZ_CHECK(utterance.turn_end == TurnEnd::kNone || format == TextFormat::kScript);
      FUZZ_CHECK(utterance.turn_end == TurnEnd::kNone || in_turn);
    }
  }
  return 0;
}
